"""Where the log ends, and whether it has grown: after real commits of others."""

import asyncio
import random

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import changes
from catalog.changes import migrating, surrogates
from catalog.changes.models import Change, ChangeLog
from catalog.changes.sqlite import tables
from catalog.changes.sqlite_sql import triggers
from catalog.models import Film, Genre
from server.revision import Reading, of_default_database
from tests.catalog.changes.log import execute, film
from tests.catalog.changes.sessions import in_another_process, postgresql_session

pytestmark = pytest.mark.django_db(transaction=True)

NEW_GENRE = "INSERT INTO catalog_genre (name, slug) VALUES ('{0}', '{0}')"


def only_on(vendor: str) -> None:
    if connection.vendor != vendor:
        pytest.skip(f"is about {vendor}")


def test_nothing_has_changed_since_now() -> None:
    token = changes.position()
    assert not changes.changed_since(token)
    assert changes.position() == token


def test_a_commit_has_changed_the_log() -> None:
    token = changes.position()
    film()
    assert changes.changed_since(token)
    assert not changes.changed_since(changes.position())


def test_what_was_rolled_back_has_not_changed_it() -> None:
    token = changes.position()
    with transaction.atomic():
        film()
        transaction.set_rollback(True)
    assert not changes.changed_since(token)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_film SET title = 'Living'",
        "INSERT INTO catalog_genre (name, slug) VALUES ('Drama', 'drama')",
        "DELETE FROM catalog_film",
    ],
)
def test_another_process_without_our_code_is_seen(statement: str) -> None:
    film()
    token = changes.position()
    in_another_process(statement)
    assert changes.changed_since(token)


def test_another_process_raises_versions_too() -> None:
    film()
    in_another_process("UPDATE catalog_film SET title = 'Living'; UPDATE catalog_film SET runtime = 143")
    assert Film.objects.get().version == 3


def test_each_query_asks_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        changes.changed_since(changes.position())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "~~",
        "a~b",
        "a~0~1.x",
        "a~0~1",
        "a~0~0.0",
        "1:2:",
        "a~0~1:2:",
        "a~0~9:1:",
        "a~0~" + "9" * 40,
        "a~0~1:2:/x",
    ],
)
def test_a_token_that_is_none_counts_as_changed(token: str) -> None:
    assert changes.changed_since(token)


def test_a_token_of_another_epoch_counts_as_changed() -> None:
    epoch, _, rest = changes.position().partition("~")
    assert not changes.changed_since(f"{epoch}~{rest}")
    assert changes.changed_since(f"{epoch}0~{rest}")


def test_a_closed_log_has_always_changed() -> None:
    token = changes.position()
    ChangeLog.objects.update(open=False)
    assert changes.changed_since(token)
    assert changes.changed_since(changes.position())


def test_sessions_and_logins_of_the_admin_are_no_change(client: Client) -> None:
    user = get_user_model().objects.create_superuser("ann", password="a long one")
    token = changes.position()
    client.force_login(user)
    client.get("/admin/")
    SessionStore().create()
    assert not changes.changed_since(token)


def test_a_draft_is_no_change_and_publishing_it_is() -> None:
    token = changes.position()
    draft = film(published=False)
    Film.objects.update(title="Living")
    assert not changes.changed_since(token)
    Film.objects.filter(pk=draft.pk).update(published=True)
    assert changes.changed_since(token)


def test_an_older_copy_of_the_file_is_another_log() -> None:
    """Put back a copy, and let its log grow over the token's id again."""
    only_on("sqlite")
    film()
    token = changes.position()
    Change.objects.order_by("-id").update(xid=1)
    assert changes.changed_since(token)


def test_a_lower_id_that_commits_later_is_seen() -> None:
    """Ids are not in the order of commits: what max(id) or "below xmin" would miss or hold back."""
    only_on("postgresql")
    with postgresql_session() as slow, postgresql_session() as quick:
        slow.execute(NEW_GENRE.format("slow"))
        quick.execute(NEW_GENRE.format("quick"))
        quick.commit()
        token = changes.position()
        seen = set(Change.objects.values_list("id", flat=True))
        slow.commit()
        (late,) = set(Change.objects.values_list("id", flat=True)) - seen
        assert late < max(seen)
        assert changes.changed_since(token)


def test_a_long_writer_elsewhere_holds_nothing_back() -> None:
    only_on("postgresql")
    with postgresql_session() as writer:
        writer.execute("SELECT pg_current_xact_id()")
        token = changes.position()
        assert not changes.changed_since(token)
        film()
        assert changes.changed_since(token)
        assert not changes.changed_since(changes.position())


