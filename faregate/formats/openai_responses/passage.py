"""Same dialect in and out: every frame passes as it came."""

from msgspec import Raw

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Glimpse
from faregate.formats.openai_responses.errors import response_error
from faregate.formats.openai_responses.glimpse import response_in
from faregate.formats.openai_responses.output import response_id, response_object
from faregate.formats.openai_responses.wire import MALFORMED, payload, read
from faregate.formats.openai_responses.writer import event_frame
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest


class Passage:
    """State: the first frame with data (it names the response) and the number of frames, both only for `fail`."""

    __slots__ = ("_count", "_first", "_opening")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._first = b""
        self._count = 0

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame itself."""
        del glimpse
        if not self._first:
            self._first = payload(frame)
        self._count += 1
        return frame

    def end(self, usage: Usage, reported: bool) -> bytes:
        """Nothing: the last event of this dialect is the upstream's own, usage included."""
        del usage, reported
        return b""

    def fail(self, fault: Fault) -> bytes:
        """`response.failed` under the id of the response that was announced."""
        announced = response_in(self._announced())
        identity = response_id(announced.id or "", self._opening)
        created = int(announced.created_at or self._opening.created)
        model = announced.model or self._opening.model
        error = response_error(fault)
        response = response_object(identity, created, model, status="failed", output=[], error=error)
        return event_frame("response.failed", {"response": response}, self._count)

    def _announced(self) -> Raw:
        try:
            return read(self._first, dict[str, Raw]).get("response", Raw()) if self._first else Raw()
        except (BadRequest, *MALFORMED):
            return Raw()
