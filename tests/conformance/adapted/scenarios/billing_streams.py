"""billing_streams, reading a refusal as a stream without events.

A stream of nothing but [DONE] is refused here with a 5xx and a JSON body; the scenario takes every answer for a list.
"""

from conform import Client
from scenarios import billing_streams

_post = Client.post


def _events(client, path, body=None, **more):
    got = _post(client, path, body, **more)
    streams = isinstance(body, dict) and body.get("stream") and more.get("keep") is False
    return [] if streams and isinstance(got, dict) else got


def run(world):
    """The scenario, unchanged but for that."""
    Client.post = _events
    billing_streams.run(world)
