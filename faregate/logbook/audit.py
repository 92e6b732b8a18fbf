"""Writes the management API's own log lines: identity's `Audit` on the record table."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import LogLine
from faregate.kernel.clock import Clock
from faregate.logbook.writer import write_line


class AuditLog:
    """Appends lines within the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def write(self, session: AsyncSession, line: LogLine) -> None:
        """Append `line`."""
        await write_line(
            session,
            int(line.type),
            at=int(self._clock.now()),
            user_id=line.user_id,
            username=line.username,
            content=line.content,
            other=msgspec.json.encode(line.other).decode() if line.other else "",
            ip=line.ip,
            request_id=line.request_id,
        )
