"""Writes the description of the management API for the console: `make console-api`. A test fails when it differs."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from faregate.app import build, open_database
from faregate.settings import read_settings
from faregate.storage.migrate import migrate

TARGET = Path(__file__).resolve().parents[1] / "console" / "src" / "api" / "openapi.json"


def described() -> str:
    """The API's OpenAPI document as this source tree has it, version left out."""
    with tempfile.TemporaryDirectory() as folder:
        document = asyncio.run(_document(Path(folder)))
    document["info"]["version"] = "0"
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


async def _document(folder: Path) -> dict[str, object]:
    settings = read_settings({}, data_dir=folder)
    database = open_database(settings)
    await migrate(database)
    await database.close()
    house = await build(settings, {})
    try:
        return house.api.openapi()
    finally:
        await house.egress.close()
        await house.database.close()


def main() -> None:
    """Write it when it differs."""
    text = described()
    if not TARGET.exists() or TARGET.read_text("utf8") != text:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(text, "utf8")
        sys.stdout.write(f"wrote {TARGET.name}\n")


if __name__ == "__main__":
    main()
