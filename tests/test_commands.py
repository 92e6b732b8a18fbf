"""Commands: the directory they make; what doctor says of books that do not balance and of none; init, its secrets."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from faregate import cli
from faregate.commands import NoInstallation, bring_up_to_date, imbalances, initialize, prepare_database
from faregate.kernel.errors import BadRequest, Conflict
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.settings import Settings, read_settings
from faregate.storage import Database
from tests.billing.scene import person


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAREGATE_DATABASE", raising=False)
    monkeypatch.setattr(cli, "log_to_stderr", str)  # the runner's standard error is closed afterwards


@pytest.mark.parametrize("command", [prepare_database, bring_up_to_date])
def test_a_data_directory_that_is_made_is_private(tmp_path: Path, command: Callable[[Settings], object]) -> None:
    command(read_settings(data_dir=tmp_path / "made" / "data"))
    assert stat.S_IMODE((tmp_path / "made" / "data").stat().st_mode) == 0o700


def test_a_data_directory_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    bring_up_to_date(read_settings(data_dir=tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


async def test_doctor_names_account_owner_rule_and_difference(sqlite: Database, tmp_path: Path) -> None:
    ada = await person(sqlite, 1000, allowance=500, unlimited=False)
    await sqlite.close()
    with sqlite3.connect(tmp_path / "faregate.db") as connection:
        connection.execute("UPDATE account SET balance = balance + 77 WHERE kind = 'allowance'")
    found = await asyncio.to_thread(CliRunner().invoke, cli.app, ["doctor", "--data-dir", str(tmp_path)])
    assert (found.exit_code, found.output) == (
        1,
        f"account {ada.allowance.account_id} (key {ada.key_id}), balance, difference 77: "
        "entries less charges are 500, balance and leases 577\n",
    )


def test_doctor_of_a_directory_without_a_database_says_so_and_makes_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "mistyped"):
        with pytest.raises(NoInstallation, match=r"^there is no database at '.*faregate.db': is the data directory"):
            imbalances(read_settings(data_dir=folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is none of Faregate's: it has no schema"), (b"no database " * 100, "cannot be read: file is not a")],
)
def test_doctor_of_a_file_that_is_no_database_of_ours_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "faregate.db").write_bytes(content)
    with pytest.raises(NoInstallation, match=said):
        imbalances(read_settings(data_dir=tmp_path))


def test_a_refusal_ends_the_command_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["faregate", "doctor", "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    sentence = f"there is no database at '{tmp_path}/faregate.db': is the data directory the right one?\n"
    assert capsys.readouterr().err == sentence


def test_an_init_that_is_refused_leaves_the_printed_setup_secret_good(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path)
    printed = prepare_database(settings)
    with pytest.raises(BadRequest, match="8 to 128 characters"):
        initialize(settings, "root", "short")
    with sqlite3.connect(tmp_path / "faregate.db") as connection:
        known = connection.execute("SELECT setup_secret_digest, initialized_at FROM installation").fetchall()
    vault = Vault(load_master_secret(tmp_path))
    assert known == [(vault.digest("setup", printed), None)]


def test_init_needs_no_setup_secret_and_works_once(tmp_path: Path) -> None:
    prepare_database(read_settings(data_dir=tmp_path, setup_secret="preset by the operator"))
    initialize(read_settings(data_dir=tmp_path), "root", "a good password")
    assert prepare_database(read_settings(data_dir=tmp_path)) == ""
    with pytest.raises(Conflict, match="already set up"):
        initialize(read_settings(data_dir=tmp_path), "other", "a good password")


def test_an_access_token_that_is_easily_guessed_is_refused(tmp_path: Path) -> None:
    asked = ["init", "--username", "root", "--password-stdin", "--access-token", "x", "--data-dir", str(tmp_path)]
    found = CliRunner().invoke(cli.app, asked, input="a good password\n")
    assert str(found.exception) == "--access-token: must have 16 to 255 characters, all of them visible ASCII."
    assert list(tmp_path.iterdir()) == []
