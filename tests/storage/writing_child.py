"""A second process that writes to an embedded database: says "ready", waits for a line, bumps a topic many times.

Arguments: the file, how often.
"""

import asyncio
import sys
from pathlib import Path

from faregate.storage import Database, Topic, bump, database_url


async def main() -> None:
    file, times = sys.argv[1:]
    database = Database(database_url(f"sqlite:///{file}", Path()))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(int(times)):
        async with database.write() as session:
            bump(session, Topic.KEYS)
    await database.close()


asyncio.run(main())
