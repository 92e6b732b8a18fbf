"""The meter: reads usage off the upstream side, in the upstream's own dialect, so that no translation alters a bill."""

from collections.abc import Callable

from msgspec.structs import replace

from faregate.formats.dialect import Dialect
from faregate.formats.estimate import TextCounter, family_of
from faregate.formats.events import Glimpse
from faregate.formats.turn import DialectName
from faregate.formats.usage import Semantic, Usage

_SEMANTICS: dict[DialectName, Semantic] = {"anthropic": "anthropic", "gemini": "gemini"}
_CALL_TOKENS = 7  # what a tool call costs beyond its words, where we have to estimate
_CREDIBLE_TOKENS = 1 << 30  # a report of more, in or out, is a mistake of the upstream's: the text is counted instead
_CREDIBLE_SEARCHES = 10_000
_DONE = b"[DONE]"
# Where nothing of the answer follows its stop reason. Elsewhere other choices may; Gemini may name one in every piece.
_STOP_IS_LAST: frozenset[DialectName] = frozenset(("anthropic", "openai_responses"))


class Meter:
    """What one answer used. State: the newest usage, and a bounded count of the text in case none ever comes."""

    __slots__ = ("_calls", "_counter", "_dialect", "_is_native", "_model", "done", "final", "junk", "live", "usage")

    def __init__(self, dialect: Dialect, model: str, *, is_native: bool = True) -> None:
        self._is_native = is_native  # False where the dialect's own usage rules do not apply (embeddings)
        self._dialect = dialect
        self._model = model
        self._counter: TextCounter | None = None
        self._calls = 0
        self.usage: Usage | None = None
        self.final = False
        self.done = False
        self.live = False  # content has come
        self.junk = 0

    def follow(self, frame: bytes, glimpse: Glimpse) -> None:
        """Take what one frame of a stream tells. Its mark of the end ends a stream that had content (decision 0006)."""
        self.see(glimpse)
        if glimpse.live:
            self.live = True
        elif not glimpse.final and not glimpse.junk and _DONE in frame:
            self.done = True
            self.final = self.final or self.live

    def see(self, glimpse: Glimpse) -> None:
        """Take what one frame tells."""
        if glimpse.text:
            if self._counter is None:
                self._counter = TextCounter()
            self._counter.feed(glimpse.text)
        if glimpse.usage is not None:
            self.usage = self._dialect.merge(self.usage, glimpse.usage)
        if glimpse.final:
            self.final = True
        if glimpse.tool_calls:
            self._calls += glimpse.tool_calls
        if glimpse.junk:
            self.junk += 1

    @property
    def ended(self) -> bool:
        """True when the stream has told its own end: nothing is missing, should its connection break now."""
        return self.final and (self.done or self._dialect.name in _STOP_IS_LAST)

    @property
    def has_content(self) -> bool:
        """True when the upstream produced anything that is worth money."""
        return self._counter is not None or self._calls > 0 or (self.usage is not None and not self.usage.is_empty)

    @property
    def reported(self) -> bool:
        """True when the upstream itself told a usage that can be believed."""
        usage = self.usage
        if usage is None:
            return False
        tokens = max(usage.total_input, usage.total_output)
        return 0 < tokens <= _CREDIBLE_TOKENS and usage.web_searches <= _CREDIBLE_SEARCHES

    def total(self, prompt_tokens: Callable[[], int]) -> Usage:
        """The usage to charge: what was reported, with what is missing estimated and flagged; never zero for text.

        An answer that broke off is charged the larger of the reported output and the text that came.
        """
        usage = self.usage if self.reported else None
        if usage is None:
            return self._estimated(prompt_tokens())
        if usage.total_input == 0:
            prompt = prompt_tokens()
            usage = replace(usage, input=prompt, prompt=prompt, estimated=True)
        if not self._lacks_output(usage):
            return usage
        counted = self._counted()
        if counted <= usage.total_output:
            return usage
        return replace(usage, output=usage.output + counted - usage.total_output, completion=counted, estimated=True)

    def _lacks_output(self, usage: Usage) -> bool:
        if not self.final:
            return True
        # A chat host that reports a prompt and no completion is believed; elsewhere 0 beside text is an omission.
        return self._dialect.name != "openai_chat" and usage.total_output == 0

    def _counted(self) -> int:
        counter = self._counter
        return (counter.tokens(family_of(self._model)) if counter is not None else 0) + _CALL_TOKENS * self._calls

    def _estimated(self, prompt_tokens: int) -> Usage:
        counted = self._counted()
        semantic = _SEMANTICS.get(self._dialect.name, "openai") if self._is_native else "openai"
        return Usage(
            input=prompt_tokens,
            prompt=prompt_tokens,
            output=counted,
            completion=counted,
            semantic=semantic,
            estimated=True,
        )
