"""The automatic audit line of an administrative write that wrote none of its own."""

from faregate.identity import Caller, Context, Declaration, LineType, LogLine, administrative


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
