"""The first view of a page: what the build drew of it, filled in with what is true of this site.

A browser shows it before any script has come; the application then takes its place. Which one is drawn follows from the
path, from the site's texts, and from the cookie in which the console keeps the language, role and width of its frame;
the cookie opens nothing, it only chooses among drawings.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request

_COOKIE = "faregate_view"
_KEPT = re.compile(r"(en|zh)\.(0|1|10|100)\.(full|narrow)")
_VISITOR = "0"


@dataclass(frozen=True)
class SiteFacts:
    """What first views show of a site."""

    name: str
    home: str  # the front page's text; empty for the console's own
    address: str  # where clients send requests; empty for where the page came from


class Drawing(NamedTuple):
    """HTML for the page's head and body; empty where there is nothing to draw. The mark of the nonce is still in it."""

    head: str = ""
    view: str = ""


class FirstViews:
    """The drawings of a build. State: whether the site is set up, once it is: before that nothing is drawn."""

    def __init__(self, folder: Path, facts: Callable[[], SiteFacts], is_set_up: Callable[[], Awaitable[bool]]) -> None:
        self._folder = folder
        self._names = {path.stem for path in folder.glob("*.html")}
        heads = folder / "heads.json"
        self._heads: Mapping[str, str] = json.loads(heads.read_text("utf8")) if heads.exists() else {}
        self._facts = facts
        self._ask = is_set_up
        self._is_set_up = False

    async def draw(self, request: Request) -> Drawing:
        """What to show of the page that is asked for."""
        self._is_set_up = self._is_set_up or await self._ask()
        if not self._is_set_up:
            return Drawing()
        language, role, width = _kept(request)
        facts = self._facts()
        page = _page(request.url.path, role, facts)
        head = "" if role == _VISITOR else self._heads.get(page, "")
        name = f"{page}.{role}.{language}"
        if name not in self._names or (head and width == "narrow"):
            return Drawing(head)
        view = (self._folder / f"{name}.html").read_text("utf8")
        address = facts.address or f"{request.url.scheme}://{request.url.netloc}"
        for mark, text in (("SITE", facts.name), ("BASE", address), ("HOME", facts.home)):
            view = view.replace(f"FAREGATE_{mark}", escape(text))
        return Drawing(head, view)


def _kept(request: Request) -> tuple[str, str, str]:
    """Language, role and width: from the cookie, else a visitor's in the language that the browser asks for."""
    kept = _KEPT.fullmatch(request.cookies.get(_COOKIE, ""))
    if kept is not None:
        return kept[1], kept[2], kept[3]
    language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    return language, _VISITOR, "full"


def _page(path: str, role: str, facts: SiteFacts) -> str:
    """The page that will be shown: whoever has not signed in is sent to do so, whoever has is sent on from there."""
    page = path.strip("/")
    if not page:
        return "home-written" if facts.home else "home"
    if role == _VISITOR:
        return "sign-in"
    return "overview" if page == "sign-in" else page
