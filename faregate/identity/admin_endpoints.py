"""Administering users, and the catalogue of fine rights."""

from pydantic import BaseModel, Field, StrictInt

from faregate.identity.administration import (
    Mode,
    UserChange,
    apply_action,
    change_balance,
    manageable,
    may_give_rights,
    remove,
    update_user,
)
from faregate.identity.audit import record
from faregate.identity.envelope import Done, Page, Paged, Reply, whole
from faregate.identity.models import ROLE_ADMIN, ROLE_USER
from faregate.identity.permissions import BASELINE, LABELS, Rights, manages, overrides
from faregate.identity.routing import Access, ByCaller, InContext, Router
from faregate.identity.user_views import AdminUser, AdminUserWithRights, admin_view, admin_view_with_rights
from faregate.identity.users import (
    NewUser,
    UserFilter,
    check_password,
    checked_display_name,
    checked_name,
    create_user,
    get_user,
    list_users,
    quota_of,
)
from faregate.kernel.errors import BadRequest, Forbidden

router = Router("/api/user", "users")
authz_router = Router("/api/authz", "users")


class UserCreation(BaseModel):
    """A user to be made. `role` 0 means a plain user."""

    username: str = ""
    password: str = ""
    display_name: str = ""
    role: int = 0
    admin_permissions: Rights | None = None


class UserEdit(BaseModel):
    """An edit of a user; what is left out stays as it is."""

    id: StrictInt = 0
    username: str = ""
    display_name: str | None = None
    group: str | None = None
    remark: str | None = None
    password: str = ""
    role: int = 0
    admin_permissions: Rights | None = None


class UserAction(BaseModel):
    """Something to be done to a user. `mode` and `value` (quota) belong to `add_quota`."""

    id: StrictInt = 0
    action: str = ""
    mode: Mode | None = None
    value: int = Field(default=0)


class Action(BaseModel):
    """An action of a resource, with the console's translation keys."""

    action: str
    label_key: str
    description_key: str


class Resource(BaseModel):
    """A resource with its actions."""

    resource: str
    label_key: str
    actions: list[Action]


class Role(BaseModel):
    """A role and what it may do."""

    key: str
    name: str
    built_in: bool = True
    superuser: bool
    grants: Rights


class RightsCatalogue(BaseModel):
    """All fine rights, and who has them."""

    resources: list[Resource]
    roles: list[Role]


@router.get("/", access=Access.ADMIN)
async def list_all(
    context: InContext, paging: Paged, sort_by: str = "", sort_order: str = ""
) -> Reply[Page[AdminUser]]:
    """All users, deleted ones included."""
    return await _page(context, paging, UserFilter(sort_by=sort_by, ascending=sort_order == "asc"))


@router.get("/search", access=Access.ADMIN)
async def search(
    context: InContext,
    paging: Paged,
    keyword: str = "",
    group: str = "",
    role: str = "",
    status: str = "",
    sort_by: str = "",
    sort_order: str = "",
) -> Reply[Page[AdminUser]]:
    """Users by part of a name, by id, group, role and status (-1: deleted)."""
    wanted = UserFilter(
        keyword=keyword.strip(),
        group=group,
        role=_number(role),
        status=_number(status),
        sort_by=sort_by,
        ascending=sort_order == "asc",
    )
    return await _page(context, paging, wanted)


def _number(text: str) -> int | None:
    found = whole(text, -(2**40))
    return None if found == -(2**40) else found


async def _page(context: InContext, paging: Paged, wanted: UserFilter) -> Reply[Page[AdminUser]]:
    async with context.database.read() as session:
        total, users, quotas = await list_users(context, session, wanted, paging)
    return paging.reply(total, [admin_view(user, quotas.get(user.id, 0)) for user in users])


