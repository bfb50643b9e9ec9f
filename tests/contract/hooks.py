"""What schemathesis is told of this API, and what it counts: loaded by `SCHEMATHESIS_HOOKS`."""

import atexit
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis

from catalog.api.http.write_positions import encoded
from catalog.values.replication import WritePosition

BEYOND = frozenset(
    {
        "misplaced",  # stands beside what excludes it, or without what it belongs to
        "repeated",
        "duplicate",  # a name twice, with and without its sign
        "empty_range",  # begins above its end
        "out_of_range",  # a number within the text of a range
        "other_list",  # a cursor of another list
        "bad_cursor",
        "blank",
        "too_many",
        "nul",  # JSON has it, text in a database has not
        "required",  # one of two members that say the same
        "ambiguous",  # a name that several people have
        "taken",  # an id of another film, beside what else is wrong
        "too_early",  # a death before the birth
        "too_precise",  # a day where only the year is said to be known
        "not_a_number",  # JSON has exponents, an address has not
        "bad_address",  # no place on the internet that events may go to
        "bad_secret",  # base64 of the wrong number of bytes
        "bad_position",  # of a write: well formed, and never given
        "read_only",  # what GET gave may be sent back, and nothing else
    }
)
"""Rules that no schema tells: a request that is well formed by the document may be refused for these alone."""

STATUSES: Counter[int] = Counter()


def codes(response: Any) -> set[str]:
    """The codes of what a problem complains of."""
    return {fault["code"] for fault in response.json().get("errors", ())}


@schemathesis.check
def refusal_is_beyond_schemas(ctx: Any, response: Any, case: Any) -> None:
    """What the document allows is refused only by rules that no schema can tell."""
    del ctx
    if response.status_code not in {400, 422} or case.method == "HEAD" or case.meta is None:
        return
    if not case.meta.generation.mode.is_positive:
        return
    unexplained = {code for code in codes(response) if code not in BEYOND and not code.startswith("unknown_")}
    assert not unexplained, f"well-formed by the document, and yet refused: {sorted(unexplained)}"


@schemathesis.check
def problem_is_whole(ctx: Any, response: Any, case: Any) -> None:
    """Every refusal, of whatever layer, is a problem that names the request it belongs to."""
    del ctx
    if response.status_code < 400 or case.method == "HEAD":
        return
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["x-request-id"][0]


KNOWN = {"genre": "drama", "country": "FR", "language": "en", "person": "1"}
"""Values that the sample has: others are 400, and few would be met by chance."""

GIVEN = encoded(WritePosition(1, 1, 0, 0))
"""The position of a write that every database shows."""

chance = random.Random(0)  # noqa: S311  the runs of one seed should be alike


def aim_of(case: Any) -> str | None:
    """The parameter that a case of the coverage phase is about; nothing elsewhere, or where it is about none."""
    return None if case.meta is None else getattr(case.meta.phase.data, "parameter", None)


@schemathesis.hook
def before_call(context: Any, case: Any, **_: Any) -> None:
    """Mend three of four well-formed queries in what no schema tells, so that more is answered than refused.

    An answer whose body was not wanted has no form that could be looked at: nothing asks for one.
    """
    del context
    (case.headers or {}).pop("Prefer", None)
    well_formed = case.meta is not None and case.meta.generation.mode.is_positive
    if (case.headers or {}).get("If-Match") == "0" and (well_formed or aim_of(case) not in {None, "If-Match"}):
        case.headers["If-Match"] = "*"  # schemathesis takes 0 for what its pattern allows
    if well_formed and case.method == "POST" and case.path == "/api/webhooks":
        # With a key its answer comes again after the webhook has gone, of which no 410 tells.
        (case.headers or {}).pop("Idempotency-Key", None)
    if well_formed and "Write-Position" in (case.headers or {}):
        case.headers["Write-Position"] = GIVEN  # by chance no value has the right sum
    query = case.query
    if not well_formed or not query or chance.random() < 0.25:
        return
    for name in ("cursor", *(["seed"] if query.get("sort") != "random" else [])):
        query.pop(name, None)
    if "ids" in query:
        for name in query.keys() - {"ids", "fields", "include"}:
            del query[name]
    query.update({name: [value] for name, value in KNOWN.items() if name in query})


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Count the answer."""
    del context, case
    STATUSES[response.status_code] += 1


def write_down() -> None:
    """How often each status was answered, for whoever started the run."""
    if path := os.environ.get("CONTRACT_COUNTS"):
        Path(path).write_text(json.dumps(STATUSES), encoding="utf-8")


atexit.register(write_down)
