"""Which proxy a host is reached through: the operator's environment, read once, and proxy URLs taken apart."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from yarl import URL

from faregate.kernel.errors import BadRequest

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy without its credentials in the URL, so that the URL may be logged."""

    url: URL
    username: str
    password: str

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS5; HTTP otherwise."""
        return self.url.scheme.startswith("socks")

    @property
    def resolves_names(self) -> bool:
        """Whether names are handed to it unresolved."""
        return self.url.scheme != "socks5"

    @property
    def authorization(self) -> str:
        """Value of Proxy-Authorization; empty without credentials."""
        if not (self.username or self.password):
            return ""
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


def parse_proxy(text: str) -> Proxy:
    """The proxy behind a URL such as `http://user:pass@host:3128`; http when no scheme is given.

    Raises BadRequest for a scheme it cannot speak: it is never guessed.
    """
    try:
        url = URL(text if "://" in text else f"http://{text}")
        port = url.port or DEFAULT_PORTS.get(url.scheme)
        if url.scheme not in DEFAULT_PORTS or not url.raw_host or port is None:
            raise BadRequest(
                "the proxy must be an http, https, socks5 or socks5h URL", param="proxy", code="egress.proxy_invalid"
            )
        bare = URL.build(scheme=url.scheme, host=url.raw_host, port=port)
    except ValueError as fault:
        raise BadRequest("the proxy is not a URL", param="proxy", code="egress.proxy_invalid") from fault
    return Proxy(bare, url.user or "", url.password or "")


class EnvironmentProxies:
    """HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; the lower-case spelling wins."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._exceptions = [entry.strip().lower() for entry in self._read("no_proxy").split(",") if entry.strip()]

    def proxy_for(self, url: URL) -> str:
        """The proxy's URL, or an empty string for a direct connection."""
        proxy = self._read(f"{url.scheme}_proxy") or self._read("all_proxy")
        return "" if not proxy or self._excepted(url) else proxy

    def _read(self, name: str) -> str:
        return self._environment.get(name) or self._environment.get(name.upper(), "")

    def _excepted(self, url: URL) -> bool:
        host = (url.host or "").lower().rstrip(".")
        return any(_matches(entry, host, url.port) for entry in self._exceptions)


def _matches(entry: str, host: str, port: int | None) -> bool:
    """`*`, a network, or a name that covers itself and what is below it; `:port` narrows it."""
    if entry == "*":
        return True
    if "/" in entry:
        return _inside(entry, host)
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit() and (":" not in name or name.endswith("]")):
        if int(wanted) != port:
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").removeprefix(".")
    return host == entry or host.endswith(f".{entry}")


def _inside(network: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
