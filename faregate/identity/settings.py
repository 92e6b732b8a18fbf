"""What operators set about people: sign-in, registration, keys, providers, passkeys; and rules across fields."""

from collections.abc import Mapping
from typing import ClassVar

from faregate.identity.kept_tables import kept_tables_can_be_read
from faregate.kernel.errors import BadRequest
from faregate.storage import Section, SettingsStore, option
from faregate.storage.sections import field_key, from_text

_DOMAINS = "gmail.com,163.com,126.com,qq.com,outlook.com,hotmail.com,icloud.com,yahoo.com,foxmail.com"
_MOST = 2**53


class SignInSettings(Section):
    """Who may sign in and register, and how."""

    title: ClassVar[str] = "Sign-in"
    password_login: bool = option("PasswordLoginEnabled", True, "Sign in with a password")
    password_register: bool = option("PasswordRegisterEnabled", True, "Register with a password")
    registration_open: bool = option("RegisterEnabled", True, "Registration is open")
    email_verification: bool = option("EmailVerificationEnabled", False, "Registration needs a verified e-mail address")
    email_domain_restriction: bool = option("EmailDomainRestrictionEnabled", False, "Only listed e-mail domains")
    email_alias_restriction: bool = option("EmailAliasRestrictionEnabled", False, "Refuse e-mail aliases")
    email_domains: str = option("EmailDomainWhitelist", _DOMAINS, "Listed e-mail domains, separated by commas")


class NewUserSettings(Section):
    """What new users and those who invite them are given, in quota."""

    title: ClassVar[str] = "New users"
    welcome_quota: int = option("QuotaForNewUser", 0, "Quota of a new user", ge=0, le=_MOST)
    inviter_quota: int = option("QuotaForInviter", 0, "Reward for inviting", ge=0, le=_MOST)
    invitee_quota: int = option("QuotaForInvitee", 0, "Reward for being invited", ge=0, le=_MOST)


class KeySettings(Section):
    """Limits of API keys."""

    title: ClassVar[str] = "API keys"
    max_per_user: int = option("token_setting.max_user_tokens", 1000, "Keys a user may have", ge=0, le=1_000_000)


class TurnstileSettings(Section):
    """Cloudflare Turnstile before sign-in and registration."""

    title: ClassVar[str] = "Turnstile"
    check: bool = option("TurnstileCheckEnabled", False, "Ask for a Turnstile token")
    site_key: str = option("TurnstileSiteKey", "", "Site key")
    secret_key: str = option("TurnstileSecretKey", "", "Secret key", secret=True)


class GitHubSettings(Section):
    """Signing in with GitHub."""

    title: ClassVar[str] = "GitHub"
    enabled: bool = option("GitHubOAuthEnabled", False, "Sign in with GitHub")
    client_id: str = option("GitHubClientId", "", "Client id")
    client_secret: str = option("GitHubClientSecret", "", "Client secret", secret=True)


class LinuxDoSettings(Section):
    """Signing in with LinuxDO."""

    title: ClassVar[str] = "LinuxDO"
    enabled: bool = option("LinuxDOOAuthEnabled", False, "Sign in with LinuxDO")
    client_id: str = option("LinuxDOClientId", "", "Client id")
    client_secret: str = option("LinuxDOClientSecret", "", "Client secret", secret=True)
    minimum_trust_level: int = option("LinuxDOMinimumTrustLevel", 0, "Lowest trust level", ge=0)


class TelegramSettings(Section):
    """Signing in with Telegram."""

    title: ClassVar[str] = "Telegram"
    enabled: bool = option("TelegramOAuthEnabled", False, "Sign in with Telegram")
    bot_token: str = option("TelegramBotToken", "", "Bot token", secret=True)
    bot_name: str = option("TelegramBotName", "", "Bot name")


class WeChatSettings(Section):
    """Signing in with WeChat through an own WeChat server."""

    title: ClassVar[str] = "WeChat"
    enabled: bool = option("WeChatAuthEnabled", False, "Sign in with WeChat")
    server_address: str = option("WeChatServerAddress", "", "Address of the WeChat server")
    server_token: str = option("WeChatServerToken", "", "Token of the WeChat server", secret=True)
    qr_code: str = option("WeChatAccountQRCodeImageURL", "", "Address of the QR code picture")


class DiscordSettings(Section):
    """Signing in with Discord."""

    title: ClassVar[str] = "Discord"
    enabled: bool = option("discord.enabled", False, "Sign in with Discord")
    client_id: str = option("discord.client_id", "", "Client id")
    client_secret: str = option("discord.client_secret", "", "Client secret", secret=True)


