"""docs/sdks.md tells what a run finds: each row is compared, or written with FAREGATE_WRITE_DOCS=1."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.sdks import genai2
from tests.sdks.exchange import CLIENTS, Cell, Exchange
from tests.sdks.expected import expected, plain
from tests.sdks.pair import UPSTREAMS
from tests.sdks.scenarios import SCENARIOS, Scenario

_PAGE = Path(__file__).parents[2] / "docs" / "sdks.md"
_TITLES = {
    "openai-chat": "openai, chat",
    "openai-responses": "openai, Responses",
    "anthropic": "anthropic, Messages",
    "genai3": "google-genai 3",
    "genai2": "google-genai 2",
}
_PACKAGES = {"openai-chat": "openai", "openai-responses": "openai", "anthropic": "anthropic", "genai3": "google-genai"}
_WORDS: dict[Scenario, str] = {"text": "text", "tools": "tools", "image": "images"}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_page_tells_what_this_run_found(exchange: Exchange, client: str) -> None:
    cells = [_entry(exchange.cell(client, upstream), client, upstream) for upstream in UPSTREAMS]
    row = f"| {_TITLES[client]} | {' | '.join([_version(client), *cells])} |"
    if os.environ.get("FAREGATE_WRITE_DOCS") == "1":
        _write(client, row)
    assert _row(client) == row


def _version(client: str) -> str:
    return genai2.version() if client == genai2.SERVICE else version(_PACKAGES[client])


def _entry(cell: Cell, client: str, upstream: str) -> str:
    """`translated: text, tools, images; left out: store`."""
    works = [_WORDS[one] for one in SCENARIOS if _is_right(cell, one, CLIENTS[client])]
    how = "unchanged" if CLIENTS[client] == upstream else "translated"
    notes = sorted({note for record in cell.records for note in record["other"].get("notes", ())})
    left_out = f"; left out: {', '.join(f'`{note}`' for note in notes)}" if notes else ""
    return f"{how}: {', '.join(works) or 'nothing'}{left_out}"


def _is_right(cell: Cell, scenario: Scenario, dialect: str) -> bool:
    return all(plain(cell.outcomes[scenario, streamed]) == expected(scenario, dialect) for streamed in (False, True))


def _row(client: str) -> str:
    lines = _PAGE.read_text(encoding="utf8").splitlines()
    return next(line for line in lines if line.startswith(_start(client)))


def _write(client: str, row: str) -> None:
    lines = _PAGE.read_text(encoding="utf8").splitlines()
    lines = [row if line.startswith(_start(client)) else line for line in lines]
    _PAGE.write_text("\n".join(lines) + "\n", encoding="utf8")


def _start(client: str) -> str:
    return f"| {_TITLES[client]} |"
