"""Pages that can be switched off."""

import pytest

from faregate.catalog.modules import gate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (True, False)),
        ("{broken", (True, False)),
        ("[1]", (True, False)),
        ('{"a":' * 3000 + "1" + "}" * 3000, (True, False)),
        ('{"rankings": false}', (True, False)),
        ('{"pricing": false}', (False, False)),
        ('{"pricing": "0"}', (False, False)),
        ('{"pricing": " TRUE "}', (True, False)),
        ('{"pricing": 0}', (False, False)),
        ('{"pricing": 1}', (True, False)),
        ('{"pricing": null}', (False, False)),
        ('{"pricing": {}}', (True, False)),
        ('{"pricing": {"enabled": "1", "requireAuth": true}}', (True, True)),
        ('{"pricing": {"enabled": false, "requireAuth": "true"}}', (False, True)),
    ],
)
def test_the_gate_of_a_page(text: str, expected: tuple[bool, bool]) -> None:
    assert gate(text, "pricing") == expected
