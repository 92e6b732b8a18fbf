"""The audit log's lines: who did what to whom, in the shape New API's log reader knows."""

from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.callers import Caller, Visit
from faregate.identity.context import Context
from faregate.identity.doors import LineType, LogLine
from faregate.identity.models import User


def administrative(caller: Caller, action: str, params: dict[str, object]) -> dict[str, object]:
    """The `other` column of an administrative line. Values of request bodies never belong in `params`."""
    operation: dict[str, object] = {"action": action}
    if params:
        operation["params"] = params
    who = {
        "admin_id": caller.id,
        "admin_username": caller.user.username,
        "admin_role": caller.user.role,
        "auth_method": caller.method,
    }
    return {"op": operation, "admin_info": who}


async def record(
    context: Context, session: AsyncSession, caller: Caller, name: str, content: str, /, **params: object
) -> None:
    """Write the caller's own line about what was done, and mark that the automatic one is not needed."""
    line = LogLine(
        type=LineType.MANAGE,
        user_id=caller.id,
        username=caller.user.username,
        content=content,
        ip=caller.visit.ip,
        request_id=caller.visit.request_id,
        other=administrative(caller, name, params),
    )
    await context.audit.write(session, line)
    caller.recorded = True


async def record_sign_in(context: Context, session: AsyncSession, user: User, visit: Visit, method: str) -> None:
    """Write the line of a successful sign-in."""
    line = LogLine(
        type=LineType.LOGIN,
        user_id=user.id,
        username=user.username,
        content=f"signed in with {method}",
        ip=visit.ip,
        request_id=visit.request_id,
        other={
            "login_method": method,
            "op": {"action": "login", "params": {"method": method}},
            "user_agent": visit.user_agent,
        },
    )
    await context.audit.write(session, line)


async def record_system(context: Context, session: AsyncSession, user: User, content: str) -> None:
    """Write a line about something that happened to a user by itself."""
    line = LogLine(type=LineType.SYSTEM, user_id=user.id, username=user.username, content=content)
    await context.audit.write(session, line)
