"""Whether this installation is set up, and setting it up."""

from pydantic import BaseModel, ConfigDict, Field

from faregate.identity.envelope import Done
from faregate.identity.installation import RootAccount, has_root, is_initialized, set_up
from faregate.identity.routing import Access, InContext, Router

router = Router("/api/setup", "setup")
_NAMES = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}


class SetupState(BaseModel):
    """`status`: set-up is done; then the other two mean nothing."""

    status: bool
    root_init: bool
    database_type: str


class SetupReply(BaseModel):
    """The state of the installation; this answer has no message."""

    success: bool = True
    data: SetupState


class SetupRequest(BaseModel):
    """The root account, two first options, and the secret that was printed when the server first started."""

    model_config = ConfigDict(populate_by_name=True)
    username: str = ""
    password: str = ""
    confirm_password: str = Field(default="", alias="confirmPassword")
    self_use: bool = Field(default=False, alias="SelfUseModeEnabled")
    demo_site: bool = Field(default=False, alias="DemoSiteEnabled")
    setup_secret: str = ""


@router.get("", access=Access.PUBLIC)
async def state(context: InContext) -> SetupReply:
    """Whether set-up is done."""
    async with context.database.read() as session:
        if await is_initialized(session):
            return SetupReply(data=SetupState(status=True, root_init=False, database_type=""))
        root = await has_root(session)
    name = _NAMES.get(context.database.backend, context.database.backend)
    return SetupReply(data=SetupState(status=False, root_init=root, database_type=name))


@router.post("", access=Access.PUBLIC, bounded_body=True)
async def begin(given: SetupRequest, context: InContext) -> Done:
    """Set the installation up; possible once."""
    wanted = RootAccount(given.username, given.password, given.confirm_password, given.setup_secret)
    options = {"SelfUseModeEnabled": _text(given.self_use), "DemoSiteEnabled": _text(given.demo_site)}
    await set_up(context, wanted, options)
    return Done(message="The system is set up.")


def _text(value: bool) -> str:
    return "true" if value else "false"
