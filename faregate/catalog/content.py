"""What anybody may read about the site: its texts, its state, its uptime groups."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from faregate.catalog.console_lists import items
from faregate.catalog.settings import ConsoleSettings, SiteSettings
from faregate.catalog.status import site_status
from faregate.identity import Access, InContext, Refusal, Reply, Router, is_initialized

router = Router("/api", "content")


class Traffic(BaseModel):
    """Connections being served."""

    active_connections: int


class Health(BaseModel):
    """The server's health."""

    success: bool = True
    message: str
    http_stats: Traffic


class UptimeGroup(BaseModel):
    """A group of watched services."""

    categoryName: str
    monitors: list[dict[str, Any]]


@router.get("/status", access=Access.PUBLIC)
async def status(context: InContext) -> Reply[dict[str, Any]]:
    """Everything the console needs before anybody signs in."""
    async with context.database.read() as session:
        is_set_up = await is_initialized(session)
    shown = site_status(context.settings, version=context.version, started_at=context.started_at, is_set_up=is_set_up)
    return Reply(data=shown)


@router.get("/status/test", access=Access.ADMIN)
async def health(context: InContext) -> Health:
    """Whether the database answers."""
    try:
        async with context.database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Refusal("The database does not answer.", status=503) from error
    return Health(message="The server is running.", http_stats=Traffic(active_connections=context.connections()))


@router.get("/notice", access=Access.PUBLIC)
async def notice(context: InContext) -> Reply[str]:
    """The notice."""
    return Reply(data=context.settings.get(SiteSettings).notice)


@router.get("/about", access=Access.PUBLIC)
async def about(context: InContext) -> Reply[str]:
    """The about page."""
    return Reply(data=context.settings.get(SiteSettings).about)


@router.get("/home_page_content", access=Access.PUBLIC)
async def home_page(context: InContext) -> Reply[str]:
    """The home page."""
    return Reply(data=context.settings.get(SiteSettings).home_page)


@router.get("/user-agreement", access=Access.PUBLIC)
async def user_agreement(context: InContext) -> Reply[str]:
    """The user agreement."""
    return Reply(data=context.settings.get(SiteSettings).user_agreement)


@router.get("/privacy-policy", access=Access.PUBLIC)
async def privacy_policy(context: InContext) -> Reply[str]:
    """The privacy policy."""
    return Reply(data=context.settings.get(SiteSettings).privacy_policy)


@router.get("/uptime/status", access=Access.PUBLIC)
async def uptime(context: InContext) -> Reply[list[UptimeGroup]]:
    """The configured uptime groups by name, without monitors: Uptime Kuma is not asked."""
    groups = items(context.settings.get(ConsoleSettings).uptime_groups)
    return Reply(data=[UptimeGroup(categoryName=group["categoryName"], monitors=[]) for group in groups])
