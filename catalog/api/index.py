"""`/api`, the links to everything else, and `/api/problems`, what the types of problems mean."""

from collections.abc import Iterable
from html import escape
from importlib.metadata import PackageNotFoundError, version

import msgspec
from aiohttp import web

from catalog.api import params
from catalog.api.http.answers import SURROGATE_KEY, Fixed, answer, coding_of, freshness, json_answer, raw_query
from catalog.api.http.negotiation import HTML, JSON, accepted, preferred
from catalog.api.http.operations import Answer, Operation
from catalog.api.http.policies import digest, policy
from catalog.api.http.problems import ADDRESS, KINDS, Kind
from catalog.api.schemas import Index, ProblemKind, ProblemKinds
from catalog.changes import surrogates
from catalog.errors import NotFound

STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui;margin:2rem 1rem}main{max-width:40rem;margin:auto}"
    "li{margin:.25rem 0}code{font-size:.9em}"
)
POLICY = policy(f"style-src {digest(STYLE)}")
"""The pages need their style and nothing else."""

CONTENTS: web.AppKey[Fixed] = web.AppKey("contents", Fixed)


def installed_version(package: str) -> str | None:
    """The version of an installed package; None in a checkout that has not been installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def form(data: object, title: str, page: str) -> dict[str, bytes]:
    """A resource that never changes, in both of its forms."""
    head = f'<meta charset=utf-8><meta name=viewport content="width=device-width"><title>{title}</title>'
    html = f"<!doctype html><html lang=en>{head}<style>{STYLE}</style><main>{page}</main>"
    return {JSON: msgspec.json.encode(data), HTML: html.encode()}


def described(status: int, kind: Kind) -> dict[str, bytes]:
    """Both forms of what one kind of problem means."""
    data = {"type": f"{ADDRESS}/{kind.slug}", "title": kind.title, "status": status, "explanation": kind.explanation}
    title = escape(kind.title)
    page = f"<h1>{title}</h1><p><code>{status}</code></p><p>{escape(kind.explanation)}</p>"
    return form(data, title, f'{page}<p><a href="{ADDRESS}">All problems</a></p>')


def listed() -> dict[str, bytes]:
    """Both forms of the list of all kinds."""
    items = "".join(
        f'<li><code>{status}</code> <a href="{ADDRESS}/{kind.slug}">{escape(kind.title)}</a></li>'
        for status, kind in KINDS.items()
    )
    data = [{"type": f"{ADDRESS}/{kind.slug}", "title": kind.title, "status": status} for status, kind in KINDS.items()]
    return form({"data": data}, "Problems", f"<h1>Problems</h1><ul>{items}</ul>")


PROBLEM_LIST = listed()
PROBLEMS = {kind.slug: described(status, kind) for status, kind in KINDS.items()}


def links(operations: Iterable[Operation]) -> dict[str, str]:
    """The address of every resource, by the noun of what reads it, `list_movies` is `movies`; else by what is done."""
    found: dict[str, tuple[str, str]] = {}
    for each in operations:
        if each.method == "GET":
            found[each.path] = ("self" if each.id == "get_index" else each.id.partition("_")[2], template(each))
        else:
            found.setdefault(each.path, (each.id, template(each)))
    return dict(found.values())


def template(operation: Operation) -> str:
    """The address of an operation, with what its query must have (RFC 6570): `/api/movies/suggest{?q}`."""
    required = ",".join(name for name, parameter in operation.parameters.items() if parameter.required)
    return f"{operation.path}{{?{required}}}" if required else operation.path


def contents(operations: Iterable[Operation]) -> bytes:
    """The body of the index."""
    return msgspec.json.encode(Index("moviedb", installed_version("moviedb"), links(operations)))


async def index(request: web.Request) -> web.Response:
    """What there is."""
    params.nothing(raw_query(request))
    return json_answer(request, request.app[CONTENTS].coded(coding_of(request)), keys=(surrogates.FIXED,))


async def problem_list(request: web.Request) -> web.Response:
    """Every problem that this service may answer with."""
    return static_form(request, PROBLEM_LIST)


async def problem(request: web.Request) -> web.Response:
    """What one type of problem means."""
    slug = request.match_info["slug"]
    if slug not in PROBLEMS:
        raise NotFound("There is no such type of problem.")
    return static_form(request, PROBLEMS[slug])


def static_form(request: web.Request, forms: dict[str, bytes]) -> web.Response:
    """The form that the client prefers; the checks have made sure that there is one."""
    params.nothing(raw_query(request))
    chosen = preferred(accepted(request.headers), (JSON, HTML)) or JSON
    content_type = chosen if chosen == JSON else f"{HTML}; charset=utf-8"
    headers = [freshness(request), ("Vary", "Accept"), (SURROGATE_KEY, surrogates.FIXED)]
    headers += [("Content-Security-Policy", POLICY)] if chosen == HTML else []
    return answer(200, forms[chosen], content_type, headers)


OPERATIONS = (
    Operation(
        id="get_index",
        method="GET",
        path="/api",
        handler=index,
        summary="What there is",
        description="Links to every resource, and the version of the service.",
        tag="service",
        answers={
            200: Answer(description="The links.", content={JSON: Index}, headers={"ETag": "Names these bytes."}),
            304: Answer(description="The client has them already."),
        },
        problems=(400,),
    ),
    Operation(
        id="list_problems",
        method="GET",
        path=ADDRESS,
        handler=problem_list,
        summary="List the kinds of problems",
        tag="service",
        answers={200: Answer(description="Every kind.", content={JSON: ProblemKinds, HTML: str})},
        problems=(400,),
    ),
    Operation(
        id="get_problem",
        method="GET",
        path=ADDRESS + "/{slug}",
        handler=problem,
        summary="Explain one kind of problem",
        tag="service",
        path_parameters={"slug": {"type": "string", "enum": sorted(PROBLEMS)}},
        answers={200: Answer(description="What it means.", content={JSON: ProblemKind, HTML: str})},
        problems=(400, 404),
    ),
)
