"""The public status: settings as the console reads them before anybody signs in."""

from typing import Any
from urllib.parse import urlsplit

from faregate.catalog.console_lists import items, newest_first
from faregate.catalog.settings import (
    ConsoleSettings,
    CurrencySettings,
    FeatureSettings,
    GroupSettings,
    SiteSettings,
)
from faregate.identity import (
    DiscordSettings,
    GitHubSettings,
    LinuxDoSettings,
    OidcSettings,
    PasskeySettings,
    SignInSettings,
    TelegramSettings,
    TurnstileSettings,
    WeChatSettings,
)
from faregate.storage import SettingsStore

_HERE = "http://localhost:3000"


def site_status(settings: SettingsStore, *, version: str, started_at: int, is_set_up: bool) -> dict[str, Any]:
    """The fields of `GET /api/status`."""
    return {
        "version": version,
        "start_time": started_at,
        "setup": is_set_up,
        **_site(settings),
        **_sign_in(settings),
        **_providers(settings),
        **_passkey(settings),
        **_currency(settings),
        **_features(settings),
        **_console(settings.get(ConsoleSettings)),
    }


def _site(settings: SettingsStore) -> dict[str, Any]:
    site = settings.get(SiteSettings)
    return {
        "system_name": site.name,
        "logo": site.logo,
        "footer_html": site.footer,
        "server_address": site.server_address or _HERE,
        "docs_link": site.docs_link,
        "theme": site.theme,
        "chats": site.chats,
        "demo_site_enabled": site.demo_site,
        "self_use_mode_enabled": site.self_use,
        "default_collapse_sidebar": site.collapse_sidebar,
        "default_use_auto_group": settings.get(GroupSettings).keys_use_auto,
        "HeaderNavModules": site.header_modules,
        "SidebarModulesAdmin": site.sidebar_modules,
        "user_agreement_enabled": bool(site.user_agreement),
        "privacy_policy_enabled": bool(site.privacy_policy),
    }


def _sign_in(settings: SettingsStore) -> dict[str, Any]:
    sign_in = settings.get(SignInSettings)
    turnstile = settings.get(TurnstileSettings)
    return {
        "email_verification": sign_in.email_verification,
        "register_enabled": sign_in.registration_open,
        "password_login_enabled": sign_in.password_login,
        "password_register_enabled": sign_in.password_register,
        "turnstile_check": turnstile.check,
        "turnstile_site_key": turnstile.site_key,
    }


def _providers(settings: SettingsStore) -> dict[str, Any]:
    github, discord = settings.get(GitHubSettings), settings.get(DiscordSettings)
    linuxdo, telegram = settings.get(LinuxDoSettings), settings.get(TelegramSettings)
    wechat, oidc = settings.get(WeChatSettings), settings.get(OidcSettings)
    return {
        "github_oauth": github.enabled,
        "github_client_id": github.client_id,
        "discord_oauth": discord.enabled,
        "discord_client_id": discord.client_id,
        "linuxdo_oauth": linuxdo.enabled,
        "linuxdo_client_id": linuxdo.client_id,
        "linuxdo_minimum_trust_level": linuxdo.minimum_trust_level,
        "telegram_oauth": telegram.enabled,
        "telegram_bot_name": telegram.bot_name,
        "wechat_login": wechat.enabled,
        "wechat_qrcode": wechat.qr_code,
        "oidc_enabled": oidc.enabled,
        "oidc_client_id": oidc.client_id,
        "oidc_authorization_endpoint": oidc.authorization_endpoint,
        "oidc_display_name": oidc.display_name or "OIDC",
    }


def _passkey(settings: SettingsStore) -> dict[str, Any]:
    passkey, site = settings.get(PasskeySettings), settings.get(SiteSettings)
    address = site.server_address or _HERE
    return {
        "passkey_login": passkey.enabled,
        "passkey_display_name": passkey.display_name or site.name,
        "passkey_rp_id": passkey.rp_id or _host(address),
        "passkey_origins": passkey.origins or address.rstrip("/"),
        "passkey_user_verification": passkey.user_verification,
        "passkey_attachment": passkey.attachment,
        "passkey_allow_insecure": passkey.allow_insecure_origin,
    }


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _currency(settings: SettingsStore) -> dict[str, Any]:
    currency = settings.get(CurrencySettings)
    return {
        "quota_per_unit": settings.get(SiteSettings).quota_per_unit,
        "display_in_currency": currency.shown_as != "TOKENS",
        "quota_display_type": currency.shown_as,
        "custom_currency_symbol": currency.custom_symbol,
        "custom_currency_exchange_rate": currency.custom_rate,
        "usd_exchange_rate": currency.usd_rate,
        "price": currency.price,
        "stripe_unit_price": currency.stripe_price,
    }


def _features(settings: SettingsStore) -> dict[str, Any]:
    features = settings.get(FeatureSettings)
    return {
        "enable_batch_update": False,
        "enable_drawing": features.drawing,
        "enable_task": features.tasks,
        "enable_data_export": features.data_export,
        "data_export_default_time": features.data_export_granularity,
        "mj_notify_enabled": features.midjourney_notices,
        "checkin_enabled": features.checkin,
    }


def _console(console: ConsoleSettings) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "api_info_enabled": console.show_addresses,
        "uptime_kuma_enabled": console.show_uptime,
        "announcements_enabled": console.show_announcements,
        "faq_enabled": console.show_questions,
    }
    if console.show_addresses:
        shown["api_info"] = items(console.addresses)
    if console.show_announcements:
        shown["announcements"] = newest_first(items(console.announcements))
    if console.show_questions:
        shown["faq"] = items(console.questions)
    return shown
