"""The shelf: what it keeps, how long, and within which bounds."""

import random
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.cache_answer import Kept
from server.cache_shelf import Shelf

BUDGET_BYTES = 1_000_000


def kept(size: int = 10, keys: Iterable[str] | None = None) -> Kept:
    """An answer that depends on these keys; without any, on everything."""
    headers = [] if keys is None else [(b"surrogate-key", " ".join(keys).encode())]
    return Kept(headers, b"x" * size)


def noted(shelf: Shelf, *keys: str) -> None:
    shelf.note({key.encode() for key in keys})


def test_the_least_recently_used_goes_first() -> None:
    one = kept(1000)
    shelf = Shelf((one.size + 1) * 10)
    for number in range(10):
        shelf.put(b"%d" % number, kept(1000), 0)
    shelf.get(b"0")
    shelf.put(b"x", kept(1000), 0)
    assert (shelf.get(b"0") is not None, shelf.get(b"1"), len(shelf)) == (True, None, 10)


def test_one_answer_takes_only_a_part_of_the_budget() -> None:
    shelf = Shelf(80_000)
    assert not shelf.put(b"a", kept(10_000), 0)
    assert len(shelf) == 0


def test_a_change_ends_what_has_one_of_its_keys_and_nothing_else() -> None:
    shelf = Shelf(BUDGET_BYTES)
    for name, keys in {b"a": ["film/1", "films"], b"b": ["film/2", "films"], b"c": ["film/1"]}.items():
        shelf.put(name, kept(keys=keys), 0)
    noted(shelf, "film/1", "films.year")
    assert [shelf.get(name) is not None for name in (b"a", b"b", b"c")] == [False, True, False]


def test_what_says_nothing_of_its_keys_is_ended_by_any_change() -> None:
    shelf = Shelf(BUDGET_BYTES)
    shelf.put(b"a", kept(), 0)
    shelf.put(b"b", kept(keys=[]), 0)
    noted(shelf, "film/1")
    assert (shelf.get(b"a"), shelf.get(b"b")) == (None, None)


def test_a_change_of_everything_ends_all() -> None:
    shelf = Shelf(BUDGET_BYTES)
    shelf.put(b"a", kept(keys=["film/1"]), 0)
    noted(shelf, "*")
    assert (shelf.get(b"a"), len(shelf)) == (None, 0)


def test_what_was_read_before_a_change_of_its_keys_is_not_kept() -> None:
    shelf = Shelf(BUDGET_BYTES)
    since = shelf.changes
    noted(shelf, "film/1")
    assert not shelf.put(b"a", kept(keys=["film/1"]), since)
    assert shelf.put(b"b", kept(keys=["film/2"]), since)
    assert shelf.put(b"a", kept(keys=["film/1"]), shelf.changes)


def test_what_was_read_before_the_notes_begin_is_not_kept() -> None:
    shelf = Shelf(BUDGET_BYTES)
    since = shelf.changes
    noted(shelf, "*")
    assert not shelf.put(b"a", kept(keys=["film/1"]), since)


def test_what_is_asked_for_outlives_the_notes_and_the_rest_goes_with_them() -> None:
    shelf = Shelf(BUDGET_BYTES)
    shelf.put(b"asked", kept(keys=["film/0"]), 0)
    shelf.put(b"unasked", kept(keys=["film/0"]), 0)
    for number in range(1, 1000):
        noted(shelf, f"film/{number}")
        assert shelf.get(b"asked") is not None
    assert shelf.get(b"unasked") is None


def test_a_change_of_too_many_keys_is_one_of_everything() -> None:
    shelf = Shelf(BUDGET_BYTES)
    shelf.put(b"a", kept(keys=["film/0"]), 0)
    noted(shelf, *(f"film/{number}" for number in range(1, 1000)))
    assert shelf.get(b"a") is None


@pytest.mark.parametrize("budget", [0, 5_000, 100_000])
def test_the_budget_is_never_passed(budget: int) -> None:
    chance = random.Random(budget)  # noqa: S311  no secret
    shelf = Shelf(budget)
    for number in range(3000):
        keys = [f"film/{chance.randrange(500)}" for _ in range(chance.randrange(100))]
        if number % 3:
            shelf.put(b"%d" % chance.randrange(300), kept(chance.randrange(9000), keys), shelf.changes)
        else:
            noted(shelf, *keys[:5])
        shelf.get(b"%d" % chance.randrange(300))
        assert shelf.size <= budget
    entries = sum(len(key) + entry.size for key, entry in shelf._entries.items())
    assert shelf.size == entries + 200 * (len(shelf._notes) + len(shelf._earlier))


@pytest.mark.parametrize("size", [200, 9000])
def test_what_is_counted_is_what_is_taken(size: int) -> None:
    """As the interpreter's allocator has it, and little more."""
    name, expose, shelf, number = b"etag", b"access-control-expose-headers", Shelf(2**30), 300
    tracemalloc.start()
    for each in range(number):
        entry = Kept([(name, b'"%032d"' % each), (expose, b"%0150d" % each)], bytes(size))
        shelf.put(b"/api/movies?limit=%d application/json identity" % each, entry, 0)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken <= shelf.size <= 1.3 * taken


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 4), st.sets(st.integers(0, 9), max_size=4), st.integers(0, 3)),
        st.tuples(st.just("get"), st.integers(0, 4), st.just(set()), st.just(0)),
        st.tuples(st.just("note"), st.just(0), st.sets(st.integers(0, 9), max_size=4), st.just(0)),
    ),
    max_size=60,
)


@given(steps)
@settings(max_examples=300, deadline=None)
def test_what_is_found_has_outlived_every_change_since_it_was_read(steps: list[tuple[str, int, set[int], int]]) -> None:
    """Against the plain truth: the set of all keys that have changed since, without bounds."""
    shelf = Shelf(16_000)  # notes of two times two changes
    history: list[set[int]] = []
    read: dict[int, tuple[int, set[int]]] = {}
    for what, name, keys, ago in steps:
        if what == "note":
            history.append(keys)
            noted(shelf, *map(str, keys))
        elif what == "put":
            since = max(0, len(history) - ago)
            if shelf.put(b"%d" % name, kept(1, map(str, keys) if keys else None), since):
                read[name] = since, keys
        elif shelf.get(b"%d" % name) is not None:
            since, own = read[name]
            assert not any(not own or own & changed for changed in history[since:])
