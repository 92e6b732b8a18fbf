"""Many calls at once, each on a connection of its own, each told apart: answered whole, refused, or broken off."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What one caller got. `complete` when the answer came to its end."""

    status: int = 0
    request_id: str = ""
    complete: bool = False
    body: bytes = b""

    @property
    def good(self) -> bool:
        """True for a complete 200 with a proper end."""
        return self.complete and self.status == 200


async def call(port: int, path: str, headers: dict[str, str], body: Any) -> Outcome:
    """One call; never raises for what the server does to the connection."""
    data = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return Outcome()
    try:
        packed = json.dumps(body).encode()
        fields = {"Host": "gateway", "Content-Type": "application/json", "Content-Length": str(len(packed)), **headers}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + packed)
        while piece := await reader.read(65536):
            data += piece
    except OSError:
        pass
    finally:
        writer.close()
    return _outcome(data)


def _outcome(data: bytes) -> Outcome:
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        return Outcome()
    found = {name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*?)\r?$", head.decode())}
    length = found.get("content-length")
    complete = body.endswith(b"0\r\n\r\n") if length is None else len(body) == int(length)
    return Outcome(int(head.split(b" ")[1]), found.get("x-faregate-request-id", ""), complete, body)


def at_once(port: int, path: str, headers: dict[str, str], bodies: Iterable[Any]) -> list[Outcome]:
    """The outcomes of calls that are all made at the same time."""

    async def run() -> list[Outcome]:
        return await asyncio.gather(*(call(port, path, headers, body) for body in bodies))

    return asyncio.run(run())
