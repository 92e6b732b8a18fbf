"""The envelope of the management API: `{"success", "message", "data"}`, pages, and how page parameters are read."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel

from faregate.kernel.errors import BadRequest

T = TypeVar("T")
_PAGE_SIZE, _MAX_PAGE_SIZE = 10, 100
_MAX_WILDCARDS, _MIN_OTHER = 2, 2


class Done(BaseModel):
    """Success without data."""

    success: bool = True
    message: str = ""


class Reply(BaseModel, Generic[T]):
    """Success with data."""

    success: bool = True
    message: str = ""
    data: T


class Page(BaseModel, Generic[T]):
    """One page of a list; `page` counts from 1."""

    page: int
    page_size: int
    total: int
    items: list[T]


class Paging:
    """Which page was asked for. Numbers that make no sense become the first page or the default size."""

    def __init__(self, page: int = 1, size: int = _PAGE_SIZE) -> None:
        self.page = max(1, page)
        self.size = min(_MAX_PAGE_SIZE, size) if size > 0 else _PAGE_SIZE

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.size

    def reply(self, total: int, items: Sequence[T]) -> Reply[Page[T]]:
        """The page as an answer."""
        return Reply(data=Page(page=self.page, page_size=self.size, total=total, items=list(items)))


def whole(text: str | None, default: int = 0) -> int:
    """A whole number of up to 18 digits from a query, or the default."""
    stripped = (text or "").strip()
    digits = stripped.removeprefix("-")
    return int(stripped) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else default


def _paging(request: Request, p: str = "", page_size: str = "") -> Paging:
    query = request.query_params
    size = page_size or query.get("ps") or query.get("size")
    return Paging(min(whole(p, 1), 1_000_000), whole(size, _PAGE_SIZE))


Paged = Annotated[Paging, Depends(_paging)]


def like(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere, its own wildcards escaped with `!`, in small letters."""
    escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def wildcards(text: str) -> str | None:
    """None when `text` is to be matched exactly; else its LIKE pattern (escape `!`), where only `%` is special.

    Raises BadRequest for `%%`, more than two wildcards, or fewer than two other characters.
    """
    if "%" not in text:
        return None
    if "%%" in text or text.count("%") > _MAX_WILDCARDS or len(text.replace("%", "")) < _MIN_OTHER:
        raise BadRequest(
            "A search pattern takes at most two separate % and needs two other characters.", param="keyword"
        )
    return text.replace("!", "!!").replace("_", "!_")


def shown(value: Any) -> Any:
    """None as the empty text, anything else as it is."""
    return "" if value is None else value
