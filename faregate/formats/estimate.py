"""Estimating tokens without a tokenizer: characters are sorted into classes, classes have weights per model family.

Used for holds, and for charges when an upstream reports no usage. Counting is exact integer work in hundredths of a
token, so a text cut into pieces anywhere counts the same as the whole.
"""

import re
from typing import Literal
from unicodedata import category

from msgspec import Struct

Family = Literal["gemini", "claude", "other"]


class Weights(Struct, frozen=True):
    """Hundredths of a token for each word, number or character of a class."""

    word: int
    number: int
    cjk: int
    symbol: int
    math: int
    url: int
    at: int
    emoji: int
    line: int  # newline or tab
    space: int


WEIGHTS: dict[Family, Weights] = {
    "other": Weights(word=102, number=155, cjk=85, symbol=40, math=268, url=100, at=200, emoji=212, line=50, space=42),
    "claude": Weights(
        word=113, number=163, cjk=121, symbol=40, math=452, url=126, at=282, emoji=260, line=89, space=39
    ),
    "gemini": Weights(
        word=115, number=280, cjk=68, symbol=38, math=105, url=120, at=250, emoji=108, line=115, space=20
    ),
}

OPENAI_NAMES = ("gpt-", "o1", "o3", "o4", "chatgpt")
MESSAGE_TOKENS, NAME_TOKENS, TOOL_TOKENS, REPLY_TOKENS = 3, 3, 8, 3  # framing of an OpenAI chat request
IMAGE_TOKENS, AUDIO_TOKENS, VIDEO_TOKENS, FILE_TOKENS = 520, 256, 8192, 4096
OPENAI_IMAGE_TILES = 3  # what an image of unknown size is taken for

# Streamed text is counted in portions of about this many characters. A piece waits as an object of ten times its size.
_PIECES_BYTES = 1024

# Class letters: W letter, N digit, S space, L newline or tab, C Chinese, Japanese or Korean, E emoji, M mathematics,
# U URL delimiter, @ itself, O other.
_SPACES = " \v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_HAN = (
    r"\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufa6d\ufa70-\ufad9\U00016fe2\U00016fe3\U00016ff0\U00016ff1\U00020000-\U0002a6df\U0002a700-\U0002b739"
    r"\U0002b740-\U0002b81d\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0\U0002f800-\U0002fa1d\U00030000-\U0003134a"
    r"\U00031350-\U000323af"
)
_CLASSES = (
    ("L", re.compile(r"[\n\t]")),
    ("S", re.compile(f"[{_SPACES}]")),
    ("C", re.compile(rf"[{_HAN}\u3040-\u30ff\uac00-\ud7a3]")),
    ("E", re.compile(r"[\U0001f300-\U0001f9ff\u2600-\u27bf\U0001fa00-\U0001faff]")),
    ("W", None),  # letters and digits go by their Unicode category
    # The blocks of mathematical operators, the signs of Latin-1, raised and lowered signs.
    ("M", re.compile(r"[\u2200-\u22ff\u2a00-\u2aff±×÷¬\u207a-\u207e\u208a-\u208e]")),
    ("@", re.compile("@")),
    ("U", re.compile(r"[/:?&=;#%]")),
)


def _class_of(character: str) -> str:
    """The class letter of one character; the order of the classes decides where they overlap."""
    for letter, members in _CLASSES:
        if members is None:
            kind = category(character)[0]
            if kind in "LN":
                return "W" if kind == "L" else "N"
        elif members.match(character):
            return letter
    return "O"


_ASCII_CLASSES = bytes(ord(_class_of(chr(code))) if code < 128 else 0 for code in range(256))


# Everything but one class blanked out: a run then begins wherever its letter follows a blank.
_WORDS_ONLY = bytes(code if code == ord("W") else ord(".") for code in range(256))
_NUMBERS_ONLY = bytes(code if code == ord("N") else ord(".") for code in range(256))


class _ClassTable(dict[int, str]):
    """Code point -> class letter, for str.translate; holds what was seen, up to a bound."""

    def __missing__(self, code: int) -> str:
        if len(self) >= 16384:
            self.clear()
        letter = self[code] = _class_of(chr(code))
        return letter


