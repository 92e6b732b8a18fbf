"""Run-time settings as typed sections.

A room declares a frozen `Section` whose fields are made with `option(...)`: the wire name (New API's option key), the
default, title and help. Values are stored as text rows, one a key, and read through an immutable snapshot; a value
that does not fit is refused when written, and a stored one that does not fit is logged and the default holds.
Secrets are sealed in their rows; one that cannot be opened is logged, and the default holds.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar, get_origin

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python
from sqlalchemy import String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faregate.kernel.errors import BadRequest
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import BadSecret, Vault
from faregate.storage.engine import Database
from faregate.storage.tables import Base, LongText

_log = get_logger(__name__)
_YES, _NO = frozenset(("1", "t", "T", "true", "TRUE", "True")), frozenset(("0", "f", "F", "false", "FALSE", "False"))
_SECRET_ENDINGS = ("Token", "Secret", "Key", "secret", "api_key")
_PURPOSE = "setting"
_SEALED = "sealed:"  # what a sealed value begins with; earlier releases left secrets in clear
_ELSEWHERE = "It was sealed with another master secret and counts as not set: save it again, or start with that secret."
SectionType = TypeVar("SectionType", bound="Section")


class SettingRow(Base):
    """One setting that was ever saved. The value of a secret is sealed."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(191), primary_key=True)
    value: Mapped[str] = mapped_column(LongText)


class Section(BaseModel):
    """A group of settings that one room owns."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)
    title: ClassVar[str] = ""
    help: ClassVar[str] = ""


def option(key: str, default: Any, title: str, *, secret: bool = False, prose: bool = False, **rules: Any) -> Any:
    """A field stored under the wire name `key`; `prose`: text of several lines.

    `rules` are pydantic's (ge, le, max_length, default_factory…).
    """
    extra: dict[str, Any] = {"option": key, "secret": secret, "prose": prose}
    return Field(default, title=title, json_schema_extra=extra, **rules)


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra: Any = field.json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def field_key(field: FieldInfo) -> str:
    """The wire name of a section's field."""
    return str(_extra(field)["option"])


def is_prose(field: FieldInfo) -> bool:
    """True for a text of several lines."""
    return bool(_extra(field).get("prose"))


def _is_secret(field: FieldInfo) -> bool:
    return bool(_extra(field).get("secret"))


