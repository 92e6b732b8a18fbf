"""The front door: what a command says when it cannot start, and what it loads.

What is loaded is memory that every process keeps: only what it needs, and what is configured.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = "print(*sorted(name for name in sys.modules if '.' not in name))"
OPTIONAL = {"alembic", "asyncmy", "asyncpg", "mako", "pygments", "redis", "rich"}
OF_WORKERS = {"aiohttp", "aiosqlite", "argon2", "cryptography", "fastapi", "msgspec", "pydantic", "sqlalchemy"}
PREPARE = "from faregate.commands import prepare_database; prepare_database(read_settings(data_dir=Path(sys.argv[1])))"
PREPARE_APART = "from faregate.serving import prepare; prepare(read_settings(data_dir=Path(sys.argv[1]), workers=2))"


def loaded_after(work: str, *arguments: object) -> set[str]:
    """The packages that a fresh process has loaded when `work` is done."""
    script = f"import sys\nfrom pathlib import Path\nfrom faregate.settings import read_settings\n{work}\n{LOADED}"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_a_worker_loads_no_client_of_what_is_not_configured() -> None:
    loaded = loaded_after("import faregate.cli, faregate.worker")
    assert loaded >= OF_WORKERS - {"aiosqlite"}
    assert loaded & OPTIONAL == set()


def test_a_database_that_is_up_to_date_is_served_without_loading_what_migrates(tmp_path: Path) -> None:
    assert "alembic" in loaded_after(PREPARE, tmp_path)
    loaded = loaded_after(PREPARE, tmp_path)
    assert "aiosqlite" in loaded
    assert loaded & OPTIONAL == set()


def test_the_parent_of_workers_loads_nothing_that_they_are_made_of(tmp_path: Path) -> None:
    loaded = loaded_after(f"import faregate.cli\n{PREPARE_APART}", tmp_path)
    assert (tmp_path / "faregate.db").exists()
    assert loaded & (OF_WORKERS | OPTIONAL) == set()


SECRET = "sEcret"
REFUSED = f"postgresql://u:{SECRET}@127.0.0.1:1/x"
UNKNOWN = f"postgresql://u:{SECRET}@nohost.invalid/x"
SPLIT = f"mysql://u:{SECRET}@{SECRET}@127.0.0.1:1/x"  # its driver takes the rest of the password for a host
FOLDER = "FAREGATE_DATA_DIR (--data-dir): {} cannot be used: "
DATABASE = "FAREGATE_DATABASE: the database cannot be opened: "


def said(*arguments: str, **environment: str) -> tuple[int, str]:
    """Exit status of a command that cannot start, and what it says: nothing on standard output."""
    command = [sys.executable, "-m", "faregate", *arguments]
    found = subprocess.run(
        command,
        env={**os.environ, "FAREGATE_DATABASE": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.stdout, SECRET in found.stderr) == ("", False)
    assert found.stderr.count("\n") == 1, found.stderr
    return found.returncode, found.stderr.strip()


@pytest.mark.parametrize(
    ("workers", "command", "place", "reason"),
    [
        ("1", "serve", "/proc/nope", "No such file or directory"),
        ("2", "serve", "/dev/null", "File exists"),
        ("1", "migrate", "/dev/null/x", "Not a directory"),
    ],
)
def test_a_data_directory_that_cannot_be_used_is_named(workers: str, command: str, place: str, reason: str) -> None:
    answer = said(command, "--data-dir", place, FAREGATE_WORKERS=workers)
    assert answer == (1, f"{FOLDER.format(repr(place))}{reason}.")


@pytest.mark.parametrize(
    ("workers", "address", "reason"),
    [
        ("1", REFUSED, "Connection refused."),
        ("2", REFUSED, "Connection refused."),
        ("1", UNKNOWN, "Name or service not known."),
        ("1", REFUSED.replace("postgresql", "mysql"), "Can't connect to MySQL server on '127.0.0.1'"),
        ("2", SPLIT, "Can't connect to MySQL server on '127.0.0.1'"),
        ("1", "sqlite:////proc/nope/x.db", "No such file or directory."),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, workers: str, address: str, reason: str
) -> None:
    arguments = ("serve", "--workers", workers, "--data-dir", str(tmp_path))
    status, sentence = said(*arguments, FAREGATE_DATABASE=address)
    assert (status, sentence[: len(DATABASE) + len(reason)]) == (1, DATABASE + reason)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_in_the_place_of_the_journal_is_named(tmp_path: Path, workers: str) -> None:
    (tmp_path / "journal").touch()
    answer = said("serve", "--workers", workers, "--data-dir", str(tmp_path))
    assert answer == (1, f"{FOLDER.format(repr(str(tmp_path / 'journal')))}File exists.")


def test_a_database_file_that_is_none_is_of_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "faregate.db").write_bytes(b"no database " * 100)
    answer = said("migrate", "--data-dir", str(tmp_path))
    assert answer == (1, f"{FOLDER.format(repr(str(tmp_path)))}file is not a database.")


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_an_address_that_cannot_be_read_is_told_with_its_variable(tmp_path: Path, command: str) -> None:
    status, sentence = said(command, "--data-dir", str(tmp_path), FAREGATE_DATABASE=f"nonsense:{SECRET}")
    assert (status, sentence.partition(": ")[0]) == (2, "FAREGATE_DATABASE")


@pytest.mark.parametrize("workers", ["0", "-2"])
def test_no_workers_are_no_server(tmp_path: Path, workers: str) -> None:
    answer = said("serve", "--workers", workers, "--data-dir", str(tmp_path))
    assert answer == (2, "--workers: must be a whole number above 0.")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_before_anything_else(tmp_path: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = said("serve", "--host", "127.0.0.1", "--port", port, "--workers", workers, "--data-dir", str(tmp_path))
    place = f"FAREGATE_HOST, FAREGATE_PORT (--host, --port): '127.0.0.1', port {port}"
    assert answer == (2, f"{place}: Address already in use.")
    assert list(tmp_path.iterdir()) == []


def test_doctor_says_nothing_of_a_password_either(tmp_path: Path) -> None:
    status, sentence = said("doctor", "--data-dir", str(tmp_path), FAREGATE_DATABASE=SPLIT)
    assert (status, "cannot be read" in sentence) == (2, True)
