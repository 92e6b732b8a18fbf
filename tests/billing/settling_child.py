"""A worker that settles as fast as it can and says so on its output, until somebody kills it.

Arguments: address of the database, directory of the journal, a prefix for ids, wallet, allowance, user, key.
"""

import asyncio
import sys
from pathlib import Path

from faregate.billing import AccountRef, Ledger, Limits, Line, Settlement
from faregate.logbook import Bookkeeper
from faregate.storage import Database, database_url


async def main() -> None:
    address, folder, prefix, wallet_id, allowance_id, user_id, key_id = sys.argv[1:]
    database = Database(database_url(address, Path(folder)))
    book = Ledger(database, Bookkeeper(), Path(folder), node="test", limits=Limits(flush_s=0.01, batch=20))
    await book.start()
    wallet, allowance = AccountRef(int(wallet_id)), AccountRef(int(allowance_id))
    number = 0
    while True:
        hold = await book.hold(wallet, allowance, 100)
        settlement = Settlement(
            id=f"{prefix}-{number}", at=7200, line=Line(model="m"), user_id=int(user_id), key_id=int(key_id)
        )
        book.settle(hold, 40 + number % 90, settlement)
        sys.stdout.write(f"{settlement.id} {settlement.charge}\n")
        sys.stdout.flush()
        number += 1
        if number % 7 == 0:
            await asyncio.sleep(0.001)


asyncio.run(main())
