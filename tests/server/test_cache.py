"""The revision cache: what is kept, in which form it is given again, and how much of it."""

import asyncio

import pytest
from starlette.types import Scope

from server.cache_answer import WHOLE
from tests.server.cached_site import Site, held, settle

pytestmark = pytest.mark.anyio


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.contract("limits.free")
async def test_the_second_answer_costs_the_application_nothing(site: Site) -> None:
    first, second = await site.get(), await site.get()
    assert (first.body, second.body, site.answered) == (b"answer 1", b"answer 1", 1)
    assert first.header("cache-status") == "revision; fwd=uri-miss; stored"
    assert second.header("cache-status") == "revision; hit"


async def test_a_hit_has_the_headers_of_a_miss_but_its_own_id(site: Site) -> None:
    first, second = await site.get(), await site.get()
    own = {b"x-request-id", b"cache-status"}
    plain = [[pair for pair in answer.headers if pair[0] not in own] for answer in (first, second)]
    assert sorted(plain[0]) == sorted(plain[1])
    assert first.header("x-request-id") != second.header("x-request-id")


async def test_a_failed_computation_is_not_kept(site: Site) -> None:
    async def failing() -> None:
        raise RuntimeError("no answer")

    site.gate = failing
    assert (await site.get()).status == 500
    site.gate = None
    assert (await site.get()).body == b"answer 2"


async def test_an_error_is_not_kept_and_each_waiter_gets_its_own(site: Site) -> None:
    site.status = 503
    release = asyncio.Event()
    site.gate = held([release] * 3)
    asking = [asyncio.create_task(site.get()) for _ in range(3)]
    await settle()
    release.set()
    assert {answer.body for answer in await asyncio.gather(*asking)} == {b"answer 1", b"answer 2", b"answer 3"}
    assert len(site.cache.shelf) == 0


@pytest.mark.parametrize(
    "header",
    [
        (b"set-cookie", b"a=b"),
        (b"vary", b"*"),
        (b"cache-control", b"no-store"),
        (b"cache-control", b"private, no-cache"),
    ],
)
async def test_what_is_one_clients_is_not_kept(site: Site, header: tuple[bytes, bytes]) -> None:
    site.headers.append(header)
    assert [(await site.get()).body for _ in range(2)] == [b"answer 1", b"answer 2"]


@pytest.mark.parametrize(
    "name", [b"connection", b"keep-alive", b"transfer-encoding", b"date", b"ratelimit", b"retry-after", b"upgrade"]
)
async def test_what_belongs_to_one_answer_is_left_out(site: Site, name: bytes) -> None:
    site.headers.append((name, b"x"))
    await site.get()
    assert (await site.get()).header(name.decode()) is None


@pytest.mark.contract("limits.headers")
@pytest.mark.parametrize("extensions", [{}, {WHOLE: lambda *_: False}])
async def test_who_has_drawn_on_a_rate_is_told_what_is_left(site: Site, extensions: dict[str, object]) -> None:
    site.headers.append((b"ratelimit", b"r=1"))
    asked = [await site.get(extensions=extensions) for _ in range(2)]
    assert [each.header("ratelimit") for each in asked] == ["r=1", None]


async def test_a_request_without_a_key_never_meets_the_cache(site: Site) -> None:
    answers = [await site.get("/alone") for _ in range(2)]
    assert [answer.body for answer in answers] == [b"answer 1", b"answer 2"]
    assert {answer.header("cache-status") for answer in answers} == {None}


async def test_head_is_answered_from_get_and_get_from_head(site: Site) -> None:
    head, get = await site.get(method="HEAD"), await site.get()
    assert (head.body, get.body, site.answered) == (b"", b"answer 1", 1)
    assert head.header("content-length") == get.header("content-length") == "8"
    assert (await site.get(method="HEAD")).header("cache-status") == "revision; hit"


@pytest.mark.parametrize("tags", [b'"one"', b'W/"one"', b'"two", "one"', b"*"])
async def test_if_none_match_is_answered_from_the_cache(site: Site, tags: bytes) -> None:
    await site.get()
    answer = await site.get(headers=[(b"if-none-match", tags)])
    assert (answer.status, answer.body, answer.header("etag")) == (304, b"", '"one"')
    assert answer.header("content-length") is answer.header("content-type") is None


async def test_another_tag_gets_the_whole_answer(site: Site) -> None:
    await site.get()
    assert (await site.get(headers=[(b"if-none-match", b'"two"')])).status == 200


async def test_a_conditional_miss_is_computed_whole_and_answered_304(site: Site) -> None:
    answer = await site.get(headers=[(b"if-none-match", b'"one"')])
    assert (answer.status, (await site.get()).body) == (304, b"answer 1")


async def test_an_answer_in_parts_is_kept_whole(site: Site) -> None:
    site.chunks = [b"one ", b"two ", b"three"]
    await site.get()
    again = await site.get()
    assert (again.body, again.header("content-length")) == (b"one two three", "13")


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("method,tags", [("GET", b""), ("HEAD", b""), ("GET", b'"one"')])
async def test_a_miss_goes_in_one_piece_where_the_server_takes_it(
    site: Site, taken: bool, method: str, tags: bytes
) -> None:
    """As a hit does, with the lines that ASGI's messages would have said."""
    pieces: list[tuple[bytes, bytes]] = []

    def whole(_: Scope, head: bytes, body: bytes) -> bool:
        pieces.append((head, body))
        return taken

    headers = [(b"if-none-match", tags)] if tags else []
    site.headers.append((b"ratelimit", b"r=1"))
    first = await site.get(method=method, headers=headers, extensions={WHOLE: whole})
    told = await site.get("/b", method=method, headers=headers)
    [(head, body)] = pieces
    lines = {tuple(line.split(b": ")) for line in head.splitlines()[1:]}
    assert {name for name, _ in lines} == {name for name, _ in told.headers}
    assert (b"cache-status", b"revision; fwd=uri-miss; stored") in lines
    assert (body, head.split()[1]) == (told.body.replace(b"2", b"1"), str(told.status).encode())
    assert bool(first.messages) is not taken


@pytest.mark.parametrize("method,body", [("GET", b"x" * 300_000), ("HEAD", b"")])
async def test_what_is_too_large_is_sent_on_as_it_comes(site: Site, method: str, body: bytes) -> None:
    site.chunks = [b"x" * 100_000] * 3
    answer = await site.get(method=method)
    assert (answer.body, answer.header("cache-status")) == (body, "revision; fwd=uri-miss")
    assert len(site.cache.shelf) == 0


async def test_the_counts_tell_hits_misses_and_bypasses(site: Site) -> None:
    await site.get()
    await site.get()
    site.clock.away = True
    await site.get()
    counts = site.cache.counts
    assert (counts.hits, counts.misses, counts.bypasses) == (1, 1, 1)


async def test_a_closed_cache_keeps_nothing(site: Site) -> None:
    await site.get()
    await site.cache.close()
    assert (len(site.cache.shelf), await site.cache.find(b"/a")) == (0, None)


@pytest.mark.parametrize("path", ["/a", "/alone"])
@pytest.mark.parametrize("status", [200, 404])
async def test_surrogate_keys_never_reach_the_client(site: Site, path: str, status: int) -> None:
    site.status = status
    site.headers.append((b"surrogate-key", b"film/1"))
    answers = [await site.get(path), await site.get(path)]
    site.clock.away = True
    answers.append(await site.get(path))
    assert [answer.header("surrogate-key") for answer in answers] == [None] * 3
