"""What OpenAI refuses in either of its dialects: some settings by the model's family, and long end-user ids."""

import re

from msgspec.structs import replace

from faregate.formats.dialect import Notes
from faregate.formats.turn import Sampling, Turn

LONGEST_USER = 64
_REASONING = re.compile(r"o\d|gpt-5")
_WITHOUT_DEVELOPER = ("o1-mini", "o1-preview")
_DEFAULTS = {"temperature": 1, "top_p": 1, "logprobs": False, "top_logprobs": 0}
_O_SERIES_REFUSES = ("temperature",)
_GPT_5_REFUSES = tuple(_DEFAULTS)


def reasons(model: str) -> bool:
    """True for the models of the o-series and the GPT-5 family."""
    return _REASONING.match(model) is not None


def wants_developer(model: str) -> bool:
    """True for the models that take their instructions from a `developer`."""
    return reasons(model) and not model.startswith(_WITHOUT_DEVELOPER)


def suited(turn: Turn, notes: Notes) -> Turn:
    """A turn of another dialect without what would be refused; a note for each loss that changes the answer."""
    if len(turn.user) > LONGEST_USER:
        notes.dropped("user")
        turn = replace(turn, user="")
    return replace(turn, sampling=_suited_sampling(turn, notes)) if reasons(turn.model) else turn


def _suited_sampling(turn: Turn, notes: Notes) -> Sampling:
    refused = _GPT_5_REFUSES if turn.model.startswith("gpt-5") else _O_SERIES_REFUSES
    for name in refused:
        if getattr(turn.sampling, name) not in (None, _DEFAULTS[name]):
            notes.dropped(name)
    return replace(turn.sampling, **dict.fromkeys(refused))
