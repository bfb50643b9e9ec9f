"""A mirror of the catalogue, as a client keeps it: it begins with an export and lives off the changes."""

from typing import Any

from catalog import selectors
from catalog.models import Film, Person
from catalog.selectors.changes import ChangedState

Catalogue = dict[tuple[str, int], tuple[int, str]]
"""Version and title or name, by what it is and its id."""


class Mirror:
    """What a client knows. A state counts when its version is higher, or as high and the film is gone."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], tuple[int, str | None]] = {}
        self.position = ""
        self.begin()

    def begin(self) -> None:
        """The position first, and only then the export."""
        self.position = selectors.changes(None, 1).position
        self.known = dict(catalogue())

    def read(self, limit: int) -> bool:
        """Take one page; whether something follows."""
        page = selectors.changes(self.position, limit)
        assert len(page.changes) <= limit
        assert len({(each.entity, each.id) for each in page.changes}) == len(page.changes)
        self.position = page.position
        if page.reset:
            self.begin()
        for change in page.changes:
            self.take(change)
        return page.more

    def take(self, change: ChangedState) -> None:
        key, (version, _) = (change.entity, change.id), self.known.get((change.entity, change.id), (0, None))
        if change.version > version or (change.version == version and change.state is None):
            self.known[key] = change.version, name_of(change.state)

    def read_to_the_end(self, limit: int) -> Catalogue:
        """The catalogue as the mirror has it then."""
        while self.read(limit):
            pass
        return {key: (version, name) for key, (version, name) in self.known.items() if name is not None}


def name_of(state: Any) -> str | None:
    return None if state is None else getattr(state, "title", None) or state.name


def catalogue() -> Catalogue:
    """What the public may see."""
    films = Film.objects.filter(published=True).values_list("id", "version", "title")
    people = Person.objects.values_list("id", "version", "name")
    return {
        **{("film", film_id): (version, title) for film_id, version, title in films},
        **{("person", person_id): (version, name) for person_id, version, name in people},
    }
