"""Every form in which the address of a database may be written."""

from pathlib import Path

import pytest

from faregate.storage import BadDatabaseAddress, database_url

DATA = Path("/var/lib/faregate")

READ = {
    "": "sqlite+aiosqlite:////var/lib/faregate/faregate.db",
    "local": "sqlite+aiosqlite:////var/lib/faregate/faregate.db",
    "local-storage": "sqlite+aiosqlite:////var/lib/faregate/faregate.db",
    "sqlite:///gate.db": "sqlite+aiosqlite:///gate.db",
    "sqlite:////srv/gate.db": "sqlite+aiosqlite:////srv/gate.db",
    "postgres://u:p@db/gate": "postgresql+asyncpg://u:p@db/gate",
    "postgresql://u:p%40q@db:6432/gate": "postgresql+asyncpg://u:p%40q@db:6432/gate",
    "postgresql+psycopg2://u@db/gate": "postgresql+asyncpg://u@db/gate",
    "postgres://u@db/gate?sslmode=require": "postgresql+asyncpg://u@db/gate?ssl=require",
    "postgres://u@db/gate?sslmode=disable&TimeZone=UTC&connect_timeout=5": (
        "postgresql+asyncpg://u@db/gate?ssl=disable"
    ),
    "mysql://u:p@db:3307/gate": "mysql+asyncmy://u:p@db:3307/gate",
    "mysql+pymysql://u@db/gate": "mysql+asyncmy://u@db/gate",
    "mariadb://u:p@db/gate": "mysql+asyncmy://u:p@db/gate",
    "mysql://u@db/gate?charset=utf8mb4&parseTime=True&loc=Local": "mysql+asyncmy://u@db/gate?charset=utf8mb4",
    "mysql://u@db/gate?ssl_ca=/etc/ca.pem": "mysql+asyncmy://u@db/gate?ssl_ca=%2Fetc%2Fca.pem",
    "mysql://u@db/gate?ssl_ca=ca.pem&ssl_check_hostname=false": (
        "mysql+asyncmy://u@db/gate?ssl_ca=ca.pem&ssl_check_hostname=false"
    ),
    "root:123456@tcp(localhost:3306)/new-api": "mysql+asyncmy://root:123456@localhost:3306/new-api",
    "root:123456@tcp(db)/gate": "mysql+asyncmy://root:123456@db:3306/gate",
    "root@tcp(db:3307)/gate": "mysql+asyncmy://root@db:3307/gate",
    "root:@/gate": "mysql+asyncmy://root:@127.0.0.1:3306/gate",
    "root@tcp/gate": "mysql+asyncmy://root@127.0.0.1:3306/gate",
    "u:p@tcp([2001:db8::1]:3307)/gate": "mysql+asyncmy://u:p@[2001:db8::1]:3307/gate",
    "u:a@b:c/d://e@tcp(db:3306)/gate?charset=utf8mb4&parseTime=True&loc=Local&tls=false": (
        "mysql+asyncmy://u:a%40b%3Ac%2Fd%3A%2F%2Fe@db:3306/gate"
    ),
    "u:p@unix(/run/mysqld/mysqld.sock)/gate": ("mysql+asyncmy://u:p@/gate?unix_socket=%2Frun%2Fmysqld%2Fmysqld.sock"),
}

REFUSED = {
    "oracle://u@db/gate": "'oracle' is no database we know: use sqlite, postgresql or mysql",
    "postgresql://u@db:port/gate": "the database address is not a URL",
    "sqlite://": "the database address must name a file",
    "sqlite:///:memory:": "the database address must name a file",
    "postgresql://u@db": "the database address must name a database, as in …/faregate",
    "mysql://u@db/": "the database address must name a database, as in …/faregate",
    "postgresql://u@db/gate?sslrootcert=ca.pem": "the database address has an option we do not take: sslrootcert",
    "gate.db": "the database address is neither a URL nor user:password@tcp(host:port)/name",
    "u:p@tcp(db:3306)/": "the database address is neither a URL nor user:password@tcp(host:port)/name",
    "u:p@pipe(db)/gate": "the database address is neither a URL nor user:password@tcp(host:port)/name",
    "u:p@tcp(db:mysql)/gate": "the database address has no host and port where 'db:mysql' stands",
    "u:p@tcp(db:99999)/gate": "the database address has no host and port where 'db:99999' stands",
    "postgresql://u:p@db:99999/gate": "the database address has a port that is none: 99999",
    "mysql://u:p@db:0/gate": "the database address has a port that is none: 0",
    "mysql://u:p@db/gate?multiStatements=true": "the database address has an option we do not take: multiStatements",
    "u:p@tcp(db:3306)/gate?tls=true": ("for TLS to MySQL write mysql://…?ssl_ca=/path/to/ca.pem in place of tls="),
    "mysql://u@db/gate?tls=skip-verify": ("for TLS to MySQL write mysql://…?ssl_ca=/path/to/ca.pem in place of tls="),
}


@pytest.mark.parametrize("address", READ)
def test_an_address_names_its_database(address: str) -> None:
    assert database_url(address, DATA).render_as_string(hide_password=False) == READ[address]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_no_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(BadDatabaseAddress) as refusal:
        database_url(address, DATA)
    assert refusal.value.message == REFUSED[address]


def test_a_refusal_does_not_tell_the_password() -> None:
    for address in ("oracle://u:hush@db/gate", "u:hush@tcp(db:x)/gate", "postgresql://u:hush@db:x/gate"):
        with pytest.raises(BadDatabaseAddress) as refusal:
            database_url(address, DATA)
        assert "hush" not in str(refusal.value)
