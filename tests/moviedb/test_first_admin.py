"""The one-time link to the first superuser: what it opens, and when it no longer does."""

import threading

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from moviedb import first_admin
from moviedb.address import origin

FORM = {"username": "ann", "password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture
def link(settings: LazySettings) -> str:
    settings.ROOT_URLCONF = "moviedb.urls"
    return first_admin.new_link()


@pytest.mark.django_db
def test_the_link_opens_a_form(client: Client, link: str) -> None:
    answer = client.get(link)
    assert answer.status_code == 200
    assert b'name="password2"' in answer.content


@pytest.mark.django_db
def test_the_page_is_kept_by_no_cache(client: Client, link: str) -> None:
    assert "no-store" in client.get(link)["Cache-Control"]


@pytest.mark.django_db
def test_the_form_makes_a_superuser_who_is_logged_in(client: Client, link: str) -> None:
    answer = client.post(link, FORM, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.context["user"].is_superuser
    assert User.objects.get(username="ann").is_staff


@pytest.mark.django_db
def test_a_form_from_another_site_is_refused(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link, FORM).status_code == 403
    assert first_admin.wanted()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change, words",
    [
        ({"password2": "another one"}, "didn’t match"),
        ({"password1": "1234", "password2": "1234"}, "too short"),
        ({"username": ""}, "This field is required"),
        ({"username": "a/b c"}, "Enter a valid username"),
    ],
)
def test_a_bad_form_says_what_is_wrong(client: Client, link: str, change: dict[str, str], words: str) -> None:
    answer = client.post(link, FORM | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert first_admin.wanted()


@pytest.mark.django_db
def test_a_used_link_says_so(client: Client, link: str) -> None:
    get_user_model().objects.create_superuser("eve", password="x")
    for answer in (client.get(link), client.post(link, FORM)):
        assert answer.status_code == 410
        assert b"there is a superuser already" in answer.content


@pytest.mark.django_db
def test_an_expired_link_says_so(client: Client, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_admin, "LINK_SECONDS", -1)
    answer = client.get(link)
    assert answer.status_code == 410
    assert b"more than a day old" in answer.content


@pytest.mark.django_db
def test_a_forged_link_is_refused(client: Client, link: str) -> None:
    answer = client.post(link[:-3] + "xx/", FORM)
    assert answer.status_code == 403
    assert b"not a link that this server has printed" in answer.content


@pytest.mark.django_db
def test_a_method_that_the_page_does_not_know_is_refused(client: Client, link: str) -> None:
    assert client.put(link).status_code == 405


@pytest.mark.django_db
def test_a_superuser_who_may_not_log_in_does_not_count() -> None:
    get_user_model().objects.create_superuser("eve", password="x", is_active=False)
    assert first_admin.wanted()


@pytest.mark.django_db(transaction=True)
def test_of_forms_sent_at_once_one_wins(link: str) -> None:
    """Each on a connection of its own: one makes the superuser, the others are told that there is one."""
    statuses: list[int] = []
    barrier = threading.Barrier(4)

    def send(name: str) -> None:
        barrier.wait()
        statuses.append(Client().post(link, FORM | {"username": name}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=(f"user{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 410, 410, 410]
    assert User.objects.filter(is_superuser=True).count() == 1


@pytest.mark.parametrize(
    "hosts, host, expected",
    [
        (["films.example.org"], "127.0.0.1", "https://films.example.org"),
        (["localhost", ".example.org"], "127.0.0.1", "https://example.org"),
        (["*"], "0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104  what is listened on
        (["localhost"], "::", "http://[::1]:8000"),
        (["localhost"], "192.0.2.7", "http://192.0.2.7:8000"),
    ],
)
def test_the_link_leads_to_where_the_server_is_reached(
    settings: LazySettings, hosts: list[str], host: str, expected: str
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS, settings.HOST = hosts, host
    assert origin() == expected


@pytest.mark.django_db
def test_the_invitation_holds_the_whole_link(settings: LazySettings, client: Client) -> None:
    settings.HOST, settings.PORT = "127.0.0.1", 8123
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    address = first_admin.invitation().split()[-1]
    assert address.startswith("http://127.0.0.1:8123/admin/setup/")
    assert client.get(address.removeprefix("http://127.0.0.1:8123"), HTTP_HOST="127.0.0.1").status_code == 200