_class_table = _ClassTable()


class TextCounter:
    """Counts a text that arrives in pieces, in bounded memory. State: class counts, and the class before the cut."""

    # Made for every answer and seldom asked: what it starts with costs nothing to make.
    _last = b"O"
    _words = _numbers = _symbols = _lines = _spaces = 0
    _cjk = _emoji = _math = _at = _urls = 0

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._waiting = 0

    def feed(self, piece: str) -> None:
        """Count a further piece of the text."""
        self._pieces.append(piece)
        self._waiting += len(piece) + 1  # so that empty pieces are bounded too
        if self._waiting >= _PIECES_BYTES:
            self._count()

    def tokens(self, family: Family) -> int:
        """The estimate for everything fed so far."""
        self._count()
        weights = WEIGHTS[family]
        hundredths = (
            self._words * weights.word
            + self._numbers * weights.number
            + self._cjk * weights.cjk
            + self._symbols * weights.symbol
            + self._math * weights.math
            + self._urls * weights.url
            + self._at * weights.at
            + self._emoji * weights.emoji
            + self._lines * weights.line
            + self._spaces * weights.space
        )
        return -(-hundredths // 100)

    def _count(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        if not text:
            return
        if text.isascii():
            classes = text.encode("ascii").translate(_ASCII_CLASSES)
        else:
            classes = text.translate(_class_table).encode("ascii")
            self._cjk += classes.count(b"C")
            self._emoji += classes.count(b"E")
            self._math += classes.count(b"M")
        continued = self._last + classes
        self._words += continued.translate(_WORDS_ONLY).count(b".W")
        self._numbers += continued.translate(_NUMBERS_ONLY).count(b".N")
        self._spaces += classes.count(b"S")
        self._symbols += classes.count(b"O")
        self._lines += classes.count(b"L")
        self._urls += classes.count(b"U")
        self._at += classes.count(b"@")
        self._last = classes[-1:]


def family_of(model: str) -> Family:
    """Which weights a model's texts are counted with."""
    name = model.lower()
    if "gemini" in name:
        return "gemini"
    return "claude" if "claude" in name else "other"


def estimate_text(text: str, family: Family) -> int:
    """About how many tokens a text is."""
    counter = TextCounter()
    counter.feed(text)
    return counter.tokens(family)


def is_openai_name(model: str) -> bool:
    """True for names of OpenAI's text models, whoever serves them."""
    name = model.lower()
    return any(part in name for part in OPENAI_NAMES)


def image_tokens(model: str) -> int:
    """The flat estimate for one image of unknown size; nothing is downloaded to know better."""
    if not is_openai_name(model):
        return IMAGE_TOKENS
    return OPENAI_IMAGE_TILES * _image_base(model.lower())


def _image_base(name: str) -> int:
    """Tokens an OpenAI model charges for an image before its tiles."""
    if name.startswith("gpt-4o-mini"):
        return 2833
    if name.startswith("gpt-5") and "mini" not in name and "nano" not in name:
        return 70
    if name.startswith(("o1", "o3")):
        return 75
    return 65 if "computer-use-preview" in name else 85


def prompt_estimate(
    text: str,
    model: str,
    *,
    tools: int = 0,
    messages: int = 0,
    named: int = 0,
    images: int = 0,
    audio: int = 0,
    video: int = 0,
    files: int = 0,
    openai_client: bool = False,
) -> int:
    """About how many input tokens a request has: its combined text, framing and attachments.

    The heuristic counts for every model, where others run a byte-pair tokenizer for OpenAI's; a hold need not be exact.
    `named`: messages that carry a name; the framing counts only for requests in OpenAI's formats.
    """
    tokens = estimate_text(text, family_of(model))
    if openai_client:
        tokens += TOOL_TOKENS * tools + MESSAGE_TOKENS * messages + NAME_TOKENS * named + REPLY_TOKENS
    if images:
        tokens += images * image_tokens(model)
    return tokens + audio * AUDIO_TOKENS + video * VIDEO_TOKENS + files * FILE_TOKENS
