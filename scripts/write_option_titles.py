"""Writes the names of the run-time settings into the console's English strings: `make console-api`.

Other languages are written by hand; a test fails when one of them lacks a name.
"""

import json
import sys
from pathlib import Path

from faregate.app import SECTIONS
from faregate.storage.sections import field_key

LOCALES = Path(__file__).resolve().parents[1] / "console" / "src" / "locales"
TARGET = LOCALES / "en" / "options.json"


def titles() -> dict[str, str]:
    """What every setting and section is called, and what a section's help says."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        name = section.__name__.removesuffix("Settings")
        found[f"section {name}"] = section.title
        if section.help:
            found[f"help {name}"] = section.help
        for field in section.model_fields.values():
            found[field_key(field)] = field.title or field_key(field)
    return found


def text() -> str:
    """The file as it should be."""
    return json.dumps(titles(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it when it differs."""
    if not TARGET.exists() or TARGET.read_text("utf8") != text():
        TARGET.write_text(text(), "utf8")
        sys.stdout.write("wrote options.json\n")


if __name__ == "__main__":
    main()
