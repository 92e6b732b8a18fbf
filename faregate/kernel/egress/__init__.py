"""The one outbound HTTP client: `Egress.send(request)` gives an answer's head and its bytes as they arrive.

It promises: bytes and headers as given, both ways; nothing sent twice; a cancelled or failed call closes its
connection at once; every failure is a class of its own; a guarded URL reaches no special-purpose address.
"""

from faregate.kernel.egress.answer import Answer
from faregate.kernel.egress.client import Egress
from faregate.kernel.egress.guard import Guard
from faregate.kernel.egress.messages import Deadlines, Head, Request, header_text
from faregate.kernel.egress.proxies import parse_proxy
from faregate.kernel.egress.settings import EgressSettings

__all__ = ["Answer", "Deadlines", "Egress", "EgressSettings", "Guard", "Head", "Request", "header_text", "parse_proxy"]
