"""`/api/docs`: a page that reads the OpenAPI document, tries requests and shows each as programs would make it.

It is one file without any other: its style and script stand within, and the Content-Security-Policy names them by their
hashes, so that nothing else can run, and nothing of another host can be loaded.
"""

import re
from pathlib import Path
from string import Template
from urllib.parse import quote

from aiohttp import web

from catalog.api import params
from catalog.api.http.answers import Fixed, coding_of, fresh_answer, raw_query
from catalog.api.http.negotiation import HTML
from catalog.api.http.operations import Answer, Operation
from catalog.api.http.policies import digest, policy
from catalog.changes import surrogates

FOLDER = Path(__file__).parent
SCRIPTS = ("dom.js", "schema.js", "request.js", "operation.js", "page.js")
"""In this order each uses only what stands before it: together they are one module."""

IMPORTS = re.compile(r"^import .*;\n|^export (?=const|function|async)", re.MULTILINE)


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def script() -> str:
    """The page's modules as one: what each imports from the others is there already."""
    return "".join(IMPORTS.sub("", source(name)) for name in SCRIPTS)


STYLE, SCRIPT = source("page.css"), script()
ICON = "data:image/svg+xml," + quote(source("icon.svg"))
PAGE = Fixed(Template(source("page.html")).substitute(style=STYLE, script=SCRIPT, icon=ICON).encode())
POLICY = policy(
    f"script-src {digest(SCRIPT)}",
    f"style-src {digest(STYLE)}",
    "img-src data:",
    "connect-src 'self'",
    "require-trusted-types-for 'script'",
)


async def docs(request: web.Request) -> web.Response:
    """The page, which is the same for all."""
    params.nothing(raw_query(request))
    headers = [("Content-Security-Policy", POLICY), ("Referrer-Policy", "same-origin")]
    content = PAGE.coded(coding_of(request))
    return fresh_answer(request, content, f"{HTML}; charset=utf-8", headers, keys=(surrogates.FIXED,))


OPERATIONS = (
    Operation(
        id="get_docs",
        method="GET",
        path="/api/docs",
        handler=docs,
        summary="Show these pages",
        description="The document as pages for people, who can try requests there.",
        tag="service",
        answers={
            200: Answer(description="The page.", content={HTML: str}, headers={"ETag": "Names these bytes."}),
            304: Answer(description="The client has it already."),
        },
    ),
)
