"""The audit log: storing lines, and the automatic line of an administrative write that wrote none of its own."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import Caller, Context, Declaration, LineType, LogLine, administrative
from faregate.kernel.clock import Clock
from faregate.logbook.models import Record


class StoredAudit:
    """Log lines as rows of the logbook."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def write(self, session: AsyncSession, line: LogLine) -> None:
        """Append `line` within the caller's transaction."""
        session.add(
            Record(
                created_at=int(self._clock.now()),
                type=int(line.type),
                user_id=line.user_id,
                username=line.username,
                content=line.content,
                ip=line.ip,
                request_id=line.request_id,
                other=msgspec.json.encode(line.other).decode() if line.other else "",
            )
        )


async def write_automatic(
    context: Context, declared: Declaration, caller: Caller, path: str, status: int, *, success: bool
) -> None:
    """Write who called which administrative route with which outcome; nothing of the body."""
    route = {"method": declared.method, "route": declared.path}
    action = declared.audit if declared.audit and success else "generic"
    other = administrative(caller, action, {} if action != "generic" else dict(route))
    other["audit_info"] = {**route, "path": path, "status": status, "success": success}
    line = LogLine(
        type=LineType.MANAGE,
        user_id=caller.id,
        username=caller.user.username,
        content=f"{declared.method} {declared.path}: {'done' if success else 'refused'}",
        ip=caller.visit.ip,
        request_id=caller.visit.request_id,
        other=other,
    )
    async with context.database.write() as session:
        await context.audit.write(session, line)
