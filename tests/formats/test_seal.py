"""Envelopes of sealed items."""

import pytest

from faregate.formats.seal import opens_for, pack, unpack
from faregate.formats.turn import Sealed


@pytest.mark.parametrize("data", ["sig", "a.b.c==", "", '{"type":"x"}', "fg1.anthropic.x.y"])
@pytest.mark.parametrize("origin", ["", "acc-1"])
def test_an_envelope_comes_back_as_it_was(data: str, origin: str) -> None:
    sealed = Sealed("anthropic", data, origin)
    assert unpack(pack(sealed), "openai_chat") == sealed


@pytest.mark.parametrize("text", ["sig", "fg1.nobody.x.y", "fg1.anthropic", "fg1.", ""])
def test_anything_else_belongs_to_the_dialect_it_came_in(text: str) -> None:
    assert unpack(text, "gemini") == Sealed("gemini", text)


def test_a_seal_opens_only_for_its_dialect_and_account() -> None:
    sealed = Sealed("anthropic", "sig", "a")
    assert opens_for(sealed, "anthropic", "a")
    assert opens_for(sealed, "anthropic", "")
    assert opens_for(Sealed("anthropic", "sig"), "anthropic", "a")
    assert not opens_for(sealed, "anthropic", "b")
    assert not opens_for(sealed, "gemini", "a")
