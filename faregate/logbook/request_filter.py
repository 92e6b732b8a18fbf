"""Which requests are wanted: names become ids, and one restriction is chosen whose index is walked from its end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels import Channel
from faregate.identity import like, whole, wildcards
from faregate.identity.models import Key, User
from faregate.logbook.models import CONSUME, ERROR
from faregate.logbook.writer import record, rollup

Kind = Literal["all", "answered", "failed", "attempts"]
_MOST_NAMESAKES = 50
# What narrows most comes first; each has an index that ends in time and id.
_DRIVING = ("request_id", "key_id", "user_id", "channel_id", "model")
_SEARCHED = ("content", "model", "key_name", "username", "request_id", "upstream_request_id")
_INDEXED: dict[str, Any] = {"type": 0, "user_id": 0, "key_id": 0, "channel_id": 0, "model": "", "username": ""}
_NOWHERE = -1  # an id that no row has
_later = record.alias("later")


@dataclass(frozen=True)
class RequestFilter:
    """What is 0 or empty does not restrict. `since` and `until`: unix seconds, `until` excluded.

    `kind`: a request is shown by its outcome, an answer or its last failure; `attempts` shows every failed attempt.
    `model`, `key`, `user`, `channel`: a name, a pattern with `%`, or (but for models) `#` and an id. `owner_id`: only
    this user's. `stream`: "yes" or "no". `text`: found anywhere in the row's words, or a whole request id.
    """

    kind: Kind = "all"
    since: int = 0
    until: int = 0
    owner_id: int = 0
    model: str = ""
    key: str = ""
    user: str = ""
    channel: str = ""
    group: str = ""
    stream: str = ""
    request_id: str = ""
    upstream_request_id: str = ""
    text: str = ""


class Restriction(NamedTuple):
    """One column and what it must be."""

    column: str
    how: Literal["is", "in", "like"]
    value: Any

    def rule(self, table: Table) -> ColumnElement[bool]:
        """The rule as an index may answer it."""
        return self._said_of(table.c[self.column])

    def rest(self) -> ColumnElement[bool]:
        """The rule over records in words that no index answers: engines must not leave the one that was chosen."""
        return self._said_of(_unindexed(self.column))

    def _said_of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        match self.how:
            case "is":
                return column == self.value
            case "in":
                return column.in_(self.value)
            case "like":
                return column.like(self.value, escape="!")


@dataclass(frozen=True)
class Rules:
    """`driver` and time are answered by an index. `free` holds for nearly every row, `rest` perhaps for few."""

    driver: list[ColumnElement[bool]]
    free: list[ColumnElement[bool]]
    rest: list[ColumnElement[bool]]


@dataclass(frozen=True)
class Resolved:
    """A filter whose names have become ids."""

    since: int
    until: int
    restrictions: list[Restriction]
    text: str = ""

    def rules(self, kind: Kind) -> Rules:
        """The rules over the record table for one kind of row."""
        driving = self._driving(kind)
        rest = [one.rest() for one in self.restrictions if one is not driving]
        if self.text:
            pattern = like(self.text)
            rest.append(or_(*(func.lower(record.c[name]).like(pattern, escape="!") for name in _SEARCHED)))
        driver = [driving.rule(record)] if driving else []
        free: list[ColumnElement[bool]] = []
        if driving is not None and driving.column == "type":
            free += [] if kind == "attempts" else [is_outcome()]
        elif kind == "answered":
            free.append(_unindexed("type") == CONSUME)
        elif kind == "all":
            free += [_unindexed("type").in_((CONSUME, ERROR)), is_outcome()]
        else:
            free += [_unindexed("type") == ERROR, *([] if kind == "attempts" else [is_outcome()])]
        return Rules([*driver, *self.times(record.c.created_at)], free, rest)

    def times(self, column: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """The time asked for."""
        rules = [column >= self.since] if self.since else []
        return [*rules, column < self.until] if self.until else rules

    def between(self, since: int, until: int) -> "Resolved":
        """The same filter over another time."""
        return replace(self, since=since, until=until)

    def rolled_up(self) -> list[ColumnElement[bool]] | None:
        """The rules over the hourly sums (time left out), or None where those do not know what is asked."""
        if self.text or any(one.column not in rollup.c for one in self.restrictions):
            return None
        return [one.rule(rollup) for one in self.restrictions]

    def _driving(self, kind: Kind) -> Restriction | None:
        exact = {one.column: one for one in self.restrictions if one.how == "is"}
        if kind in ("failed", "attempts") and "request_id" not in exact:
            return Restriction("type", "is", ERROR)
        return next((exact[name] for name in _DRIVING if name in exact), None)


def _unindexed(column: str) -> ColumnElement[Any]:
    if column not in _INDEXED:
        return record.c[column]
    return func.coalesce(record.c[column], _INDEXED[column])


def is_outcome() -> ColumnElement[bool]:
    """The rule of what is shown of a request: answers, and failures after which it has no other row."""
    newer = or_(_later.c.type == CONSUME, and_(_later.c.type == ERROR, _later.c.id > record.c.id))
    followed = select(_later.c.id).where(_later.c.request_id == record.c.request_id, newer).correlate(record).exists()
    return or_(record.c.type == CONSUME, record.c.request_id == "", ~followed)


async def resolve(session: AsyncSession, wanted: RequestFilter) -> Resolved:
    """The filter with ids for names. Raises BadRequest for a pattern with too many `%` or too few letters."""
    found = [Restriction("user_id", "is", wanted.owner_id)] if wanted.owner_id else []
    found += _simple(wanted)
    found += await _key(session, wanted)
    found += await _user(session, wanted.user)
    found += await _channel(session, wanted.channel)
    text = wanted.text.strip()
    if text and await session.scalar(select(record.c.id).where(record.c.request_id == text).limit(1)):
        return Resolved(wanted.since, wanted.until, [*found, Restriction("request_id", "is", text)])
    return Resolved(wanted.since, wanted.until, found, text)


def _simple(wanted: RequestFilter) -> list[Restriction]:
    found = [_matching("model", wanted.model)] if wanted.model else []
    for column in ("group", "request_id", "upstream_request_id"):
        if value := getattr(wanted, column):
            found.append(Restriction(column, "is", value))
    if wanted.stream:
        found.append(Restriction("is_stream", "in", [wanted.stream == "yes"]))
    return found


def _matching(column: str, text: str) -> Restriction:
    pattern = wildcards(text)
    return Restriction(column, "is", text) if pattern is None else Restriction(column, "like", pattern)


def _numbered(text: str) -> int:
    """The id in `#12`, or 0."""
    return whole(text[1:]) if text.startswith("#") else 0


async def _key(session: AsyncSession, wanted: RequestFilter) -> list[Restriction]:
    if not wanted.key:
        return []
    if ident := _numbered(wanted.key):
        return [Restriction("key_id", "is", ident)]
    named = _matching("key_name", wanted.key)
    if named.how == "like":
        return [named]
    query = select(Key.id).where(Key.name == wanted.key).limit(_MOST_NAMESAKES + 1)
    idents = list(await session.scalars(query.where(Key.user_id == wanted.owner_id) if wanted.owner_id else query))
    return [_one_of("key_id", idents)] if 0 < len(idents) <= _MOST_NAMESAKES else [named]


async def _user(session: AsyncSession, user: str) -> list[Restriction]:
    if not user:
        return []
    if ident := _numbered(user):
        return [Restriction("user_id", "is", ident)]
    named = _matching("username", user)
    ident = None if named.how == "like" else await session.scalar(select(User.id).where(User.username == user))
    return [named if ident is None else Restriction("user_id", "is", ident)]


async def _channel(session: AsyncSession, channel: str) -> list[Restriction]:
    if not channel:
        return []
    if ident := _numbered(channel):
        return [Restriction("channel_id", "is", ident)]
    named = _matching("name", channel)
    column = Channel.__table__.c.name
    rule = column.like(named.value, escape="!") if named.how == "like" else column == channel
    return [_one_of("channel_id", list(await session.scalars(select(Channel.id).where(rule).limit(_MOST_NAMESAKES))))]


def _one_of(column: str, idents: Sequence[int]) -> Restriction:
    if len(idents) > 1:
        return Restriction(column, "in", list(idents))
    return Restriction(column, "is", idents[0] if idents else _NOWHERE)
