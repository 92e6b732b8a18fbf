"""What is loaded is memory that every process keeps: only what it needs, and what is configured."""

import subprocess
import sys
from pathlib import Path

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
