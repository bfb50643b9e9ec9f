"""What a film is after so many counts: the writers make it so, and the checker of staleness knows it.

Everything follows from the count alone, so that an answer is fresh if it shows some count that was committed, or being
committed, while it was made.
"""


def is_published(count: int) -> bool:
    """Two thirds of the time."""
    return count // 7 % 3 != 2


def is_in_genre(count: int) -> bool:
    """Whether the film is linked to its writer's genre."""
    return count // 5 % 2 == 0


def name_of(slot: int, count: int) -> str:
    """The name of one of its cast."""
    return f"Counted {slot}: {count - count % 3}"


def genre_of(slot: int) -> str:
    """The slug of the writer's genre."""
    return f"counted-{slot}"


def beginnings(slot: int, film_id: int) -> list[str]:
    """The statements that make it so for 0."""
    genre = genre_of(slot)
    values = f"'{name_of(slot, 0)}', '{genre}', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"
    person = f"FROM catalog_person WHERE name_key = '{genre}'"
    return [
        f"UPDATE catalog_film SET votes = 0 WHERE id = {film_id}",
        f"INSERT INTO catalog_genre (name, slug) VALUES ('{genre}', '{genre}')",
        f"INSERT INTO catalog_person (name, name_key, version, created, updated) VALUES ({values})",
        f'INSERT INTO catalog_castcredit (film_id, person_id, "order") SELECT {film_id}, id, 0 {person}',
        link(slot, film_id),
    ]


def link(slot: int, film_id: int) -> str:
    """The statement that puts the film into the genre."""
    found = f"SELECT {film_id}, id FROM catalog_genre WHERE slug = '{genre_of(slot)}'"
    return f"INSERT INTO catalog_film_genres (film_id, genre_id) {found}"


def unlink(slot: int, film_id: int) -> str:
    """The statement that takes it out."""
    found = f"SELECT id FROM catalog_genre WHERE slug = '{genre_of(slot)}'"
    return f"DELETE FROM catalog_film_genres WHERE film_id = {film_id} AND genre_id = ({found})"


def steps(slot: int, film_id: int, count: int) -> list[str]:
    """The statements, of one transaction, that lead to `count` from the one before it."""
    statements = [f"UPDATE catalog_film SET votes = {count} WHERE id = {film_id}"]
    if is_published(count) is not is_published(count - 1):
        statements.append(f"UPDATE catalog_film SET published = {is_published(count)} WHERE id = {film_id}")
    if is_in_genre(count) is not is_in_genre(count - 1):
        statements.append((link if is_in_genre(count) else unlink)(slot, film_id))
    if (name := name_of(slot, count)) != name_of(slot, count - 1):
        statements.append(f"UPDATE catalog_person SET name = '{name}' WHERE name_key = '{genre_of(slot)}'")
    return statements
