"""Content codings: what is chosen, and that it can be read again."""

import sys
import zlib
from hashlib import shake_256

import brotli
import pytest

from catalog.api.http.codings import SMALL_BYTES, encoded, wanted_coding
from catalog.models import Film
from tests.catalog.api.client import Client

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODERS = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": lambda body: zlib.decompress(body, wbits=31)}


@pytest.mark.contract("fresh.codings")
@pytest.mark.parametrize(
    "header,coding",
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("GZIP;Q=0.8, br;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0.1, gzip;q=0.2", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=nonsense", "identity"),
        ("gzip;q=2", "identity"),
        ("gzip;q=nan", "identity"),
        ("identity;q=0", "identity"),
        ("deflate", "identity"),
    ],
)
def test_the_coding_is_the_one_that_the_client_wants_most(header: str | None, coding: str) -> None:
    assert wanted_coding(header) == coding


@pytest.mark.parametrize("coding", DECODERS)
def test_a_body_survives_its_coding(coding: str) -> None:
    body = b"films " * 1000
    sent, used = encoded(body, coding)
    assert (used, len(sent) < len(body), DECODERS[coding](sent)) == (coding, True, body)


@pytest.mark.parametrize("coding", DECODERS)
def test_a_coding_is_the_same_each_time(coding: str) -> None:
    """A strong entity tag promises equal bytes."""
    assert encoded(b"a" * 5000, coding) == encoded(b"a" * 5000, coding)


@pytest.mark.parametrize("body", [b"a" * (SMALL_BYTES - 1), shake_256(b"noise").digest(600)])
def test_what_would_gain_nothing_stays_as_it_is(body: bytes) -> None:
    assert encoded(body, "zstd") == (body, "identity")


@pytest.fixture
def films(db: None) -> None:
    for number in range(10):
        Film.objects.create(title=f"Film {number}", published=True)


@pytest.mark.contract("fresh.codings")
@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_a_page_comes_in_the_coding_asked_for(client: Client, films: None, coding: str) -> None:
    """The test's client decodes what the header names, and would fail on anything else."""
    plain = client.get("/api/movies", headers={"Accept-Encoding": "identity"})
    answer = client.get("/api/movies", headers={"Accept-Encoding": coding})
    assert (answer.headers["Content-Encoding"], answer.body) == (coding, plain.body)
    assert int(answer.headers["Content-Length"]) < len(plain.body)


@pytest.mark.contract("fresh.vary")
def test_a_page_without_a_coding_says_none(client: Client, films: None) -> None:
    answer = client.get("/api/movies", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
