"""How the door is set up: proxies, trust, limits and the guard. Read once from an environment that is passed in."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from faregate.kernel.egress.guard import Guard
from faregate.kernel.errors import Unavailable


@dataclass(frozen=True)
class EgressSettings:
    """`environment` is where proxies and certificate paths are read from; the process's own is not looked at.

    `trust_environment` covers the proxies alone. `per_host_limit`: connections to one host, 0 for no limit; further
    calls wait within their connect deadline. `keepalive_s`: how long an idle connection is kept.
    """

    trust_environment: bool = True
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    insecure_tls: bool = False
    per_host_limit: int = 0
    keepalive_s: float = 30
    guard: Guard = field(default_factory=Guard)

    @property
    def ca_file(self) -> str:
        """Bundle of trusted authorities; empty for the system's."""
        return self.environment.get("SSL_CERT_FILE", "")

    @property
    def ca_dir(self) -> str:
        """Directory of trusted authorities; empty for the system's."""
        return self.environment.get("SSL_CERT_DIR", "")


def tls_context(settings: EgressSettings) -> ssl.SSLContext:
    """A client context for HTTP/1.1. Raises Unavailable when the named authorities cannot be read."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None, capath=settings.ca_dir or None)
    except OSError as fault:
        raise Unavailable("the configured certificate authorities cannot be read", detail=str(fault)) from fault
    if settings.insecure_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context
