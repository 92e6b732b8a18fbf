"""Files of frames: round trips, torn tails, full disks, locks."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faregate.billing.journal import Contents, Journal, Lock, contents, lock_path, owners, segments
from faregate.kernel.errors import Defect, Unavailable


def journal(folder: Path, worker: str = "w", **more: int) -> Journal:
    lock = Lock.take(lock_path(folder, worker))
    assert lock is not None
    return Journal(folder, worker, lock, **more)


def read(folder: Path, worker: str = "w") -> list[bytes]:
    return [payload for path in segments(folder, worker) for payload in contents(path).payloads]


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    book = journal(tmp_path)
    for payload in (b"one", b"2", b"three" * 1000):
        book.append(payload)
    assert read(tmp_path) == [b"one", b"2", b"three" * 1000]


@pytest.mark.parametrize("lost", range(1, 12))
def test_a_torn_tail_is_passed_over(tmp_path: Path, lost: int) -> None:
    book = journal(tmp_path)
    book.append(b"one")
    book.append(b"two")
    (path,) = segments(tmp_path, "w")
    path.write_bytes(path.read_bytes()[:-lost])
    assert contents(path) == Contents([b"one"], 0)


FRAMES = [b"payload-%d" % number for number in range(4)]  # of 17 bytes each, behind a magic of 8


def segment(folder: Path) -> tuple[Path, bytearray]:
    """A segment with four frames, and its bytes to be changed."""
    book = journal(folder)
    for payload in FRAMES:
        book.append(payload)
    (path,) = segments(folder, "w")
    return path, bytearray(path.read_bytes())


@pytest.mark.parametrize("frame", range(4))
@pytest.mark.parametrize("byte", range(4, 17))
def test_a_changed_byte_of_checksum_or_payload_costs_its_frame_only(tmp_path: Path, frame: int, byte: int) -> None:
    path, data = segment(tmp_path)
    data[8 + 17 * frame + byte] ^= 1
    path.write_bytes(data)
    assert contents(path) == Contents(FRAMES[:frame] + FRAMES[frame + 1 :], 17)


@pytest.mark.parametrize("frame", range(3))
@pytest.mark.parametrize("bit", range(32))
def test_behind_a_changed_length_reading_goes_on_with_the_next_sound_frame(
    tmp_path: Path, frame: int, bit: int
) -> None:
    path, data = segment(tmp_path)
    data[8 + 17 * frame + bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    assert contents(path) == Contents(FRAMES[:frame] + FRAMES[frame + 1 :], 17)


def test_two_damaged_frames_in_a_row_are_both_passed_over(tmp_path: Path) -> None:
    path, data = segment(tmp_path)
    data[8 + 17 + 10] ^= 1
    data[8 + 34 + 10] ^= 1
    path.write_bytes(data)
    assert contents(path) == Contents([FRAMES[0], FRAMES[3]], 34)


def test_damage_before_a_torn_tail_is_still_damage(tmp_path: Path) -> None:
    path, data = segment(tmp_path)
    data[8 + 17 + 10] ^= 1
    path.write_bytes(data[:-3])
    assert contents(path) == Contents([FRAMES[0], FRAMES[2]], 17)


@pytest.mark.parametrize("size", [3, 8, 40])
def test_zeros_at_the_end_are_what_a_loss_of_power_leaves(tmp_path: Path, size: int) -> None:
    path, data = segment(tmp_path)
    path.write_bytes(data + bytes(size))
    assert contents(path) == Contents(FRAMES, 0)


def test_a_file_that_was_just_made_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "w.00000001.journal"
    path.write_bytes(b"FGJ")
    assert contents(path) == Contents([], 0)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.00000001.journal"
    path.write_bytes(b"FGJRNL99 and more")
    with pytest.raises(Defect, match="is not a journal that this release can read"):
        contents(path)


def test_segments_are_deleted_when_all_their_frames_are_in_the_database(tmp_path: Path) -> None:
    book = journal(tmp_path, segment_bytes=40)
    for number in range(6):
        book.append(b"payload-%d" % number)
    assert len(segments(tmp_path, "w")) == 4
    book.flushed(3)
    assert read(tmp_path) == [b"payload-2", b"payload-3", b"payload-4", b"payload-5"]
    book.flushed(3)
    assert read(tmp_path) == []
    assert len(segments(tmp_path, "w")) == 1


def test_more_frames_than_written_cannot_be_flushed(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.append(b"one")
    with pytest.raises(Defect, match="more frames flushed than written"):
        book.flushed(2)


def test_a_full_disk_tears_no_frame_and_the_journal_mends_itself(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.append(b"one")
    with disk_full_at(30):
        with pytest.raises(Unavailable, match="the journal cannot be written"):
            book.append(b"a payload that does not fit")
        assert book.broken
    book.append(b"two")
    assert not book.broken
    assert read(tmp_path) == [b"one", b"two"]
    book.flushed(2)
    assert read(tmp_path) == [b"two"]


def test_a_disk_without_room_for_a_new_segment_keeps_the_journal_broken(tmp_path: Path) -> None:
    book = journal(tmp_path)
    with disk_full_at(4):
        for _ in range(2):
            with pytest.raises(Unavailable, match="the journal cannot be written"):
                book.append(b"lost")
        assert book.broken
    assert [path.name for path in segments(tmp_path, "w")] == ["w.00000001.journal"]


def test_a_living_owner_keeps_its_lock(tmp_path: Path) -> None:
    first = Lock.take(tmp_path / "w.lock")
    assert first is not None
    assert Lock.take(tmp_path / "w.lock") is None
    first.free()
    second = Lock.take(tmp_path / "w.lock")
    assert second is not None
    second.remove()
    assert not (tmp_path / "w.lock").exists()


def test_owners_are_those_with_a_lock_or_a_segment(tmp_path: Path) -> None:
    for name in ("a.lock", "b.00000001.journal", "b.lock", "note.txt"):
        (tmp_path / name).touch()
    assert owners(tmp_path) == ["a", "b"]


def test_closing_leaves_the_files_and_removing_does_not(tmp_path: Path) -> None:
    book = journal(tmp_path, "a")
    book.append(b"one")
    book.close()
    assert read(tmp_path, "a") == [b"one"]
    journal(tmp_path, "b").remove()
    assert owners(tmp_path) == ["a"]