@router.get("/{user_id}", access=Access.ADMIN)
async def show(user_id: int, caller: ByCaller, context: InContext) -> Reply[AdminUserWithRights]:
    """One user."""
    async with context.database.read() as session:
        user = await get_user(session, user_id)
        if not manages(caller.user, user):
            raise Forbidden("Your role is not above the other account's.")
        return Reply(data=admin_view_with_rights(user, await quota_of(context, session, user.id)))


@router.post("/", access=Access.ADMIN)
async def create(given: UserCreation, caller: ByCaller, context: InContext) -> Done:
    """Make a user."""
    name = checked_name(given.username)
    check_password(given.password)
    role = given.role or ROLE_USER
    if role not in (ROLE_USER, ROLE_ADMIN):
        raise BadRequest(f"role must be {ROLE_USER} or {ROLE_ADMIN}.", param="role")
    if role >= caller.user.role:
        raise Forbidden("You can only make accounts with a lower role than your own.")
    may_give_rights(caller, given.admin_permissions)
    new = NewUser(
        username=name,
        password_hash=await context.passwords.hash(given.password),
        display_name=checked_display_name(given.display_name),
        role=role,
        permissions=overrides(given.admin_permissions or {}) if role >= ROLE_ADMIN else None,
    )
    async with context.database.write() as session:
        user = await create_user(context, session, new)
        text = f"made user {name} (id {user.id}) with role {role}"
        await record(context, session, caller, "user.create", text, role=role, target_user_id=user.id, username=name)
    return Done()


@router.put("/", access=Access.ADMIN)
async def edit(given: UserEdit, caller: ByCaller, context: InContext) -> Done:
    """Edit a user; balances, roles and states are changed by `manage`."""
    if given.password:
        check_password(given.password)
    change = UserChange(
        id=given.id,
        username=given.username,
        display_name=given.display_name,
        group=given.group,
        remark=given.remark,
        role=given.role,
        password_hash=await context.passwords.hash(given.password) if given.password else "",
        permissions=given.admin_permissions,
    )
    async with context.database.write() as session:
        await update_user(context, session, caller, change)
    return Done()


@router.post("/manage", access=Access.ADMIN)
async def manage(given: UserAction, caller: ByCaller, context: InContext) -> Reply[AdminUser] | Done:
    """Enable, disable, delete, promote, demote, or change the balance of a user."""
    async with context.database.write() as session:
        user = await manageable(session, caller, given.id)
        if given.action == "add_quota":
            if given.mode is None:
                raise BadRequest("mode must be add, subtract or override.", param="mode")
            await change_balance(context, session, caller, user, mode=given.mode, value=given.value)
            return Done()
        await apply_action(context, session, caller, user, given.action)
    return Done() if given.action == "delete" else Reply(data=AdminUser(role=user.role, status=user.status))


@router.delete("/{user_id}", access=Access.ADMIN)
async def delete(user_id: int, caller: ByCaller, context: InContext) -> Done:
    """Remove a user for good."""
    async with context.database.write() as session:
        await remove(context, session, caller, user_id)
    return Done()


@authz_router.get("/catalog", access=Access.ADMIN)
async def catalogue() -> Reply[RightsCatalogue]:
    """Every fine right, and what the built-in roles hold."""
    resources = [
        Resource(
            resource=resource,
            label_key=LABELS[resource],
            actions=[_action(resource, action) for action in actions],
        )
        for resource, actions in BASELINE.items()
    ]
    everything = {resource: dict.fromkeys(actions, True) for resource, actions in BASELINE.items()}
    baseline = {resource: dict(actions) for resource, actions in BASELINE.items()}
    roles = [
        Role(key="root", name="Root", superuser=True, grants=everything),
        Role(key="admin", name="Admin", superuser=False, grants=baseline),
    ]
    return Reply(data=RightsCatalogue(resources=resources, roles=roles))


def _action(resource: str, action: str) -> Action:
    label = LABELS[f"{resource}.{action}"]
    return Action(action=action, label_key=label, description_key=label)
