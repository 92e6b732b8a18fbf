"""The fast estimator against a plain walk over the characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.formats.estimate import (
    WEIGHTS,
    Family,
    TextCounter,
    _class_of,
    _ClassTable,
    estimate_text,
    family_of,
    image_tokens,
    is_openai_name,
    prompt_estimate,
)

HAN = ((0x2E80, 0x2FD5), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF))
NO_HAN = {0x2E9A, 0x3006, *range(0x2EF4, 0x2F00), 0xFA6E, 0xFA6F}
MORE_HAN = ((0xF900, 0xFAD9), (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF1), (0x20000, 0x2A6DF), (0x2A700, 0x2B739))
LAST_HAN = ((0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2F800, 0x2FA1D), (0x30000, 0x3134A))
CJK = (*HAN, *MORE_HAN, *LAST_HAN, (0x31350, 0x323AF), (0x3040, 0x30FF), (0xAC00, 0xD7A3))
EMOJI = ((0x1F300, 0x1F9FF), (0x2600, 0x27BF), (0x1FA00, 0x1FAFF))
MATH = ((0x2200, 0x22FF), (0x2A00, 0x2AFF), (0x207A, 0x207E), (0x208A, 0x208E))


def within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)


def class_of(character: str) -> str:
    """The class of a character as billing.md section 9.2 orders them."""
    kind = unicodedata.category(character)
    if character in "\n\t":
        return "line"
    if character in " \v\f\r\x85" or kind in ("Zs", "Zl", "Zp"):
        return "space"
    if within(character, CJK) and ord(character) not in NO_HAN:
        return "cjk"
    if within(character, EMOJI):
        return "emoji"
    if kind[0] in "LN":
        return "word" if kind[0] == "L" else "number"
    if within(character, MATH) or character in "±×÷¬":
        return "math"
    if character == "@":
        return "at"
    return "url" if character in "/:?&=;#%" else "symbol"


def walk(text: str, family: Family) -> int:
    """The estimate, character by character: letters and digits count where a run of them begins."""
    total, run = 0, ""
    for character in text:
        found = class_of(character)
        if found != run or found not in ("word", "number"):
            total += getattr(WEIGHTS[family], found)
        run = found
    return -(-total // 100)


LETTERS = {
    "W": "word",
    "N": "number",
    "S": "space",
    "L": "line",
    "C": "cjk",
    "E": "emoji",
    "M": "math",
    "U": "url",
    "@": "at",
    "O": "symbol",
}
families = st.sampled_from(["gemini", "claude", "other"])
unicode = st.text(st.characters(exclude_categories=("Cs",)))
mixed = st.text(st.sampled_from("ab1²٣ \n\t@/:?.,é你ひ한😀☀∑±⁺\u3000\u2028\x1c𝐀𠀀"))


@given(unicode | mixed, families)
def test_the_fast_count_equals_the_walk(text, family) -> None:
    assert estimate_text(text, family) == walk(text, family)


def test_every_character_of_the_basic_plane_is_in_the_class_of_the_walk() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        assert LETTERS[_class_of(chr(code))] == class_of(chr(code)), hex(code)


@given(st.lists(unicode | mixed), families)
def test_pieces_count_like_the_whole(pieces, family) -> None:
    counter = TextCounter()
    for piece in pieces:
        counter.feed(piece)
        counter.tokens(family)  # looking in between forces a cut here
    assert counter.tokens(family) == walk("".join(pieces), family)


def test_memory_stays_bounded_however_small_the_pieces() -> None:
    counter = TextCounter()
    for _ in range(50_000):
        counter.feed("")
        counter.feed("ab")
    assert len(counter._pieces) <= 1024
    assert counter.tokens("other") == 2  # one word, 1.02


def test_the_class_table_forgets_instead_of_growing() -> None:
    table = _ClassTable()
    assert "".join(table[code] for code in range(0x4E00, 0x4E00 + 16385)) == "C" * 16385
    assert len(table) == 1


@pytest.mark.parametrize(
    ("model", "family"), [("Google/Gemini-2.5", "gemini"), ("anthropic.CLAUDE-3", "claude"), ("gpt-4o", "other")]
)
def test_the_family_goes_by_a_part_of_the_name(model, family) -> None:
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-4o", 255),
        ("GPT-4o-mini", 8499),
        ("gpt-5", 210),
        ("gpt-5-mini", 255),
        ("o1", 225),
        ("o3-mini", 225),
        ("o4-mini", 255),
        ("gpt-computer-use-preview", 195),
        ("claude-3", 520),
        ("glm-4v", 520),
    ],
)
def test_an_image_of_unknown_size_costs_a_flat_number(model, tokens) -> None:
    assert image_tokens(model) == tokens


def test_openai_names_are_found_anywhere_in_the_name() -> None:
    assert is_openai_name("azure/ChatGPT-4o")
    assert not is_openai_name("llama-3")


def test_a_prompt_adds_framing_and_attachments() -> None:
    assert prompt_estimate("abc", "gpt-4o") == 2
    assert prompt_estimate("abc", "gpt-4o", tools=1, messages=2, named=1, openai_client=True) == 2 + 8 + 6 + 3 + 3
    assert prompt_estimate("abc", "gpt-4o", tools=1, messages=2, named=1) == 2
    assert prompt_estimate("", "claude-3", images=2, audio=1, video=1, files=1) == 1040 + 256 + 8192 + 4096
