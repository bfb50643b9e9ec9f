"""What has changed since a position, with its present state: for mirrors of the catalogue."""

from collections.abc import Iterable

import msgspec

from catalog.changes import feed
from catalog.changes.places import Key
from catalog.selectors.films import films_by_id
from catalog.selectors.people import people_by_id
from catalog.values import FILM_FIELDS, PERSON_FIELDS, ChangeKind


class ChangedState(msgspec.Struct, frozen=True):
    """A film (`film`) or person (`person`) that has changed, as it is now.

    kind: `created` where it came into sight within the page, `deleted` where it can't be seen any more, else `updated`.
    state: a record of its own columns; None once it is deleted.
    """

    entity: str
    id: int
    kind: ChangeKind
    version: int
    state: msgspec.Struct | None


class ChangePage(msgspec.Struct, frozen=True):
    """What has changed since a position, each film and person once, and the position to go on from.

    more: whether something follows that was there already. reset: anything may have changed, and nothing is listed.
    """

    changes: list[ChangedState]
    position: str
    more: bool = False
    reset: bool = False


READ_SIZE = 1024
"""Films or people that one query reads."""


def changes(since: str | None, limit: int) -> ChangePage:
    """What has changed since a position, at most `limit` films and people; without one the present end.

    The state is read after the log, and so may be newer than the position: then it comes again, with its own version.
    At most five queries for each thousand. Raises Invalid for what is no position, Gone for one from which there is no
    way on, ConnectionError while a migration has closed the log.
    """
    if since is None:
        return ChangePage([], feed.end())
    portion = feed.since(since, limit)
    states = present(portion.changed)
    deleted = feed.deleted_versions(key for key in portion.changed if key not in states)
    changed = [
        changed_state(key, states.get(key), appeared=appeared, version=max(version, deleted.get(key, 0)))
        for key, (appeared, version) in portion.changed.items()
    ]
    return ChangePage(changed, portion.position, portion.more, portion.reset)


def changed_state(key: Key, state: msgspec.Struct | None, *, appeared: bool, version: int) -> ChangedState:
    """What has become of a film or person; `version` is the highest that the log has."""
    if state is None:
        return ChangedState(*key, ChangeKind.DELETED, version, None)
    kind = ChangeKind.CREATED if appeared else ChangeKind.UPDATED
    return ChangedState(*key, kind, state.version, state)  # type: ignore[attr-defined]


def present(keys: Iterable[Key]) -> dict[Key, msgspec.Struct]:
    """The states of those published films and people that exist. A query for each thousand of either."""
    ids: dict[str, list[int]] = {"film": [], "person": []}
    for key in keys:
        ids[key.entity].append(key.id)
    films = (films_by_id(some, FILM_FIELDS) for some in portions(ids["film"]))
    people = (people_by_id(some, PERSON_FIELDS) for some in portions(ids["person"]))
    return {
        **{Key("film", film_id): record for found in films for film_id, record in found.items()},
        **{Key("person", person_id): record for found in people for person_id, record in found.items()},
    }


def portions(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + READ_SIZE] for start in range(0, len(ids), READ_SIZE))
