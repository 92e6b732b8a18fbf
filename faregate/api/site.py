"""The console as it was built: hashed assets for ever, pages with a policy of their own, all compressed beforehand.

A page's address is any path that no interface claims and a browser asks for as HTML; the console's own router says
what is there. Assets are never counted against a limit.
"""

import re
import secrets
import zlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from faregate.api.first_view import FirstViews

FOLDER = Path(__file__).resolve().parents[1] / "console"
_MARK = "FAREGATE_NONCE"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_CODINGS = ((b"br", "br", ".br"), (b"gzip", "gzip", ".gz"))
_INTERFACES = ("/api/", "/v1/", "/v1beta/", "/pg/", "/mj/", "/suno/", "/dashboard/billing/", "/assets/")
_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src-elem 'self' 'nonce-{nonce}'; style-src-attr 'none';"
    " img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_OWN = "private, no-cache"  # a page differs by cookie and language, and carries a nonce
_SCRIPT = re.compile(r"<script(?: nonce=\"[^\"]*\")?>(.*?)</script>", re.DOTALL)
_STILL = re.compile(r"<!--view-->.*?<!--/view-->", re.DOTALL)
_GZIP_WINDOW = 31
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


@dataclass(frozen=True)
class Asset:
    """A file of the build, beside which lie the same bytes in the content codings it was compressed to."""

    path: Path
    coded: dict[str, Path]
    media_type: str
    caching: str

    def answer(self, accepted: bytes) -> Response:
        """The file in the best coding that the browser takes."""
        headers = {**_HEADERS, "Cache-Control": self.caching, "Vary": "Accept-Encoding"}
        for word, name, _ in _CODINGS:
            if word in accepted and name in self.coded:
                headers["Content-Encoding"] = name
                return Response(self.coded[name].read_bytes(), media_type=self.media_type, headers=headers)
        return Response(self.path.read_bytes(), media_type=self.media_type, headers=headers)


class Site:
    """Serves the console. Without a build it says how to make one."""

    def __init__(self, views: FirstViews, folder: Path = FOLDER) -> None:
        page = folder / "index.html"
        self._page = page.read_text("utf8") if page.exists() else ""
        self._scripts = " ".join(_digest(script) for script in _SCRIPT.findall(self._page))
        self._assets = dict(_assets(folder)) if self._page else {}
        self._views = views

    def claims(self, scope: Any) -> bool:
        """True for an asset, and for a page that a browser asks for."""
        if scope["method"] not in ("GET", "HEAD"):
            return False
        path = scope["path"]
        if path in self._assets:
            return True
        return not path.startswith(_INTERFACES) and b"text/html" in _header(scope, b"accept")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one claimed request."""
        asset = self._assets.get(scope["path"])
        if asset is not None:
            answer = asset.answer(_header(scope, b"accept-encoding"))
        else:
            answer = await self._index(Request(scope))
        await answer(scope, receive, send)

    async def _index(self, request: Request) -> Response:
        if not self._page:
            return PlainTextResponse("The console is not built: run `make install`.\n", status_code=503)
        drawing = await self._views.draw(request)
        page = self._page.replace("<!--head-->", drawing.head)
        if drawing.view:
            page = _STILL.sub(lambda _: drawing.view, page)
        nonce = secrets.token_urlsafe(16)
        headers = {
            **_HEADERS,
            "Cache-Control": _OWN,
            "Vary": "Accept-Encoding, Accept-Language, Cookie",
            "Content-Security-Policy": _POLICY.format(nonce=nonce, scripts=self._scripts),
        }
        body = page.replace(_MARK, nonce).encode()
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = zlib.compress(body, 6, _GZIP_WINDOW)
        return Response(body, media_type="text/html; charset=utf-8", headers=headers)


def _digest(script: str) -> str:
    """The policy's word for a script that may stand in the page, and no other."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _assets(folder: Path) -> Iterable[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in _TYPES or name.startswith("."):
            continue
        coded = {coding: beside for _, coding, ending in _CODINGS if (beside := _beside(path, ending)).exists()}
        caching = _FOR_EVER if name.startswith("assets/") else _ASK_AGAIN
        yield f"/{name}", Asset(path, coded, _TYPES[path.suffix], caching)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _header(scope: Any, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
