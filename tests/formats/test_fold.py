"""Folding events into a reply and back."""

from faregate.formats.events import Choice, Close, Delta, Item, Open, Reply, Seal, Start, Stop
from faregate.formats.fold import Fold, fold, unfold
from faregate.formats.turn import Inline, Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage

SEAL = Sealed("anthropic", "sig", "acc")
PICTURE = Media("image", Inline("image/png", "QQ=="))


def test_each_kind_of_block_becomes_its_part() -> None:
    events = [
        Start("r1", "m", 5),
        Open(0, "thinking"),
        Delta(0, "hm"),
        Seal(0, SEAL),
        Close(0),
        Open(1, "text"),
        Delta(1, "a"),
        Delta(1, "b"),
        Close(1),
        Open(2, "tool", "c1", "f"),
        Delta(2, '{"x":1}'),
        Close(2),
        Open(3, "refusal"),
        Delta(3, "no"),
        Close(3),
        Open(4, "item"),
        Item(4, PICTURE),
        Close(4),
        Stop("stop_sequence", "end", "END"),
    ]
    parts = (Thinking("hm", SEAL), Text("ab"), ToolCall("c1", "f", '{"x":1}'), Refusal("no"), PICTURE)
    reply = Reply(id="r1", model="m", created=5, choices=(Choice(parts, "stop_sequence", "end", "END"),))
    assert fold(events) == reply


def test_interleaved_blocks_are_kept_apart() -> None:
    events = [
        Start("", ""),
        Open(0, "tool", "a", "f"),
        Open(1, "tool", "b", "g"),
        Delta(0, "{"),
        Delta(1, "{}"),
        Delta(0, "}"),
        Close(1),
        Close(0),
        Stop("tool_calls"),
    ]
    assert fold(events).choices[0].parts == (ToolCall("a", "f"), ToolCall("b", "g"))


def test_a_call_without_arguments_has_an_empty_object_and_a_free_text_call_nothing() -> None:
    events = [Start("", ""), Open(0, "tool", "a", "f"), Close(0), Open(1, "tool", "b", "g", 0, True), Close(1)]
    assert fold(events).choices[0].parts == (ToolCall("a", "f", "{}"), ToolCall("b", "g", "", custom=True))


def test_a_sealed_thought_without_words_is_redacted() -> None:
    events = [Start("", ""), Open(0, "thinking"), Seal(0, SEAL), Close(0)]
    assert fold(events).choices[0].parts == (Thinking("", SEAL, redacted=True),)


def test_an_item_that_never_came_is_no_part() -> None:
    assert fold([Start("", ""), Open(0, "item"), Close(0)]).choices[0].parts == ()


def test_choices_are_told_apart_and_one_without_a_stop_ended_otherwise() -> None:
    events = [
        Start("", "m"),
        Open(0, "text", choice=1),
        Delta(0, "b"),
        Open(1, "text"),
        Delta(1, "a"),
        Close(0),
        Close(1),
        Stop("length", "max", choice=1),
    ]
    assert fold(events).choices == (Choice((Text("a"),), "other"), Choice((Text("b"),), "length", "max"))


def test_usage_goes_into_the_reply() -> None:
    usage = Usage(input=1)
    folded = Fold()
    folded.feed([Start("r", "m")])
    assert folded.reply(usage) == Reply(id="r", model="m", choices=(Choice((), "other"),), usage=usage)


def test_a_reply_of_every_kind_unfolds_and_folds_back() -> None:
    parts = (
        Thinking("hm", SEAL),
        Thinking("", SEAL, redacted=True),
        Text("ab", sealed=SEAL),
        Text(""),
        ToolCall("c1", "f", '{"x":1}', sealed=SEAL),
        ToolCall("c2", "g", "", custom=True),
        Refusal("no"),
        PICTURE,
        Opaque("gemini", "executableCode", b"{}"),
    )
    reply = Reply(id="r", model="m", created=1, choices=(Choice(parts, "tool_calls", "raw"), Choice((), "refusal")))
    events = list(unfold(reply))
    assert fold(events) == reply
    assert [event.block for event in events if isinstance(event, Open)] == list(range(len(parts)))
