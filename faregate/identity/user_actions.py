"""What the console does to one or several users at once: all of them, or none."""

from typing import Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.administration import Mode, apply_action, change_balance, manageable, set_group
from faregate.identity.callers import Caller
from faregate.identity.context import Context
from faregate.identity.envelope import Reply
from faregate.identity.models import User
from faregate.identity.routing import Access, ByCaller, InContext, Router
from faregate.kernel.errors import BadRequest

router = Router("/api/console/users", "users")
_MOST = 100
_MODES: dict[str, Mode] = {"add": "add", "subtract": "subtract", "set": "override"}


class UsersAction(BaseModel):
    """What to do to the users `ids`.

    `group` belongs to the action of that name; `quota` and `reason` to add, subtract and set, which change balances.
    """

    model_config = ConfigDict(str_strip_whitespace=True)
    ids: list[StrictInt] = Field(min_length=1, max_length=_MOST)
    action: Literal["enable", "disable", "group", "add", "subtract", "set"]
    group: str = ""
    quota: int = 0
    reason: str = Field(default="", max_length=255)


@router.post("/actions", access=Access.ADMIN)
async def act(given: UsersAction, caller: ByCaller, context: InContext) -> Reply[int]:
    """Enable, disable, move to a group, or change balances, for a stated reason; how many users.

    Nothing is done when one of the users may not be administered, or the action is not possible for it.
    """
    ids = sorted(set(given.ids))  # one order for all who lock several: no deadlocks
    async with context.database.write() as session:
        for ident in ids:
            user = await manageable(session, caller, ident)
            await _act(context, session, caller, user, given)
    return Reply(data=len(ids))


async def _act(context: Context, session: AsyncSession, caller: Caller, user: User, given: UsersAction) -> None:
    match given.action:
        case "enable" | "disable":
            await apply_action(context, session, caller, user, given.action)
        case "group":
            if not context.groups.exists(given.group):
                raise BadRequest(f"There is no group {given.group!r}.", param="group")
            await set_group(context, session, caller, user, given.group)
        case "add" | "subtract" | "set":
            mode = _MODES[given.action]
            await change_balance(context, session, caller, user, mode=mode, value=given.quota, reason=given.reason)
        case _:
            assert_never(given.action)
