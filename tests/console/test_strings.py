"""What the console has from the server's source: the API's description and the names of settings are up to date."""

import json

from scripts.write_api_schema import TARGET, described
from scripts.write_option_titles import LOCALES, text, titles


def test_the_description_of_the_api_is_that_of_the_server() -> None:
    assert TARGET.read_text("utf8") == described(), "run `make console-api`"


def test_every_setting_has_a_name_in_every_language() -> None:
    assert (LOCALES / "en" / "options.json").read_text("utf8") == text(), "run `make console-api`"
    for language in LOCALES.iterdir():
        found = json.loads((language / "options.json").read_text("utf8"))
        assert found.keys() == titles().keys(), language.name
