"""Who may do what: tokens, scopes, and what a request without the right one is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services
from catalog.api.keys import USES, Policy
from catalog.models import Film
from catalog.registers import Token
from catalog.values import Scope
from tests.catalog.api.client import Client, SharedConnectionExecutor, bearer, run_client


@pytest.fixture
def closed(db: None) -> Iterator[Client]:
    """The API of a service whose reads are not open to all."""
    executor = SharedConnectionExecutor()
    yield from run_client(executor, Policy(public_read=False))
    executor.close()


@pytest.mark.contract("writes.open", "errors.401")
def test_where_reads_are_not_open_one_without_a_token_is_challenged(closed: Client) -> None:
    answer = closed.get("/api/movies")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="moviedb"')
    assert answer.json["type"] == "/api/problems/unauthorized"


@pytest.mark.contract("writes.open", "writes.scopes")
def test_a_token_with_the_scope_reads(closed: Client) -> None:
    answer = closed.get("/api/movies", headers=bearer(Scope.READ_MOVIES))
    assert (answer.status, closed.executor.hops) == (200, 1)


@pytest.mark.contract("writes.scopes", "errors.403")
def test_a_token_without_the_scope_is_told_which_it_lacks(closed: Client) -> None:
    answer = closed.get("/api/movies", headers=bearer(Scope.WRITE_PEOPLE))
    assert answer.status == 403
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="moviedb", error="insufficient_scope", '
        'error_description="The token lacks the scope movies:read.", scope="movies:read"'
    )


def test_an_open_read_needs_no_scope_but_takes_no_false_token(client: Client) -> None:
    assert client.get("/api/movies", headers=bearer(Scope.WRITE_PEOPLE)).status == 200
    stranger = {"Authorization": f"Bearer {services.tokens.new_text()}"}
    assert client.get("/api/movies", headers=stranger).status == 401


@pytest.mark.contract("fresh.cache")
def test_an_answer_to_a_bearer_is_private(client: Client) -> None:
    Film.objects.create(title="Ikiru", published=True)
    headers = bearer(Scope.READ_MOVIES)
    assert client.get("/api/movies", headers=headers).headers["Cache-Control"] == "private, no-cache"
    assert client.get("/api/movies/0", headers=headers).headers["Cache-Control"] == "private, no-cache"
    assert client.get("/api/movies").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "header",
    [
        "Basic YTpi",
        "mdb_x",
        "Bearer",
        "Bearer ",
        "Bearer mdb_short",
        f"Bearer mdb_{'0' * 49}",
        "Bearer ÿ",
        "Bearer a b",
    ],
)
def test_what_cannot_be_a_token_is_refused_without_asking_the_database(client: Client, header: str) -> None:
    answer = client.get("/api/movies", headers={"Authorization": header})
    assert (answer.status, client.executor.hops) == (401, 0)
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="moviedb"')


def test_two_tokens_are_one_too_many(client: Client) -> None:
    headers = [("Authorization", bearer(Scope.READ_MOVIES)["Authorization"]), ("Authorization", "Bearer x")]
    assert client.get("/api/movies", headers=headers).status == 401


@pytest.mark.contract("errors.401")
def test_a_revoked_token_lets_nobody_in(client: Client) -> None:
    headers = bearer(Scope.READ_MOVIES, name="robot")
    services.revoke_token(name="robot")
    answer = client.get("/api/movies", headers=headers)
    assert (answer.status, answer.json["detail"]) == (401, "The token has been revoked.")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.contract("writes.expiry", "errors.401")
def test_an_expired_token_lets_nobody_in(client: Client) -> None:
    headers = bearer(Scope.READ_MOVIES)
    Token.objects.update(expires=timezone.now() - timedelta(seconds=1))
    answer = client.get("/api/movies", headers=headers)
    assert (answer.status, answer.json["detail"]) == (401, "The token has expired.")


@pytest.mark.contract("writes.expiry")
def test_the_last_use_is_written_at_intervals_and_at_the_end(db: None) -> None:
    executor = SharedConnectionExecutor()
    for client in run_client(executor):
        client.get("/api/movies", headers=bearer(Scope.READ_MOVIES))
        assert len(client.app[USES]) == 1
        assert Token.objects.get().last_used is None
    executor.close()
    assert Token.objects.get().last_used is not None


def test_a_browser_may_send_a_token_from_another_site(client: Client) -> None:
    assert "Authorization" in client.request("OPTIONS", "/api/movies").headers["Access-Control-Allow-Headers"]
