"""Every header that a request may have, with values that nobody should send: never a fault of ours."""

import pytest

from tests.catalog.api.client import Client
from tests.catalog.api.writing import Writer, full_film

HEADERS = (
    *("Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Content-Type", "Expect", "Idempotency-Key"),
    *("If-Match", "If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "Last-Event-ID", "Origin", "Prefer"),
    *("Range", "Upgrade", "Write-Position", "X-Forwarded-For", "X-Request-ID"),
)
VALUES = (
    *("", " ", ",", ";", "=", '"', '"\\', "*", "\u00e9", "\u4f8d", "x" * 5000, "a," * 2000, "q=" * 2000, "9" * 400),
    *(";q=nan", "*/*;q=1e999", "-1", "bytes=0-0,-1", "Bearer", "Bearer " + "x" * 5000, "bearer mdb_", 'W/"'),
    *('"1.x.br"', "text/html, */*", "Fri, 31 Feb 2026 25:61:61 GMT", "application/json; charset", "gzip;q=1.0001"),
    *("return", 'return="minimal'),
)
REFUSED = frozenset({400, 401, 406, 412, 415, 417, 422})


@pytest.mark.contract("errors.honest", "errors.problem")
@pytest.mark.parametrize("name", HEADERS)
def test_no_header_is_a_fault_of_ours(client: Client, name: str) -> None:
    writer = Writer(client)
    path = f"/api/movies/{full_film().pk}"
    method, address = ("POST", "/api/people") if name == "Idempotency-Key" else ("PATCH", path)
    for value in VALUES:
        for answer in (
            client.get(path, headers={name: value}),
            writer.send_bytes(method, address, b"{}", **{name: value}),
        ):
            assert answer.status in {200, 201, 304} | REFUSED, (value, answer.status)
            assert answer.status not in REFUSED or answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.contract("writes.prefer")
@pytest.mark.parametrize(
    "value", ["", "return", "return=", 'return="minimal', 'return=minimal"', "return=less", "minimal"]
)
def test_a_preference_that_is_none_is_left_alone(client: Client, value: str) -> None:
    """RFC 7240, 2: what is not understood is not honoured, and no fault."""
    answer = Writer(client).patch(f"/api/movies/{full_film().pk}", {}, Prefer=value)
    assert (answer.status, "Preference-Applied" in answer.headers) == (200, False)
