"""Reading the address of the database: URLs, New API's words, and the form of Go's MySQL driver."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from faregate.kernel.errors import GatewayError

_DRIVERS = {"postgresql": "postgresql+asyncpg", "mysql": "mysql+asyncmy", "sqlite": "sqlite+aiosqlite"}
# As that driver reads it: the last slash ends the address, the last @ before it the password.
_GO_MYSQL = re.compile(
    r"^((?P<user>[^:]*?)(:(?P<password>.*))?@)?(?P<network>[a-z0-9]*)(\((?P<where>.*)\))?/(?P<name>[^/?]*)(\?(?P<query>.*))?$"
)
_HOST_PORT = re.compile(r"^(\[(?P<six>[^\]]*)\]|(?P<host>[^:]*))(:(?P<port>\d{1,5}))?$")
_MYSQL_PORT = 3306
_POSTGRES_TAKES = frozenset(("ssl", "host", "port", "target_session_attrs", "prepared_statement_cache_size"))
# We keep no local times and speak UTF-8: without them nothing changes.
_POSTGRES_IDLE = frozenset(("timezone", "client_encoding", "application_name", "connect_timeout"))
_GO_ONLY = frozenset(("parsetime", "loc", "timeout", "readtimeout", "writetimeout", "tls", "collation"))
_MYSQL_TAKES = frozenset(("charset", "client_flag", "connect_timeout", "init_command", "max_allowed_packet",
                          "read_default_file", "read_default_group", "read_timeout", "server_public_key", "sql_mode",
                          "unix_socket"))  # fmt: skip
_MYSQL_TLS = frozenset(("ssl_ca", "ssl_capath", "ssl_cert", "ssl_check_hostname", "ssl_cipher", "ssl_key"))
_PLAIN_TLS = frozenset(("", "false", "0", "preferred"))


class BadDatabaseAddress(GatewayError):
    """The address of the database cannot be read."""

    code = "storage.bad_address"


def database_url(address: str, data_dir: Path) -> URL:
    """The database that `address` names; "" is SQLite in the data directory.

    Takes `sqlite:///…`, `postgres://`, `postgresql://`, `mysql://`, `mariadb://`, New API's `local…` (SQLite) and Go's
    MySQL form `user:password@tcp(host:port)/name`. Raises BadDatabaseAddress.
    """
    if not address or address.startswith("local"):
        return URL.create(_DRIVERS["sqlite"], database=str(data_dir / "faregate.db"))
    if re.match(r"^[a-zA-Z0-9+]+://", address) is None:
        return _go_mysql(address)
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", address))
    except (ArgumentError, ValueError) as error:
        raise BadDatabaseAddress("the database address is not a URL") from error
    backend = "mysql" if url.get_backend_name() == "mariadb" else url.get_backend_name()
    if backend not in _DRIVERS:
        raise BadDatabaseAddress(f"{backend!r} is no database we know: use sqlite, postgresql or mysql")
    if not url.database or url.database == ":memory:":
        what = "a file" if backend == "sqlite" else "a database, as in …/faregate"
        raise BadDatabaseAddress(f"the database address must name {what}")
    if url.port is not None and not 0 < url.port < 65536:
        raise BadDatabaseAddress(f"the database address has a port that is none: {url.port}")
    return url.set(drivername=_DRIVERS[backend], query=_query(backend, url.query))


def _query(backend: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if backend == "postgresql":
        return _postgres_query(given)
    return _mysql_query(given) if backend == "mysql" else dict(given)


def _postgres_query(given: Mapping[str, Any]) -> dict[str, Any]:
    """libpq's `sslmode` under the name asyncpg has for it; what asyncpg does not take is refused, not lost."""
    query = {("ssl" if name == "sslmode" else name): value for name, value in given.items()}
    query = {name: value for name, value in query.items() if name.lower() not in _POSTGRES_IDLE}
    _only(query, _POSTGRES_TAKES)
    return query


def _refuse_go_tls(given: Mapping[str, Any]) -> None:
    """Raise when TLS is asked for in the words of Go's driver: never plain by oversight."""
    tls = next((str(value) for name, value in given.items() if name.lower() == "tls"), "")
    if tls.lower() not in _PLAIN_TLS:
        raise BadDatabaseAddress("for TLS to MySQL write mysql://…?ssl_ca=/path/to/ca.pem in place of tls=")


def _mysql_query(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what only Go's driver knows; what ours does not take is refused."""
    _refuse_go_tls(given)
    query = {name: value for name, value in given.items() if name.lower() not in _GO_ONLY}
    _only(query, _MYSQL_TAKES | _MYSQL_TLS)
    return query


def _only(query: Mapping[str, Any], taken: frozenset[str]) -> None:
    for name in query:
        if name not in taken:
            raise BadDatabaseAddress(f"the database address has an option we do not take: {name}")


def _go_mysql(address: str) -> URL:
    found = _GO_MYSQL.match(address)
    if not found or not found["name"] or found["network"] not in ("", "tcp", "tcp4", "tcp6", "unix"):
        raise BadDatabaseAddress("the database address is neither a URL nor user:password@tcp(host:port)/name")
    pairs = (pair.partition("=") for pair in (found["query"] or "").split("&") if pair)
    _refuse_go_tls({name: value for name, _, value in pairs})
    host, port, query = None, None, {}
    if found["network"] == "unix":
        query = {"unix_socket": found["where"] or "/tmp/mysql.sock"}
    else:
        host, port = _host_and_port(found["where"] or "127.0.0.1")
    return URL.create(
        _DRIVERS["mysql"],
        username=found["user"] or None,
        password=found["password"],
        host=host,
        port=port,
        database=found["name"],
        query=query,
    )


def _host_and_port(where: str) -> tuple[str, int]:
    found = _HOST_PORT.match(where)
    port = int(found["port"] or _MYSQL_PORT) if found else 0
    if not found or not 0 < port < 65536:
        raise BadDatabaseAddress(f"the database address has no host and port where {where!r} stands")
    return found["six"] or found["host"] or "127.0.0.1", port
