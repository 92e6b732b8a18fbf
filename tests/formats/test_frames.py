"""Cutting bytes into SSE frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.formats.frames import Frames, data_of, event_of, frame
from faregate.kernel.errors import Garbage

STREAM = b": hi\n\ndata: one\n\nevent: x\r\ndata: two\r\n\r\ndata: a\ndata: b\n\ndata: three\n\r\ndata: half"


def cut(body: bytes, sizes: list[int]) -> tuple[list[bytes], bytes]:
    """The frames and the rest of a body that arrives in pieces of these sizes."""
    frames = Frames()
    out: list[bytes] = []
    for size in sizes:
        out += frames.feed(body[:size])
        body = body[size:]
    return out + frames.feed(body), frames.rest()


def test_frames_end_at_a_blank_line_of_any_kind_and_keep_their_bytes() -> None:
    frames, rest = cut(STREAM, [])
    assert frames == [
        b": hi\n\n",
        b"data: one\n\n",
        b"event: x\r\ndata: two\r\n\r\n",
        b"data: a\ndata: b\n\n",
        b"data: three\n\r\n",
    ]
    assert rest == b"data: half"


@given(st.lists(st.integers(0, 20), max_size=30))
def test_any_cutting_gives_the_same_frames(sizes: list[int]) -> None:
    assert cut(STREAM, sizes) == cut(STREAM, [])


def test_a_long_line_in_many_chunks_is_one_frame() -> None:
    frames = Frames()
    assert [frames.feed(b"data: "), *(frames.feed(b"x" * 1000) for _ in range(50))] == [[]] * 51
    assert frames.feed(b"\n\n") == [b"data: " + b"x" * 50_000 + b"\n\n"]


def test_one_long_line_in_many_chunks_is_one_frame() -> None:
    frames = Frames()
    assert [frames.feed(b"x" * 10) for _ in range(3)] == [[], [], []]
    assert frames.feed(b"\n\ny") == [b"x" * 30 + b"\n\n"]
    assert frames.rest() == b"y"


def test_a_boundary_split_over_two_chunks_is_found_once() -> None:
    frames = Frames()
    assert frames.feed(b"data: a\r\n\r") == []
    assert frames.feed(b"\ndata: b\n\n") == [b"data: a\r\n\r\n", b"data: b\n\n"]
    assert frames.rest() == b""


def test_a_frame_beyond_the_limit_is_garbage() -> None:
    frames = Frames(limit_bytes=10)
    assert frames.feed(b"data: 1234") == []
    with pytest.raises(Garbage) as caught:
        frames.feed(b"5")
    assert caught.value.code == "upstream.frame_size"
    with pytest.raises(Garbage):
        Frames(limit_bytes=10).feed(b"data: 12345")


@pytest.mark.parametrize(
    ("given", "data"),
    [
        (b"data: {}\n\n", b"{}"),
        (b"data:{}\r\n\r\n", b"{}"),
        (b"event: x\ndata: {}\n\n", b"{}"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b": ping\n\n", b""),
        (b"data: {}", b"{}"),
        (b"data: {}\nid: 1\n\n", b"{}"),
        (b'data: {"a":"data:x"}\n\n', b'{"a":"data:x"}'),
    ],
)
def test_the_data_of_a_frame_is_read_in_every_form(given: bytes, data: bytes) -> None:
    assert data_of(given) == data


def test_the_event_name_is_read_and_written() -> None:
    assert event_of(b"event: ping\r\ndata: {}\r\n\r\n") == "ping"
    assert event_of(b"data: {}\n\n") == ""
    assert frame(b"{}", "ping") == b"event: ping\ndata: {}\n\n"
    assert frame(b"{}") == b"data: {}\n\n"