class OidcSettings(Section):
    """Signing in with an OpenID Connect provider."""

    title: ClassVar[str] = "OpenID Connect"
    enabled: bool = option("oidc.enabled", False, "Sign in with OpenID Connect")
    display_name: str = option("oidc.display_name", "", "Name on the button")
    client_id: str = option("oidc.client_id", "", "Client id")
    client_secret: str = option("oidc.client_secret", "", "Client secret", secret=True)
    well_known: str = option("oidc.well_known", "", "Discovery document")
    authorization_endpoint: str = option("oidc.authorization_endpoint", "", "Authorization endpoint")
    token_endpoint: str = option("oidc.token_endpoint", "", "Token endpoint")
    user_info_endpoint: str = option("oidc.user_info_endpoint", "", "User info endpoint")


class PasskeySettings(Section):
    """Passkeys (WebAuthn)."""

    title: ClassVar[str] = "Passkeys"
    enabled: bool = option("passkey.enabled", False, "Sign in with a passkey")
    display_name: str = option("passkey.rp_display_name", "", "Name shown by the browser; empty is the site's name")
    rp_id: str = option("passkey.rp_id", "", "Domain; empty is that of the server address")
    origins: str = option("passkey.origins", "", "Origins, separated by commas")
    allow_insecure_origin: bool = option("passkey.allow_insecure_origin", False, "Allow plain http")
    user_verification: str = option(
        "passkey.user_verification", "preferred", "User verification", pattern="^(required|preferred|discouraged)$"
    )
    attachment: str = option(
        "passkey.attachment_preference", "", "Kind of authenticator", pattern="^(|platform|cross-platform)$"
    )


SECTIONS: tuple[type[Section], ...] = (
    SignInSettings,
    NewUserSettings,
    KeySettings,
    TurnstileSettings,
    GitHubSettings,
    LinuxDoSettings,
    TelegramSettings,
    WeChatSettings,
    DiscordSettings,
    OidcSettings,
    PasskeySettings,
)

# A switch, and the setting that must not be empty when it is turned on.
_NEEDS = {
    "GitHubOAuthEnabled": "GitHubClientId",
    "LinuxDOOAuthEnabled": "LinuxDOClientId",
    "discord.enabled": "discord.client_id",
    "oidc.enabled": "oidc.client_id",
    "TelegramOAuthEnabled": "TelegramBotToken",
    "WeChatAuthEnabled": "WeChatServerAddress",
    "EmailDomainRestrictionEnabled": "EmailDomainWhitelist",
}
_FIELDS = {field_key(field): field for section in SECTIONS for field in section.model_fields.values()}
_REWARDS = ("QuotaForInviter", "QuotaForInvitee")
_CONFIRMED = "payment_setting.compliance_confirmed"


def _text(settings: SettingsStore, changes: Mapping[str, str], key: str) -> str:
    if key in changes:
        return changes[key]
    stored = settings.text(key)
    return settings.listed().get(key, "") if stored is None else stored


def _is_on(changes: Mapping[str, str], switch: str) -> bool:
    """True when `changes` turn a switch on, in whichever word."""
    return switch in changes and from_text(changes[switch], _FIELDS[switch]) is True


def switches_need_their_settings(settings: SettingsStore, changes: Mapping[str, str]) -> None:
    """Raise BadRequest for a sign-in method that is switched on without what it needs."""
    for switch, needed in _NEEDS.items():
        if _is_on(changes, switch) and not _text(settings, changes, needed).strip():
            raise BadRequest(f"{switch} cannot be switched on while {needed} is empty.", param=switch)


def turnstile_is_not_asked(_settings: SettingsStore, changes: Mapping[str, str]) -> None:
    """Raise BadRequest for switching Turnstile on: no sign-in asks for its token, so it would only look safe."""
    if _is_on(changes, "TurnstileCheckEnabled"):
        message = "TurnstileCheckEnabled cannot be switched on: sign-in does not check Turnstile tokens."
        raise BadRequest(message, param="TurnstileCheckEnabled")


def rewards_need_confirmation(settings: SettingsStore, changes: Mapping[str, str]) -> None:
    """Raise BadRequest for a referral reward before the payment terms were confirmed."""
    for key in _REWARDS:
        rewarded = changes.get(key, "0").strip() not in ("", "0")
        if rewarded and settings.text(_CONFIRMED) != "true":
            raise BadRequest(f"{key} cannot be set before the payment terms are confirmed.", param=key)


OPTION_RULES = (
    switches_need_their_settings,
    turnstile_is_not_asked,
    rewards_need_confirmation,
    kept_tables_can_be_read,
)
