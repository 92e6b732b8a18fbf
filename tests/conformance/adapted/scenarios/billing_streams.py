"""billing_streams, reading a refusal as a stream without events.

A stream of nothing but [DONE] is refused here with a 5xx and a JSON body; the scenario takes every answer for a list.
"""

from scenarios import billing_streams


def run(world):
    """The scenario, unchanged but for that."""
    client = type(world.public)
    post = client.post

    def events(self, path, body=None, **more):
        got = post(self, path, body, **more)
        streams = isinstance(body, dict) and body.get("stream") and more.get("keep") is False
        return [] if streams and isinstance(got, dict) else got

    client.post = events
    billing_streams.run(world)
