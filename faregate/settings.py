"""The environment, read once into a frozen object. Every name has the prefix FAREGATE_; New API's names are aliases.

A value that does not fit stops the start with one sentence that names the variable.
"""

import ipaddress
import logging
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")


class BadSetting(Exception):
    """A variable of the environment does not fit; the text is one sentence that names it."""


def without_password(said: str) -> str:
    """What a driver says of an address: one that found the host behind the first @ of a password names its rest."""
    return re.sub(r"[^\s'\"]+@", "", said)


def _flag(text: str) -> bool:
    if text.lower() in {"1", "t", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "f", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError("must be a whole number above 0")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError("must be a number of seconds, not negative")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError("must be a port between 1 and 65535")
    return number


def _networks(text: str) -> tuple[Network, ...]:
    if text.strip().lower() == "none":
        return ()
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _text(text: str) -> str:
    return text


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("must not begin with the home of a user who is unknown here") from error


def _level(text: str) -> str:
    if text.upper() not in logging.getLevelNamesMapping():
        raise ValueError("must be debug, info, warning or error")
    return text


def _redis_address(text: str) -> str:
    # Here, for the client takes 6 MB that only its users should pay.
    from redis.asyncio import ConnectionPool  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415

    try:
        url = urlsplit(text)
        number = url.path.strip("/") if url.scheme != "unix" else ""
        # The client takes what it cannot use without a word, and finds unknown options only when it connects.
        ConnectionPool.from_url(text).make_connection()  # pyright: ignore[reportUnknownMemberType]
        if not number or number.isdecimal():
            return text
    except (ValueError, TypeError, RedisError):
        pass
    raise ValueError("must be an address such as redis://user:password@host:6379/0 (or rediss://, unix://)")


def _session_secret(text: str) -> str:
    if text == "random_string":
        raise ValueError("must be a secret of your own, not the placeholder of an example")
    return text


def _root_key(text: str) -> str:
    # What follows another "-" would be read as the number of a channel.
    if not re.fullmatch(r"(sk-)?[A-Za-z0-9]{16,128}", text):
        raise ValueError("must be 16 to 128 letters and digits, with or without sk- before them")
    return text


def access_token(text: str) -> str:
    """A personal access token of the operator's choice. Raises ValueError with the rule that it breaks."""
    if not re.fullmatch(r"[!-~]{16,255}", text):
        raise ValueError("must have 16 to 255 characters, all of them visible ASCII")
    return text


@dataclass(frozen=True, slots=True)
class _Variable:
    names: tuple[str, ...]
    read: Callable[[str], Any]
    help: str
    secret: bool = False


def _from(default: Any, read: Callable[[str], Any], help: str, *names: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"variable": _Variable(names, read, help, secret)})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this process runs. What operators change while it runs is in the settings sections instead."""

    host: str = _from("127.0.0.1", _text, "address to listen on", "FAREGATE_HOST")
    port: int = _from(3000, _port, "port to listen on", "FAREGATE_PORT", "PORT")
    workers: int = _from(1, _positive, "worker processes", "FAREGATE_WORKERS")
    data_dir: Path = _from(Path("data"), _path, "where the database, journals and secrets are", "FAREGATE_DATA_DIR")
    database: str = _from(
        "",
        _text,
        "database address; empty is SQLite in the data directory",
        "FAREGATE_DATABASE",
        "SQL_DSN",
        secret=True,
    )
    redis: str = _from(
        "", _redis_address, "Redis or Valkey address; empty is none", "FAREGATE_REDIS", "REDIS_CONN_STRING", secret=True
    )
    secret: str = _from(
        "",
        _session_secret,
        "master secret; empty is a file made on first start",
        "FAREGATE_SECRET",
        "SESSION_SECRET",
        secret=True,
    )
    setup_secret: str = _from("", _text, "presets the one-time setup secret", "FAREGATE_SETUP_SECRET", secret=True)
    root_key: str = _from(
        "", _root_key, "an API key given to root at set-up", "FAREGATE_ROOT_KEY", "INITIAL_ROOT_TOKEN", secret=True
    )
    root_access_token: str = _from(
        "",
        access_token,
        "a personal access token given to root at set-up",
        "FAREGATE_ROOT_ACCESS_TOKEN",
        "INITIAL_ROOT_ACCESS_TOKEN",
        secret=True,
    )
    node_name: str = _from("", _text, "name of this machine in records", "FAREGATE_NODE_NAME", "NODE_NAME")
    log_level: str = _from("info", _level, "debug, info, warning or error", "FAREGATE_LOG_LEVEL")
    shutdown_grace_s: float = _from(
        120.0,
        _seconds,
        "how long running streams may go on after SIGTERM",
        "FAREGATE_SHUTDOWN_GRACE_SECONDS",
        "SHUTDOWN_TIMEOUT_SECONDS",
    )
    trusted_proxies: tuple[Network, ...] = _from(
        _networks(",".join(_PRIVATE)),
        _networks,
        "peers whose X-Forwarded-For is believed; none for nobody",
        "FAREGATE_TRUSTED_PROXIES",
        "TRUSTED_PROXIES",
    )
    max_body_mb: int = _from(
        128, _positive, "largest request body, after decompression", "FAREGATE_MAX_BODY_MB", "MAX_REQUEST_BODY_MB"
    )
    max_anonymous_body_kb: int = _from(
        512,
        _positive,
        "largest body of a public management call",
        "FAREGATE_MAX_ANONYMOUS_BODY_KB",
        "ANONYMOUS_REQUEST_BODY_LIMIT_KB",
    )
    max_frame_mb: int = _from(
        128,
        _positive,
        "largest single event of an upstream's stream",
        "FAREGATE_MAX_FRAME_MB",
        "STREAM_SCANNER_MAX_BUFFER_MB",
    )
    connect_timeout_s: float = _from(
        10.0, _seconds, "deadline for connecting to an upstream", "FAREGATE_CONNECT_TIMEOUT_SECONDS"
    )
    first_token_timeout_s: float = _from(
        120.0, _seconds, "deadline for the first content of an answer", "FAREGATE_FIRST_TOKEN_TIMEOUT_SECONDS"
    )
    answer_timeout_s: float = _from(
        600.0, _seconds, "deadline for the head of an answer", "FAREGATE_ANSWER_TIMEOUT_SECONDS"
    )
    idle_timeout_s: float = _from(
        300.0, _seconds, "longest silence inside an answer", "FAREGATE_IDLE_TIMEOUT_SECONDS", "STREAMING_TIMEOUT"
    )
    total_timeout_s: float = _from(
        0.0, _seconds, "whole upstream exchange; 0 is no limit", "FAREGATE_TOTAL_TIMEOUT_SECONDS", "RELAY_TIMEOUT"
    )
    upstream_connections: int = _from(
        0, _count, "connections to one upstream host; 0 is no limit", "FAREGATE_UPSTREAM_CONNECTIONS"
    )
    insecure_tls: bool = _from(
        False, _flag, "do not check upstream certificates", "FAREGATE_INSECURE_TLS", "TLS_INSECURE_SKIP_VERIFY"
    )
    error_records: bool = _from(
        True, _flag, "write a record for every failed attempt", "FAREGATE_ERROR_RECORDS", "ERROR_LOG_ENABLED"
    )
    azure_api_version: str = _from(
        "2025-04-01-preview",
        _text,
        "Azure API version where a channel names none",
        "FAREGATE_AZURE_API_VERSION",
        "AZURE_DEFAULT_API_VERSION",
    )
    secure_cookie: bool = _from(
        False, _flag, "send the sign-in cookie over TLS only", "FAREGATE_SECURE_COOKIE", "SESSION_COOKIE_SECURE"
    )
    cookie_origins: tuple[str, ...] = _from(
        (),
        _words,
        "origins that may refresh a sign-in (with the secure cookie)",
        "FAREGATE_COOKIE_ORIGINS",
        "SESSION_COOKIE_TRUSTED_URL",
    )
    session_limit: int = _from(
        50, _positive, "sign-in sessions a user may have at once", "FAREGATE_SESSION_LIMIT", "USER_SESSION_ACTIVE_LIMIT"
    )
    session_issuance_limit: int = _from(
        100,
        _positive,
        "sign-ins of a user within the window",
        "FAREGATE_SESSION_ISSUANCE_LIMIT",
        "USER_SESSION_ISSUANCE_LIMIT",
    )
    session_issuance_window_s: int = _from(
        86400,
        _positive,
        "that window",
        "FAREGATE_SESSION_ISSUANCE_WINDOW_SECONDS",
        "USER_SESSION_ISSUANCE_WINDOW_SECONDS",
    )
    api_limit: bool = _from(
        True, _flag, "limit management calls by address", "FAREGATE_API_LIMIT", "GLOBAL_API_RATE_LIMIT_ENABLE"
    )
    api_limit_count: int = _from(
        360,
        _positive,
        "management calls of an address within the window, in each worker",
        "FAREGATE_API_LIMIT_COUNT",
        "GLOBAL_API_RATE_LIMIT",
    )
    api_limit_window_s: int = _from(
        180, _positive, "that window", "FAREGATE_API_LIMIT_WINDOW_SECONDS", "GLOBAL_API_RATE_LIMIT_DURATION"
    )
    critical_limit: bool = _from(
        True,
        _flag,
        "limit sign-in and other critical calls by address",
        "FAREGATE_CRITICAL_LIMIT",
        "CRITICAL_RATE_LIMIT_ENABLE",
    )
    critical_limit_count: int = _from(
        20,
        _positive,
        "critical calls of an address within the window, in each worker",
        "FAREGATE_CRITICAL_LIMIT_COUNT",
        "CRITICAL_RATE_LIMIT",
    )
    critical_limit_window_s: int = _from(
        1200, _positive, "that window", "FAREGATE_CRITICAL_LIMIT_WINDOW_SECONDS", "CRITICAL_RATE_LIMIT_DURATION"
    )
    search_limit: bool = _from(
        True, _flag, "limit searches by user", "FAREGATE_SEARCH_LIMIT", "SEARCH_RATE_LIMIT_ENABLE"
    )
    search_limit_count: int = _from(
        10,
        _positive,
        "searches of a user within the window, in each worker",
        "FAREGATE_SEARCH_LIMIT_COUNT",
        "SEARCH_RATE_LIMIT",
    )
    search_limit_window_s: int = _from(
        60, _positive, "that window", "FAREGATE_SEARCH_LIMIT_WINDOW_SECONDS", "SEARCH_RATE_LIMIT_DURATION"
    )


def read_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of `environment` (default: the process's), overridden by `given` options that are not None.

    Raises BadSetting.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for item in fields(Settings):
        variable: _Variable = item.metadata["variable"]
        name = next((name for name in variable.names if environment.get(name, "").strip()), "")
        if name:
            try:
                values[item.name] = variable.read(environment[name].strip())
            except ValueError as error:
                raise BadSetting(f"{name}: {_rule(error)}.") from error
    values.update({name: value for name, value in given.items() if value is not None})
    settings = Settings(**values)
    if settings.secure_cookie and not settings.cookie_origins:
        raise BadSetting("FAREGATE_COOKIE_ORIGINS: must name the console's origins when the cookie is secure.")
    return settings


def _rule(error: ValueError) -> str:
    text = str(error)
    return "must be a number" if text.startswith(("invalid literal", "could not convert")) else text


def described() -> list[tuple[tuple[str, ...], str, str]]:
    """Names, default and meaning of every variable, for the documentation."""
    rows: list[tuple[tuple[str, ...], str, str]] = []
    for item in fields(Settings):
        variable: _Variable = item.metadata["variable"]
        default = item.default
        shown = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        rows.append((variable.names, shown, variable.help))
    return rows
