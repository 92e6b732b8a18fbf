"""Callers who leave: the upstream is let go at once, and only what had been produced is charged."""

import json
import time
from collections.abc import Callable

import pytest

from tests.relay.books import ERROR
from tests.relay.conftest import Listener, Plane, model_of
from tests.relay.stage import Call
from tests.relay.wire import DIALECTS, ask

AT_ONCE_S = 1.0


def newest(plane: Plane, act: str, dialect: str, listener: Listener) -> Call:
    """The upstream's side of a call that has just been made."""
    before = {id(call) for call in plane.stage.of(act) if call.left.is_set()}
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        calls = [call for call in plane.stage.of(act) if call.dialect == dialect and id(call) not in before]
        if calls:
            return calls[-1]
        time.sleep(0.01)
    raise AssertionError(f"the call did not reach the upstream: {listener.connection}")


def let_go(call: Call, listener: Listener) -> bool:
    """Leave; true when the upstream sees it at once."""
    left_at = time.monotonic()
    listener.close()
    return call.left.wait(5) and call.left_at - left_at < AT_ONCE_S


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("act", "stream"), [("stall_head", False), ("stall_head", True), ("stall_first", True)])
def test_who_leaves_before_the_first_word_pays_nothing(
    plane: Plane, spent: Callable[[], int], dialect: str, act: str, stream: bool
) -> None:
    errors = len(plane.books.records(ERROR))
    listener = plane.listen(dialect, *ask(dialect, model_of(act, dialect), stream=stream))
    assert let_go(newest(plane, act, dialect, listener), listener)
    assert spent() == 0
    assert len(plane.books.records(ERROR)) == errors
    assert plane.books.held() == 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_who_leaves_in_the_middle_pays_for_what_came(plane: Plane, spent: Callable[[], int], dialect: str) -> None:
    listener = plane.listen(dialect, *ask(dialect, model_of("stall_middle", dialect), stream=True))
    listener.until(b"hello")
    ident = listener.request_id
    assert let_go(newest(plane, "stall_middle", dialect, listener), listener)
    row = plane.books.wait_for([ident])[ident]
    assert (row.charge, row.completion_tokens) == (row.prompt_tokens + 3, 3)
    status = json.loads(row.other)["stream_status"]
    assert (status["status"], status["end_reason"]) == ("error", "client_gone")
    assert spent() == row.charge
