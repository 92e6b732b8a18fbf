"""Google's stream as one JSON array."""

import json

import pytest

from faregate.formats.gemini import DIALECT, ArrayFrames
from faregate.kernel.errors import Garbage

ELEMENTS = [
    {"candidates": [{"content": {"parts": [{"text": 'a "quoted\\" { brace'}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "line\nü ]"}]}, "finishReason": "STOP"}]},
]
ARRAY = json.dumps(ELEMENTS, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_any_cutting_gives_the_same_frames(size: int) -> None:
    cutter = ArrayFrames()
    frames = [frame for at in range(0, len(ARRAY), size) for frame in cutter.feed(ARRAY[at : at + size])]
    assert [json.loads(frame.removeprefix(b"data: ")) for frame in frames] == ELEMENTS
    assert all(frame.count(b"\n") == 2 and b"\r" not in frame for frame in frames)
    assert [DIALECT.glimpse(frame).final for frame in frames] == [False, True]
    assert cutter.rest() == b""


def test_an_element_that_did_not_end_is_left_over() -> None:
    cutter = ArrayFrames()
    assert cutter.feed(b'[{"a":1},\n{"b":"x') == [b'data: {"a":1}\n\n']
    assert cutter.rest() == b'{"b":"x'


def test_what_is_no_array_is_left_over() -> None:
    cutter = ArrayFrames()
    assert cutter.feed(b"<html>no</html>") == []
    assert cutter.rest() == b"<html>no</html>"


def test_an_element_beyond_the_limit_is_garbage() -> None:
    cutter = ArrayFrames(limit_bytes=100)
    assert cutter.feed(b'[{"a":"' + b"x" * 50) == []
    with pytest.raises(Garbage):
        cutter.feed(b"x" * 60)


def test_a_long_element_in_small_chunks_is_cut_in_linear_time() -> None:
    cutter = ArrayFrames()
    text = "x" * 300_000
    body = json.dumps([{"a": text}]).encode()
    frames = [frame for at in range(0, len(body), 100) for frame in cutter.feed(body[at : at + 100])]
    assert json.loads(frames[0].removeprefix(b"data: ")) == {"a": text}