@pytest.mark.parametrize("seed", range(4))
def test_commits_in_any_order_are_each_seen(seed: int) -> None:
    """Writers begin in one order and commit in another: each commit changes the log for the token taken before it."""
    only_on("postgresql")
    order = random.Random(seed).sample(range(6), 6)  # noqa: S311  an order, not a secret
    with postgresql_session() as a, postgresql_session() as b, postgresql_session() as c:
        writers = [a, b, c] * 2
        for number in range(6):
            writers[number].execute(NEW_GENRE.format(f"genre{number}"))
        for number in order:
            token, known = changes.position(), Genre.objects.count()
            writers[number].commit()
            assert bool(changes.changed_since(token)) is (Genre.objects.count() > known)
        assert not changes.changed_since(changes.position())


def test_a_savepoint_belongs_to_its_transaction() -> None:
    only_on("postgresql")
    token = changes.position()
    with transaction.atomic(), transaction.atomic():
        film()
    assert changes.changed_since(token)
    assert not changes.changed_since(changes.position())


def test_a_truncated_table_resets_the_log() -> None:
    only_on("postgresql")
    token = changes.position()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalog_title")
    assert changes.changed_since(token)
    assert Change.objects.order_by("-id").values_list("kind", flat=True)[0] == "reset"


def test_a_session_that_skips_triggers_is_logged_all_the_same() -> None:
    """What tools of replication do, and some restores. Foreign keys are not checked then: films show what is gone."""
    only_on("postgresql")
    Genre.objects.create(name="Drama", slug="drama").films.add(film())
    token = changes.position()
    with postgresql_session() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM catalog_genre")
    assert surrogates.EVERYTHING in changes.changed_since(token)
    execute("DELETE FROM catalog_film_genres")


def test_a_restore_of_data_alone_is_logged() -> None:
    """It says where everything is, and so has an empty path."""
    only_on("postgresql")
    token = changes.position()
    with postgresql_session() as session:
        session.execute("SELECT set_config('search_path', '', false)")
        session.execute("INSERT INTO public.catalog_genre (name, slug) VALUES ('Drama', 'drama')")
    assert "genres" in changes.changed_since(token)


def test_a_restore_that_switches_triggers_off_may_have_brought_anything() -> None:
    """What pg_restore does with --disable-triggers, which leaves them as no trigger of ours was."""
    only_on("postgresql")
    token = changes.position()
    switch = "ALTER TABLE catalog_genre {} TRIGGER ALL"
    in_another_process(f"{switch.format('DISABLE')}; {NEW_GENRE.format('drama')}; {switch.format('ENABLE')}")
    assert changes.changed_since(token) == changes.ALL
    assert changes.standing()
    migrating.mend()
    assert not changes.standing()


def while_its_trigger_is_away(change: str) -> str:
    """SQL that changes genres behind the log's back, and leaves the trigger as it was."""
    if connection.vendor == "postgresql":
        of_trigger = "ALTER TABLE catalog_genre {} TRIGGER changes_genre_update"
        return f"BEGIN; {of_trigger.format('DISABLE')}; {change}; {of_trigger.format('ENABLE ALWAYS')}; COMMIT"
    made = triggers(tables(connection))["changes_genre_updated"]
    return f"DROP TRIGGER changes_genre_updated; {change}; {made}"


def test_what_changed_while_a_trigger_was_away_may_be_anything() -> None:
    """It stands again when the log is asked next, and tells of nothing."""
    Genre.objects.create(name="Drama", slug="drama")
    token = changes.position()
    in_another_process(while_its_trigger_is_away("UPDATE catalog_genre SET name = 'Unseen'"))
    assert (changes.standing(), changes.changed_since(token)) == ([], changes.ALL)
    assert not changes.changed_since(changes.position())


def test_a_log_that_was_emptied_by_hand_tells_nothing() -> None:
    token = changes.position()
    film()
    on_postgresql = connection.vendor == "postgresql"
    in_another_process("TRUNCATE catalog_change CASCADE" if on_postgresql else "DELETE FROM catalog_change")
    assert changes.changed_since(token) == changes.ALL


def test_where_no_trigger_stands_there_is_a_position_all_the_same() -> None:
    changes.dialect(connection).drop(connection)
    token = changes.position()
    migrating.mend()
    assert changes.changed_since(token) == changes.ALL


def test_a_standby_compares_what_it_sees() -> None:
    """A standby's position ends in how many rows it saw; the primary can answer for it too."""
    only_on("postgresql")
    film()
    token = changes.position()
    snapshot = token.rpartition("~")[2]
    xmin = snapshot.partition(":")[0]
    seen = Change.objects.extra(where=["xid >= %s::xid8"], params=[xmin]).count()
    assert not changes.changed_since(f"{token}/{seen}")
    film(title="Ran")
    assert changes.changed_since(f"{token}/{seen}")


async def told_by_the_revision() -> Reading:
    asked = of_default_database()
    for _ in range(500):
        if reading := await asked.now():
            await asked.close()
            return reading
        await asyncio.sleep(0.01)
    raise AssertionError("the database can't be asked")


def test_the_revision_names_the_node_as_the_log_does() -> None:
    assert asyncio.run(told_by_the_revision()).node == changes.node()
