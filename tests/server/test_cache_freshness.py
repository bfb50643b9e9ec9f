"""The revision cache: how long what is kept holds, and who may share what is being made."""

import asyncio

import pytest
from starlette.types import Message

from server.cache import Computation
from tests.server.asgi_client import http_scope
from tests.server.cached_site import Site, held, settle

pytestmark = pytest.mark.anyio


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_logged_commit_ends_what_is_kept(site: Site) -> None:
    await site.get()
    site.clock.commit()
    assert (await site.get()).body == b"answer 2"


async def test_a_commit_that_no_answer_shows_costs_one_question_and_no_answer(site: Site) -> None:
    await site.get()
    site.clock.commit(logged=False)
    asked = site.clock.asked
    answers = [await site.get() for _ in range(3)]
    assert {answer.header("cache-status") for answer in answers} == {"revision; hit"}
    assert site.clock.asked == asked + 1


async def test_two_unlogged_commits_and_a_logged_one_are_seen(site: Site) -> None:
    """The position from which the log is asked moves on, and must not move too far."""
    await site.get()
    for logged in (False, False, True):
        site.clock.commit(logged=logged)
        last = await site.get()
    assert last.body == b"answer 2"


async def test_another_connection_empties_the_cache_unasked(site: Site) -> None:
    await site.get()
    site.clock.generation += 1
    assert (await site.get()).body == b"answer 2"


async def test_requests_for_the_same_share_one_computation(site: Site) -> None:
    site.gate = held([release := asyncio.Event()])
    asking = [asyncio.create_task(site.get()) for _ in range(5)]
    await settle()
    release.set()
    answers = await asyncio.gather(*asking)
    assert {answer.body for answer in answers} == {b"answer 1"}
    assert [answer.header("cache-status") for answer in answers].count("revision; fwd=uri-miss; collapsed") == 4


async def test_who_arrives_after_a_change_does_not_share_what_began_before_it(site: Site) -> None:
    site.gate = held([first := asyncio.Event(), second := asyncio.Event()])
    early = asyncio.create_task(site.get())
    await settle()
    site.clock.commit()
    late = asyncio.create_task(site.get())
    await settle()
    second.set()
    assert (await late).body == b"answer 2"
    first.set()
    assert (await early).body == b"answer 1"


async def test_what_began_before_a_change_is_not_kept(site: Site) -> None:
    site.gate = held([first := asyncio.Event(), second := asyncio.Event()])
    early = asyncio.create_task(site.get())
    await settle()
    site.clock.commit()
    second.set()
    await site.get()
    first.set()
    assert (await early).header("cache-status") == "revision; fwd=uri-miss"
    assert (await site.get()).body == b"answer 2"


async def test_a_client_that_leaves_loses_the_others_nothing(site: Site) -> None:
    """The computation never hears of it: its `receive` is that of a client who stays."""
    site.gate = held([release := asyncio.Event()])
    gone = asyncio.create_task(site.front(http_scope("/a"), disconnected, ignored))
    await settle()
    staying = asyncio.create_task(site.get())
    await settle()
    release.set()
    assert (await staying).body == b"answer 1"
    await gone
    assert site.answered == 1


async def disconnected() -> Message:
    return {"type": "http.disconnect"}


async def ignored(message: Message) -> None:
    """Nobody is there."""


async def test_a_computation_that_is_cancelled_leaves_the_others_to_themselves(site: Site) -> None:
    site.gate = held([asyncio.Event(), release := asyncio.Event()])
    leading = asyncio.create_task(site.get())
    await settle()
    waiting = asyncio.create_task(site.get())
    await settle()
    leading.cancel()
    release.set()
    answer = await waiting
    assert (answer.body, answer.header("cache-status")) == (b"answer 2", "revision; fwd=bypass")


async def test_without_a_revision_the_cache_is_passed_by(site: Site) -> None:
    await site.get()
    site.clock.away = True
    answer = await site.get()
    assert (answer.body, answer.header("cache-status")) == (b"answer 2", "revision; fwd=bypass")


