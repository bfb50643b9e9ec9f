"""The few addresses that the server answers itself: pages fixed at start, redirects to a mount, files from folders."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from servestatic import ServeStaticASGI
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""Our own pages need no script and nothing from elsewhere."""

UPLOAD_POLICY = "default-src 'none'; sandbox"
"""What somebody uploaded must not run in our origin, whatever it claims to be."""

HASHED_NAME = r"\.[0-9a-f]{12}\."
"""Names that Django's manifest storage made: the content never changes under one."""


class Resource:
    """An ASGI endpoint for GET and HEAD; any other method is answered 405. Subclasses give the response."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, f"{scope['method']} is not possible here.", {"Allow": "GET, HEAD"})
        response = await self.respond(scope)
        await response(scope, receive, send)

    async def respond(self, scope: Scope) -> Response:
        raise NotImplementedError


class Page(Resource):
    """HTML that was rendered at start."""

    def __init__(self, body: bytes) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        self.headers = {"ETag": etag, "Cache-Control": "no-cache", "Content-Security-Policy": PAGE_POLICY}
        self.body = body

    async def respond(self, scope: Scope) -> Response:
        sent = [value for name, value in scope["headers"] if name == b"if-none-match"]
        if names_etag(sent, self.headers["ETag"]):
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, media_type="text/html", headers=self.headers)


class Redirect(Resource):
    """A permanent move to a path on this host, as the mounts need for their address without a slash."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def respond(self, scope: Scope) -> Response:
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(f"{self.path}?{query}" if query else self.path, 308)


class Uploads(StaticFiles):
    """Files that curators have uploaded: they may change, and are not trusted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = (b"content-security-policy", UPLOAD_POLICY.encode())
                message = {**message, "headers": [*message["headers"], policy]}
            await send(message)

        await super().__call__(scope, receive, guarded)


def static_files() -> ServeStaticASGI:
    """The application for the admin's hashed and compressed files; `add_files(root, prefix)` fills it at start."""
    return ServeStaticASGI(not_found, allow_all_origins=False, immutable_file_test=HASHED_NAME)


def uploads(directory: Path) -> ASGIApp:
    """The application for uploaded files; the folder need not exist yet."""
    return Uploads(directory=directory, check_dir=False)


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI's signature
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    raise HTTPException(404, "Nothing is served at this address.")


def names_etag(headers: Iterable[bytes], etag: str) -> bool:
    """Whether If-None-Match names the entity tag, by the weak comparison (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for value in headers for tag in value.decode("latin-1").split(",")]
    return etag in tags or "*" in tags
