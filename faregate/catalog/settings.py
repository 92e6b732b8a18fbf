"""What operators set about groups and about the site: names, texts, currency, the console's lists."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from faregate.catalog.console_lists import check_addresses, check_announcements, check_questions, check_uptime_groups
from faregate.storage import Section, option

Ratio = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_CHATS = [
    {"Cherry Studio": "cherrystudio://providers/api-keys?v=1&data={cherryConfig}"},
    {"AionUI": "aionui://provider/add?v=1&data={aionuiConfig}"},
    {"Fluent Read": "fluentread"},
    {"CC Switch": "ccswitch"},
    {"DeepChat": "deepchat://provider/install?v=1&data={deepchatConfig}"},
    {"Lobe Chat": 'https://chat-preview.lobehub.com/?settings={"keyVaults":{"openai":{"apiKey":"{key}","baseURL":"{address}/v1"}}}'},
    {"AI as Workspace": 'https://aiaw.app/set-provider?provider={"type":"openai","settings":{"apiKey":"{key}","baseURL":"{address}/v1"}}'},
    {"AMA": "ama://set-api-key?server={address}&key={key}"},
    {"OpenCat": "opencat://team/join?domain={address}&token={key}"},
]  # fmt: skip


class GroupSettings(Section):
    """Groups: which exist, what they cost, who may choose them. A price of 1 is the plain price."""

    title: ClassVar[str] = "Groups"
    ratios: dict[str, Ratio] = option("GroupRatio", {"default": 1, "vip": 1, "svip": 1}, "Groups and their ratios")
    special_ratios: dict[str, dict[str, Ratio]] = option(
        "GroupGroupRatio", {"vip": {"edit_this": 0.9}}, "Other ratios for the users of a group"
    )
    usable: dict[str, str] = option(
        "UserUsableGroups", {"default": "Default group", "vip": "VIP group"}, "Groups everybody may choose"
    )
    special: dict[str, dict[str, str]] = option(
        "group_ratio_setting.group_special_usable_group", {}, "More or fewer groups for the users of a group"
    )
    automatic: list[str] = option("AutoGroups", ["default"], "Groups that auto tries, in order")
    keys_use_auto: bool = option("DefaultUseAutoGroup", False, "New keys start with the group auto")
    max_auto_groups: int = option("MaxTokenAutoGroups", 5, "Groups a key may list for auto", gt=0, le=1000)


class SiteSettings(Section):
    """The site's name, address and texts."""

    title: ClassVar[str] = "Site"
    name: str = option("SystemName", "Faregate", "Name")
    server_address: str = option("ServerAddress", "", "Public address")
    logo: str = option("Logo", "", "Address of the logo")
    footer: str = option("Footer", "", "Footer (HTML)", prose=True)
    notice: str = option("Notice", "", "Notice", prose=True)
    about: str = option("About", "", "About page", prose=True)
    home_page: str = option("HomePageContent", "", "Home page", prose=True)
    user_agreement: str = option("legal.user_agreement", "", "User agreement", prose=True)
    privacy_policy: str = option("legal.privacy_policy", "", "Privacy policy", prose=True)
    docs_link: str = option("general_setting.docs_link", "", "Documentation")
    theme: Literal["default"] = option("theme.frontend", "default", "Theme")
    header_modules: str = option("HeaderNavModules", "", "Parts of the header (JSON)")
    sidebar_modules: str = option("SidebarModulesAdmin", "", "Parts of the side bar (JSON)")
    collapse_sidebar: bool = option("DefaultCollapseSidebar", False, "The side bar starts collapsed")
    chats: list[dict[str, str]] = option("Chats", _CHATS, "Links to chat programs")
    quota_per_unit: float = option("QuotaPerUnit", 500_000, "Quota of one US dollar", gt=0, le=1e15)
    demo_site: bool = option("DemoSiteEnabled", False, "Demonstration site")
    self_use: bool = option("SelfUseModeEnabled", False, "Used by one person: models without a price may be called")


class FeatureSettings(Section):
    """Parts of the gateway that can be switched off."""

    title: ClassVar[str] = "Features"
    drawing: bool = option("DrawingEnabled", True, "Drawing")
    tasks: bool = option("TaskEnabled", True, "Asynchronous tasks")
    midjourney_notices: bool = option("MjNotifyEnabled", False, "Accept Midjourney notices")
    data_export: bool = option("DataExportEnabled", True, "Collect hourly figures")
    data_export_minutes: int = option("DataExportInterval", 5, "Minutes between two writes of figures", ge=1)
    data_export_granularity: str = option(
        "DataExportDefaultTime", "hour", "Granularity shown first", pattern="^(hour|day|week)$"
    )
    checkin: bool = option("checkin_setting.enabled", False, "Daily check-in")
    checkin_least: int = option("checkin_setting.min_quota", 1000, "Least quota of a check-in", ge=0)
    checkin_most: int = option("checkin_setting.max_quota", 10000, "Most quota of a check-in", ge=0)


class CurrencySettings(Section):
    """How quota is shown as money."""

    title: ClassVar[str] = "Currency"
    display_type: Literal["USD", "CNY", "TOKENS", "CUSTOM"] = option(
        "general_setting.quota_display_type", "USD", "Currency shown"
    )
    in_currency: bool = option("DisplayInCurrencyEnabled", True, "Show money rather than quota")
    custom_symbol: str = option("general_setting.custom_currency_symbol", "¤", "Sign of the own currency")
    custom_rate: float = option(
        "general_setting.custom_currency_exchange_rate", 1, "Own currency for one US dollar", ge=0
    )
    usd_rate: float = option("USDExchangeRate", 7.3, "CNY for one US dollar", ge=0)
    by_key: bool = option("DisplayTokenStatEnabled", True, "Billing queries show the key's figures, not the user's")
    price: float = option("Price", 7.3, "Local money for one US dollar of quota", ge=0)
    stripe_price: float = option("StripeUnitPrice", 8, "The same for Stripe", ge=0)

    @property
    def shown_as(self) -> str:
        """The display type in effect."""
        return self.display_type if self.in_currency else "TOKENS"


class ConsoleSettings(Section):
    """The lists on the console's first page; each is a JSON list, empty for none."""

    title: ClassVar[str] = "Console"
    addresses: str = option("console_setting.api_info", "", "Addresses of the interface")
    announcements: str = option("console_setting.announcements", "", "Announcements")
    questions: str = option("console_setting.faq", "", "Questions and answers")
    uptime_groups: str = option("console_setting.uptime_kuma_groups", "", "Uptime Kuma groups")
    show_addresses: bool = option("console_setting.api_info_enabled", True, "Show addresses")
    show_announcements: bool = option("console_setting.announcements_enabled", True, "Show announcements")
    show_questions: bool = option("console_setting.faq_enabled", True, "Show questions")
    show_uptime: bool = option("console_setting.uptime_kuma_enabled", True, "Show uptime")

    @field_validator("addresses")
    @classmethod
    def _addresses(cls, text: str) -> str:
        return check_addresses(text)

    @field_validator("announcements")
    @classmethod
    def _announcements(cls, text: str) -> str:
        return check_announcements(text)

    @field_validator("questions")
    @classmethod
    def _questions(cls, text: str) -> str:
        return check_questions(text)

    @field_validator("uptime_groups")
    @classmethod
    def _uptime_groups(cls, text: str) -> str:
        return check_uptime_groups(text)


SECTIONS: tuple[type[Section], ...] = (
    GroupSettings,
    SiteSettings,
    FeatureSettings,
    CurrencySettings,
    ConsoleSettings,
)
