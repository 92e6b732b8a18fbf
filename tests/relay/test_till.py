"""What is held for a request: its estimate, or the least prompt where the body is too small to need one."""

import json
from pathlib import Path
from typing import Any

import pytest

from faregate.billing import Limits
from faregate.formats.dialect import Envelope
from faregate.formats.turn import DialectName
from faregate.identity import KeyRecord
from faregate.kernel.errors import Unavailable
from faregate.pricing import GroupRatios, PriceBook, PriceMaps, ToolPrices
from faregate.relay.plan import Wish
from faregate.relay.request import Request
from faregate.relay.routes import Mode
from faregate.relay.till import Quote, Tariffs, hold_for, quote
from faregate.storage import Database
from tests.billing.scene import ledger, person
from tests.relay.making import arrival, record, request

FLOOR = 500
_LINK = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}


def quoted(request: Request, *, ratio: float = 1, holds_free: bool = True) -> Quote:
    """The quote at `ratio` quota a token."""
    book = PriceBook(PriceMaps(model_ratio={"m": ratio}))
    tariffs = Tariffs(book, GroupRatios({}, {}), ToolPrices(), floor_tokens=FLOOR, holds_free=holds_free)
    return quote(tariffs, request)


def held(body: object, dialect: DialectName = "openai_chat") -> int:
    """What is held at one quota a token."""
    return quoted(request(body, dialect)).amount


def plain(mode: Mode, body: dict[str, object]) -> Request:
    """An understood call that is no conversation."""
    return Request(
        arrival(),
        record("k"),
        json.dumps(body).encode(),
        Envelope(model="m"),
        group="default",
        address="",
        wish=Wish(mode, "openai_chat", "m", "/"),
        affinity=None,
        picked_channel=0,
    )


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


@pytest.mark.parametrize(("mode", "field"), [(Mode.EMBED, "input"), (Mode.COMPLETE, "prompt")])
def test_token_numbers_are_held_one_by_one(mode: Mode, field: str) -> None:
    for given, tokens in ((list(range(8000)), 8000), ([list(range(8000))] * 3, 24_000), ([7] * 600, 600)):
        asked = plain(mode, {"model": "m", field: given})
        assert (asked.prompt_tokens, quoted(asked).amount) == (tokens, tokens)
    assert quoted(plain(mode, {"model": "m", field: [1, 2, 3]})).amount == FLOOR
    # Two bytes a token: a body that would be too short for so much text.
    terse = json.dumps({"model": "m", field: [7] * 700}, separators=(",", ":")).encode()
    assert len(terse) < 3 * FLOOR
    asked = plain(mode, {})
    asked.body = terse
    assert quoted(asked).amount == 700


def test_token_numbers_beside_texts_add_to_their_estimate() -> None:
    text = plain(Mode.COMPLETE, {"model": "m", "prompt": ["word " * 500]}).prompt_tokens
    both = plain(Mode.COMPLETE, {"model": "m", "prompt": ["word " * 500, list(range(1000)), 7]}).prompt_tokens
    assert both == text + 1001


def test_numbers_elsewhere_are_no_tokens() -> None:
    asked = request(chat({"type": "text", "text": "hi"}) | {"input": [1, 2], "prompt": [3]})
    assert asked.token_numbers == 0


async def test_a_free_call_is_refused_while_the_ledger_takes_none(sqlite: Database, tmp_path: Path) -> None:
    async def exhausted(_: KeyRecord) -> None:
        raise AssertionError("a free call needs no quota")

    ada = await person(sqlite, 0)
    book = ledger(sqlite, tmp_path, Limits(flush_s=3600, poll_s=3600, backlog=2))
    await book.start()
    asked = request(chat({"type": "text", "text": "hi"}))
    free = quoted(asked, ratio=0, holds_free=False)
    for number in range(2):
        assert await hold_for(book, asked, free, exhausted) is None
        book.note(ada.settlement(f"r{number}"))
    with pytest.raises(Unavailable, match="too much waits to be written") as refused:
        await hold_for(book, asked, free, exhausted)
    assert refused.value.status == 503
    await book.flush()
    assert await hold_for(book, asked, free, exhausted) is None
    await book.stop()
