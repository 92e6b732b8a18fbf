"""An upstream on a raw socket: it says exactly the bytes a test wants, when it wants, and notes what it was told."""

import asyncio
import datetime
import os
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def open_files() -> int:
    """File descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


class Line:
    """One accepted connection."""

    def __init__(self, upstream: "Upstream", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.upstream = upstream
        self.reader = reader
        self.writer = writer

    async def head(self) -> bytes:
        """The next request's head, blank line included; noted in `upstream.heads`. Raises IncompleteReadError."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.upstream.heads.append(head)
        self.upstream.heard.set()
        return head

    async def request(self) -> tuple[bytes, bytes]:
        """The next request, its body as it came over the wire (chunked coding not undone)."""
        head = await self.head()
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            return head, await self.reader.readuntil(b"0\r\n\r\n")
        length = next((line.split(b":")[1] for line in lower.split(b"\r\n") if line.startswith(b"content-length:")), 0)
        return head, await self.reader.readexactly(int(length))

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_closed(self) -> None:
        """Returns when the client has closed, gracefully or not; notes it."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass
        self.upstream.left.set()

    def reset(self) -> None:
        """Closes with RST."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Behaviour = Callable[[Line], Awaitable[None]]


class Upstream:
    """What happened so far. `heard`: a head came in. `left`: the client closed."""

    def __init__(self) -> None:
        self.port = 0
        self.scheme = "http"
        self.lines = 0
        self.heads: list[bytes] = []
        self.names: list[str | None] = []
        self.heard = asyncio.Event()
        self.left = asyncio.Event()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@asynccontextmanager
async def upstream(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    """Every connection is served by `behaviour` and closed when that returns."""
    here = Upstream()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.lines += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behaviour(Line(here, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    if tls is not None:
        here.scheme = "https"
        tls.sni_callback = lambda _socket, name, _context: here.names.append(name)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20, backlog=1024)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def always(answer: bytes) -> Behaviour:
    """Answers every request on a connection with the same bytes."""

    async def behave(line: Line) -> None:
        while True:
            await line.request()
            await line.say(answer)

    return behave


def once(answer: bytes) -> Behaviour:
    """Answers one request and closes."""

    async def behave(line: Line) -> None:
        await line.request()
        await line.say(answer)

    return behave


class Authority:
    """A certificate authority of the test's own, as PEM file, and server contexts signed by it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self._certificate = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None), None)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def subject_hash(self) -> str:
        """The name under which OpenSSL looks for this authority in a directory."""
        certificate = self.file.read_bytes()
        command = ["openssl", "x509", "-noout", "-subject_hash"]
        return subprocess.run(command, input=certificate, capture_output=True, check=True).stdout.decode().strip()

    def server_context(self, *names: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        certificate = self._sign(x509.Name([]), key, x509.BasicConstraints(ca=False, path_length=None), alternatives)
        pem = self._folder / f"{names[0]}.pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        constraints: x509.BasicConstraints,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(constraints, critical=True)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=True)
        return builder.sign(self._key, hashes.SHA256())
