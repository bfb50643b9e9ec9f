"""The parameters of `/api/changes` and its stream."""

import re

from catalog.api.http.parsers import Refused, described, whole
from catalog.api.http.query import Parameter, by_name

POSITION = r"[0-9a-f]{12}~[0-9:,._]{1,3100}"
LIMIT_DEFAULT, LIMIT_MAX = 1000, 10_000


@described({"type": "string", "pattern": f"^{POSITION}$"})
def position(text: str) -> str:
    """A position in the form that we give; whether it means anything only the log knows. Raises Refused."""
    if not re.fullmatch(POSITION, text, re.ASCII):
        raise Refused("bad_position", "is no position of this service")
    return text


SINCE = Parameter(
    name="since",
    parser=position,
    description="Where to go on from: `position` of an earlier answer, as it is. Without it the answer is the present "
    "end.",
)
LIMIT = Parameter(
    name="limit",
    parser=whole(1, LIMIT_MAX),
    description="Films and people of a page, at most.",
    default=LIMIT_DEFAULT,
    example=100,
)
CHANGES_PARAMETERS = by_name((SINCE, LIMIT))
STREAM_PARAMETERS = by_name((SINCE,))
