"""Run-time settings for the console: every section with its fields, one atomic change, what was changed before.

A change names the revision it was made on, so that nobody's change is overwritten unseen.
"""

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.api.options import is_hidden
from faregate.identity import Access, ByCaller, InContext, Reply, Router, record
from faregate.identity.setting_changes import change_settings
from faregate.kernel.errors import BadRequest, Conflict
from faregate.storage import Topic, take_turn
from faregate.storage.sections import Section, is_prose
from faregate.storage.setting_changes import SettingChange, list_changes

router = Router("/api/console/settings", "settings")
_MOST_CHANGES, _PAGE, _KEY_LENGTH = 200, 50, 191
_PROTECTED = "payment_setting.compliance_"
Kind = Literal["switch", "number", "choice", "text", "prose", "json", "secret"]


class SettingField(BaseModel):
    """One setting. `value`: its text now, `default`: without a stored one; a secret's value is never shown."""

    key: str
    title: str
    kind: Kind
    value: str
    default: str
    is_stored: bool
    choices: list[str] = []
    minimum: float | None = None
    maximum: float | None = None


class SettingSection(BaseModel):
    """Settings that belong together."""

    name: str
    title: str
    help: str
    fields: list[SettingField]


class SettingsView(BaseModel):
    """All sections. `revision`: the newest change; it goes back with the next one."""

    revision: int
    sections: list[SettingSection]


class SettingsChange(BaseModel):
    """Texts by key; null goes back to the default. `revision`: of the view that the change was made on."""

    revision: int
    changes: dict[str, str | None] = Field(min_length=1, max_length=_MOST_CHANGES)


class PastChange(BaseModel):
    """One setting, changed once. `before` and `after` are null where the default held, or for a secret."""

    id: int
    key: str
    before: str | None
    after: str | None
    is_secret: bool
    changed_at: int
    username: str


@router.get("", access=Access.ROOT)
async def view_settings(context: InContext) -> Reply[SettingsView]:
    """Every section with its fields."""
    async with context.database.read() as session:
        revision = await _revision(session)
        stored = await context.settings.stored_texts(session, context.settings.titles())
    shown = context.settings.listed()
    sections: dict[type[Section], SettingSection] = {}
    for key, section, field, default in context.settings.fields():
        view = sections.setdefault(section, _empty(section))
        hidden = is_hidden(context, key)
        view.fields.append(
            SettingField(
                key=key,
                title=field.title or key,
                kind="secret" if hidden else _kind(field),
                value="" if hidden else shown.get(key, default),
                default="" if hidden else default,
                is_stored=key in stored,
                choices=_choices(field),
                minimum=_bound(field, "ge"),
                maximum=_bound(field, "le"),
            )
        )
    return Reply(data=SettingsView(revision=revision, sections=list(sections.values())))


@router.put("", access=Access.ROOT, bad_body_status=400)
async def save_settings(given: SettingsChange, caller: ByCaller, context: InContext) -> Reply[SettingsView]:
    """Change settings, all or none. Raises Conflict when one of them was changed since the view was read."""
    for key in given.changes:
        if not 0 < len(key) <= _KEY_LENGTH:
            raise BadRequest("changes: a key must name a setting.", param="changes")
        if key.startswith(_PROTECTED):
            raise BadRequest("The confirmation of the payment terms cannot be changed here.", param=key)
    async with context.database.write() as session:
        await take_turn(session, Topic.SETTINGS)
        await _refuse_overtaken(session, given)
        await change_settings(context, session, caller, given.changes)
        names = ", ".join(given.changes)
        await record(
            context, session, caller, "option.update", f"changed the settings {names}", keys=list(given.changes)
        )
    await context.bus.refresh()
    return await view_settings(context)


@router.get("/changes", access=Access.ROOT)
async def past_changes(context: InContext, key: str = "", older_than: int = 0) -> Reply[list[PastChange]]:
    """What was changed, newest first; of one setting or of all."""
    async with context.database.read() as session:
        rows = await list_changes(session, key=key, older_than=older_than, limit=_PAGE)
    return Reply(data=[PastChange.model_validate(row, from_attributes=True) for row in rows])


async def _revision(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(SettingChange.id))) or 0


async def _refuse_overtaken(session: AsyncSession, given: SettingsChange) -> None:
    query = select(SettingChange).where(SettingChange.id > given.revision, SettingChange.key.in_(list(given.changes)))
    overtaken = (await session.scalars(query.order_by(SettingChange.id.desc()).limit(1))).first()
    if overtaken is not None:
        raise Conflict(f"{overtaken.key} was changed by {overtaken.username} in the meantime; look at it again.")


def _empty(section: type[Section]) -> SettingSection:
    name = section.__name__.removesuffix("Settings")
    return SettingSection(name=name, title=section.title, help=section.help, fields=[])


def _choices(field: FieldInfo) -> list[str]:
    return [str(choice) for choice in get_args(field.annotation)] if get_origin(field.annotation) is Literal else []


def _kind(field: FieldInfo) -> Kind:
    annotation: Any = field.annotation
    if annotation is bool:
        return "switch"
    if annotation in (int, float):
        return "number"
    if get_origin(annotation) is Literal:
        return "choice"
    if annotation is not str:
        return "json"
    return "prose" if is_prose(field) else "text"


def _bound(field: FieldInfo, name: str) -> float | None:
    return next((float(getattr(rule, name)) for rule in field.metadata if hasattr(rule, name)), None)
