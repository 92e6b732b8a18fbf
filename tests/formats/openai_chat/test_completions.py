"""Legacy completions: prompts that are given as token numbers."""

import pytest

from faregate.formats.openai_chat.completions import token_numbers, weigh_completion


@pytest.mark.parametrize(
    ("given", "count", "text"),
    [
        ("[1,2,3]", 3, ""),
        ("[[1,2],[3]]", 3, ""),
        ('["a",[1,2],"b",3]', 3, "a\nb"),
        ("[[],[7]]", 1, ""),
        ("[]", 0, ""),
        ('"[1,2,3]"', 0, "[1,2,3]"),
        ('["a","b"]', 0, "a\nb"),
        ("null", 0, ""),
    ],
)
def test_prompts_given_by_number_are_counted_and_texts_weighed(given: str, count: int, text: str) -> None:
    body = f'{{"model":"m","prompt":{given}}}'.encode()
    assert (token_numbers(body), weigh_completion(body).text) == (count, text)


@pytest.mark.parametrize("body", [b'{"model":"m"}', b"[nonsense", b"[1,2]", b'{"input":[1,2]}', b"[" * 100_000])
def test_what_has_no_prompt_counts_nothing(body: bytes) -> None:
    assert token_numbers(body) == 0