def to_text(value: Any) -> str:
    """A value as New API's option endpoint shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    return msgspec.json.encode(to_jsonable_python(value, exclude_none=True)).decode()


def from_text(text: str, field: FieldInfo) -> Any:
    """The raw value for pydantic: JSON for lists and maps, a boolean where we know one, the text otherwise."""
    kind: Any = get_origin(field.annotation) or field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return msgspec.json.decode(text.encode()) if text.strip() else {}
    if kind is bool:
        return _boolean(text, namespaced="." in field_key(field))
    if kind in (list, dict, tuple):
        return msgspec.json.decode(text.encode()) if text.strip() else ([] if kind is not dict else {})
    return text


def _boolean(text: str, *, namespaced: bool) -> bool | str:
    """As New API reads them: a plain key is true for the exact text `true` alone, a namespaced one has more words."""
    if not namespaced:
        return text == "true"
    return text in _YES if text in _YES | _NO else text


class SettingsStore:
    """All sections of the house, and their present values. `get(section)` is a dictionary look-up."""

    def __init__(self, database: Database, sections: Iterable[type[Section]], vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._sections = tuple(sections)
        self._fields: dict[str, tuple[type[Section], str, FieldInfo]] = {}
        for section in self._sections:
            for name, field in section.model_fields.items():
                self._fields[field_key(field)] = (section, name, field)
        self._texts: dict[str, str] = {}
        self._values: dict[type[Section], Section] = {section: section() for section in self._sections}
        self._loading = asyncio.Lock()

    @property
    def sections(self) -> tuple[type[Section], ...]:
        """Every section, in the order of registration."""
        return self._sections

    def get(self, section: type[SectionType]) -> SectionType:
        """The present values of a section."""
        return self._values[section]  # pyright: ignore[reportReturnType]

    def text(self, key: str) -> str | None:
        """The stored text of a key, or None when it was never saved or cannot be opened."""
        return self._texts.get(key)

    def is_secret(self, key: str) -> bool:
        """True when the value of `key` must never be shown: it is declared so, or its name says so."""
        found = self._fields.get(key)
        return key.endswith(_SECRET_ENDINGS) or (found is not None and _is_secret(found[2]))

    def fields(self) -> Iterable[tuple[str, type[Section], FieldInfo, str]]:
        """Every known key with its section, its declaration, and the default as text."""
        for key, (section, name, field) in self._fields.items():
            yield key, section, field, to_text(getattr(section(), name))

    def titles(self) -> dict[str, str]:
        """Every known key with what it is called."""
        return {key: field.title or key for key, (_, _, field) in self._fields.items()}

    def listed(self) -> dict[str, str]:
        """Every known or stored key with its text, secrets left out."""
        shown: dict[str, str] = {}
        for key, (section, name, _) in self._fields.items():
            shown[key] = self._texts.get(key, to_text(getattr(self._values[section], name)))
        shown.update({key: text for key, text in self._texts.items() if key not in self._fields})
        return {key: text for key, text in shown.items() if not self.is_secret(key)}

    async def load(self) -> None:
        """Read every row and swap the snapshot."""
        async with self._loading, self._database.read() as session:
            rows = (await session.execute(select(SettingRow.key, SettingRow.value))).all()
            self._texts = self._opened(dict(rows))
            self._values = {section: self._build(section, self._texts) for section in self._sections}

    def _opened(self, values: Mapping[str, str]) -> dict[str, str]:
        """The texts of stored values, without those that cannot be opened."""
        texts: dict[str, str] = {}
        for key, value in values.items():
            try:
                texts[key] = self._open(key, value)
            except BadSecret:
                _log.warning("setting.cannot_be_opened", key=key, message=_ELSEWHERE)
        return texts

    def _open(self, key: str, value: str) -> str:
        if self.is_secret(key) and value.startswith(_SEALED):
            return self._vault.unseal(_PURPOSE, key, value.removeprefix(_SEALED))
        return value

    def _is_bare_secret(self, key: str, value: str) -> bool:
        return self.is_secret(key) and not value.startswith(_SEALED)

    def _sealed(self, key: str, text: str) -> str:
        """What is stored for a text."""
        return _SEALED + self._vault.seal(_PURPOSE, key, text) if self.is_secret(key) else text

    def _build(self, section: type[SectionType], texts: Mapping[str, str]) -> SectionType:
        given: dict[str, Any] = {}
        for name, field in section.model_fields.items():
            text = texts.get(field_key(field))
            if text is None:
                continue
            try:
                section.model_validate({name: from_text(text, field)})
            except (ValidationError, msgspec.DecodeError, RecursionError):
                _log.warning("setting.unreadable", key=field_key(field))
                continue
            given[name] = from_text(text, field)
        return section.model_validate(given)

    async def stored(self, session: AsyncSession, section: type[SectionType]) -> SectionType:
        """The section as the database has it now, for a writer who changes a part of a value.

        The caller bumps Topic.SETTINGS first: whoever does so waits for the others.
        """
        keys = [field_key(field) for field in section.model_fields.values()]
        return self._build(section, await self.stored_texts(session, keys))

    async def stored_texts(self, session: AsyncSession, keys: Iterable[str]) -> dict[str, str]:
        """The texts that the database has now for `keys`; without those at their default or not to be opened."""
        rows = await session.execute(select(SettingRow.key, SettingRow.value).where(SettingRow.key.in_(list(keys))))
        return self._opened(dict(rows.all()))

    async def seal(self) -> None:
        """Seal the secrets that an earlier release left in clear. Their values stay, so nobody need be told."""
        async with self._database.read() as session:
            rows = (await session.execute(select(SettingRow.key, SettingRow.value))).all()
        for key in (key for key, value in rows if self._is_bare_secret(key, value)):
            # One row a transaction: processes that start at once, and writers, cannot wait for each other in a ring.
            async with self._database.write() as session:
                row = await session.get(SettingRow, key, with_for_update=True)
                if row is not None and self._is_bare_secret(key, row.value):
                    row.value = self._sealed(key, row.value)

    def check(self, changes: Mapping[str, str | None]) -> None:
        """Raise BadRequest, naming the key and the rule, when one of `changes` does not fit. Unknown keys pass."""
        for key, text in changes.items():
            found = self._fields.get(key)
            if found is None or text is None:
                continue
            section, name, field = found
            try:
                section.model_validate({name: from_text(text, field)})
            except msgspec.DecodeError as error:
                raise BadRequest(f"{key} is not valid JSON: {error}", param=key) from error
            except RecursionError as error:
                raise BadRequest(f"{key} is nested too deeply.", param=key) from error
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(step) for step in first["loc"][1:])
                raise BadRequest(f"{key}{'.' + where if where else ''}: {first['msg']}", param=key) from error

    async def write(self, session: AsyncSession, changes: Mapping[str, str | None]) -> None:
        """Store checked changes in the caller's transaction, all or none; None goes back to the default.

        The caller bumps Topic.SETTINGS.
        """
        self.check(changes)
        await session.execute(delete(SettingRow).where(SettingRow.key.in_(list(changes))))
        session.add_all(
            SettingRow(key=key, value=self._sealed(key, text)) for key, text in changes.items() if text is not None
        )
