"""What is held for a request: its estimate, or the least prompt where the body is too small to need one."""

from typing import Any

import pytest

from faregate.formats.turn import DialectName
from faregate.pricing import GroupRatios, PriceBook, PriceMaps, ToolPrices
from faregate.relay.till import Tariffs, quote
from tests.relay.making import request

FLOOR = 500
_LINK = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}


def held(body: object, dialect: DialectName = "openai_chat") -> int:
    """What is held at one quota a token."""
    book = PriceBook(PriceMaps(model_ratio={"m": 1}))
    tariffs = Tariffs(book, GroupRatios({}, {}), ToolPrices(), floor_tokens=FLOOR)
    return quote(tariffs, request(body, dialect)).amount


def chat(*content: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": list(content)}]}


def test_a_short_text_is_held_as_the_least_prompt() -> None:
    assert held(chat({"type": "text", "text": "hi"})) == FLOOR


def test_links_to_pictures_are_held_as_pictures_however_short_the_body() -> None:
    few = {"type": "text", "text": "what is on these?"}
    assert held(chat(few, *[_LINK] * 8)) > 8 * FLOOR


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("openai_chat", chat(*[{"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}}] * 4)),
        ("openai_chat", chat(*[{"type": "video_url", "video_url": {"url": "https://x.test/v"}}] * 4)),
        ("openai_chat", chat(*[{"type": "file", "file": {"file_id": "f"}}] * 4)),
        (
            "openai_responses",
            {"model": "m", "input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}] * 4}]},
        ),
        (
            "anthropic",
            {
                "model": "m",
                "max_tokens": 1,
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "document", "source": {"type": "url", "url": "https://x.test/d"}}] * 4,
                    }
                ],
            },
        ),
        (
            "gemini",
            {"contents": [{"parts": [{"inlineData": {"mimeType": "application/pdf", "data": "AA"}}] * 4}]},
        ),
    ],
)
def test_other_media_too(dialect: DialectName, body: object) -> None:
    assert held(body, dialect) > FLOOR


def test_an_escaped_letter_hides_no_picture() -> None:
    hidden = rb'{"type":"im\u0061ge_url","im\u0061ge_url":{"url":"https://x.test/a.png"}}'
    body = rb'{"model":"m","messages":[{"role":"user","content":[' + b",".join([hidden] * 4) + b"]}]}"
    assert held(body) > FLOOR
