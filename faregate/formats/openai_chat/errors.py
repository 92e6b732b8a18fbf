"""The error body of OpenAI clients: `{"error": {"message", "type", "param", "code"}}`."""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Fault


def render_error(fault: Fault) -> bytes:
    """An error body; `metadata` of the upstream is passed on, the gateway's request id follows the message."""
    message = f"{fault.message} (request id: {fault.request_id})" if fault.request_id else fault.message
    error: dict[str, object] = {"message": message, "type": fault.type, "param": fault.param, "code": fault.code}
    if fault.metadata:
        error["metadata"] = Raw(fault.metadata)
    return msgspec.json.encode({"error": error})