async def test_while_a_trigger_is_missing_nothing_is_kept(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.clock.lacking = ["film_update"]
    assert [(await site.get()).body for _ in range(2)] == [b"answer 1", b"answer 2"]
    assert caplog.text.count("film_update") == 1
    site.clock.lacking = []
    site.cache.validity._retry_at = 0.0
    assert [(await site.get()).body for _ in range(2)] == [b"answer 3", b"answer 3"]


async def test_while_the_data_come_from_another_node_than_the_revision_nothing_is_kept(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.data_at = "there"
    site.nodes.note()
    assert [(await site.get()).body for _ in range(2)] == [b"answer 1", b"answer 2"]
    assert "another server" in caplog.text
    site.clock.asked_at = "there"
    site.cache.validity._retry_at = 0.0
    assert [(await site.get()).body for _ in range(2)] == [b"answer 3", b"answer 3"]


async def test_a_thread_that_connects_elsewhere_ends_what_is_kept(site: Site) -> None:
    """It may have read what its server had: older than what the revision tells of."""
    await site.get()
    await elsewhere(site)
    assert (await site.get()).header("cache-status") == "revision; fwd=bypass"


async def test_what_was_kept_before_a_thread_was_elsewhere_is_not_given_after_its_return(site: Site) -> None:
    await site.get()
    await elsewhere(site)
    site.nodes.ask_again()
    assert [(await site.get()).body for _ in range(2)] == [b"answer 2", b"answer 2"]


async def elsewhere(site: Site) -> None:
    """Another thread of the executor opens a connection, which leads to another server."""
    site.data_at = "there"
    await asyncio.to_thread(site.nodes.note)
    site.data_at = "here"


async def test_a_trigger_that_goes_missing_ends_what_is_kept(site: Site) -> None:
    """Dropping it is a commit, and from then on the log is silent about what changes."""
    await site.get()
    site.clock.lacking = ["film_update"]
    site.clock.commit(logged=False)
    assert (await site.get()).body == b"answer 2"


async def test_a_log_that_cannot_be_asked_is_no_reason_to_fail(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise ConnectionError("the database is away")

    await site.get()
    site.clock.commit()
    monkeypatch.setattr(site.clock, "position", away)
    answers = [await site.get() for _ in range(2)]
    assert [answer.body for answer in answers] == [b"answer 2", b"answer 3"]
    assert {answer.header("cache-status") for answer in answers} == {"revision; fwd=bypass"}


async def test_a_computation_is_shared_until_it_ends(site: Site) -> None:
    first, second = await site.cache.find(b"/a"), await site.cache.find(b"/a")
    assert isinstance(first, Computation)
    assert first is second


async def test_a_commit_ends_only_what_has_its_keys(site: Site) -> None:
    for path, keys in {"/a": b"film/1 films", "/b": b"film/2 films"}.items():
        site.headers = [(b"surrogate-key", keys)]
        await site.get(path)
    site.clock.commit("film/1", "films.year")
    assert [(await site.get(path)).header("cache-status") for path in ("/a", "/b")] == [
        "revision; fwd=uri-miss; stored",
        "revision; hit",
    ]


@pytest.mark.parametrize("key,kept", [("film/1", False), ("film/2", True)])
async def test_what_began_before_a_change_is_kept_if_that_does_not_concern_it(site: Site, key: str, kept: bool) -> None:
    site.headers = [(b"surrogate-key", b"film/1")]
    await site.get("/b")  # what is kept is asked about when it is asked for again
    site.gate = held([first := asyncio.Event(), second := asyncio.Event()])
    early = asyncio.create_task(site.get("/a"))
    await settle()
    site.clock.commit(key)
    second.set()
    await site.get("/b")
    first.set()
    assert ((await early).header("cache-status") == "revision; fwd=uri-miss; stored") is kept


async def test_who_finds_nothing_asks_nothing(site: Site) -> None:
    await site.get("/a")
    asked = site.clock.number
    assert (await site.get("/b")).header("cache-status") == "revision; fwd=uri-miss; stored"
    assert site.clock.number == asked


async def test_what_was_made_without_asking_does_not_outlive_a_change(site: Site) -> None:
    await site.get("/a")
    await site.get("/b")
    site.clock.commit()
    assert (await site.get("/b")).body == b"answer 3"


async def test_who_takes_part_in_what_another_makes_asks_first(site: Site) -> None:
    await site.get("/a")
    site.gate = held([first := asyncio.Event(), second := asyncio.Event()])
    early = asyncio.create_task(site.get("/b"))
    await settle()
    site.clock.commit()  # which the first may have missed
    late = asyncio.create_task(site.get("/b"))
    await settle()
    first.set()
    second.set()
    assert [(await early).body, (await late).body] == [b"answer 2", b"answer 3"]


async def test_nothing_is_made_without_asking_while_the_data_come_from_elsewhere(site: Site) -> None:
    await site.get("/a")
    site.data_at = "there"
    site.nodes.note()
    assert (await site.get("/b")).header("cache-status") == "revision; fwd=bypass"


async def test_a_commit_with_the_key_of_everything_ends_all(site: Site) -> None:
    site.headers = [(b"surrogate-key", b"film/1")]
    await site.get()
    site.clock.commit("*")
    assert (await site.get()).body == b"answer 2"
