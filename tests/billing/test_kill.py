"""Real processes, killed without warning at instants of all kinds."""

import asyncio
import os
import sys
from pathlib import Path

from faregate.billing import examine
from faregate.billing.models import Lease
from faregate.logbook import Bookkeeper
from faregate.storage import Database
from tests.billing.scene import Person, account, ledger, person, recorded, rows, workers

_CHILD = Path(__file__).with_name("settling_child.py")
_ROOT = Path(__file__).parents[2]


async def settle_until_killed(database: Database, folder: Path, ada: Person, prefix: str, lines: int) -> dict[str, int]:
    """What a child reported as settled before it was killed, soon after its `lines`-th report."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_CHILD),
        database.url.render_as_string(hide_password=False),
        str(folder),
        prefix,
        *(str(id) for id in (ada.wallet.account_id, ada.allowance.account_id, ada.user_id, ada.key_id)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    assert child.stdout is not None
    reported = [await child.stdout.readline() for _ in range(lines)]
    child.kill()
    reported += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    # The rest are the child's own log lines.
    whole = [line.split() for line in reported if line.startswith(prefix.encode()) and line.endswith(b"\n")]
    return {id.decode(): int(charge) for id, charge in whole}


async def test_what_was_settled_before_a_kill_is_recorded_exactly_once(database: Database, tmp_path: Path) -> None:
    ada = await person(database, 50_000_000, allowance=40_000_000, unlimited=False)
    folder = tmp_path / "journal"
    reported: dict[str, int] = {}
    for turn, lines in enumerate((1, 160, 411)):
        reported |= await settle_until_killed(database, folder, ada, f"k{turn}", lines)
    book = ledger(database, folder)
    await book.start()
    found = await recorded(database)
    assert len(found) == len(dict(found))
    assert reported.items() <= dict(found).items()
    # At most the one that was settled but not yet reported is there beside.
    assert len(found) <= len(reported) + 3
    total = sum(charge for _, charge in found)
    await book.stop()
    assert await account(database, ada.wallet) == (50_000_000 - total, total)
    assert await account(database, ada.allowance) == (40_000_000 - total, total)
    assert (await rows(database, Lease), await workers(database)) == ([], [])
    assert await examine(database, Bookkeeper()) == []
