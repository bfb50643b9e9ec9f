"""The first superuser: a link, printed at start while there is none, to a page that makes one and logs them in."""

from typing import Any

from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from moviedb.address import origin

LINK_SECONDS = 24 * 3600
"""A link is worth a superuser, and logs are kept for long."""

# The link is signed and nothing of it is stored, so that any container takes what another one has printed.
_signer = TimestampSigner(salt="moviedb.first_admin")


class Refusal(Exception):
    """The link does not open; `status` is what the answer says of it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def wanted() -> bool:
    """Whether there is nobody yet who may do everything in the admin."""
    return not get_user_model().objects.filter(is_superuser=True, is_active=True).exists()


def invitation() -> str:
    """The lines to print at start: what is missing and the link that mends it."""
    return f"Nobody can log in yet. Within 24 hours, make the first superuser at\n  {origin()}{new_link()}\n"


def new_link() -> str:
    """A path that is good for LINK_SECONDS, or until there is a superuser."""
    return reverse("first-admin", args=[_signer.sign("first")])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: a form, and the superuser made of it.

    403 for a link that we did not print, 410 for one that is too old or was used.
    """
    try:
        check(token)
        form: UserCreationForm[Any] = UserCreationForm(request.POST or None, label_suffix="")
        if form.is_valid():
            login(request, create(form))
            return HttpResponseRedirect(reverse("admin:index"))
    except Refusal as refusal:
        return page(request, {"refusal": str(refusal)}, status=refusal.status)
    return page(request, {"form": form}, status=422 if form.is_bound else 200)


def page(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    return render(request, "moviedb/first_admin.html", context, status=status)


def check(token: str) -> None:
    """Raise Refusal unless the link is ours, fresh and still of use."""
    try:
        _signer.unsign(token, max_age=LINK_SECONDS)
    except SignatureExpired as error:
        raise Refusal(410, "This link is more than a day old. Restart moviedb for a new one.") from error
    except BadSignature as error:
        raise Refusal(403, "This is not a link that this server has printed. Was it copied whole?") from error
    refuse_unless_wanted()


def refuse_unless_wanted() -> None:
    if not wanted():
        raise Refusal(410, "This link has done its work: there is a superuser already.")


@transaction.atomic
def create(form: "UserCreationForm[Any]") -> Any:
    """The superuser of a valid form. Raises Refusal when somebody else was quicker."""
    # A row that is always there, held until the commit: of two forms sent at once, one waits here and then is refused.
    # SQLite needs no such row, since its transactions begin with the one writer's lock.
    ContentType.objects.select_for_update().get(app_label="auth", model="user")
    refuse_unless_wanted()
    user = form.save(commit=False)
    user.is_staff = user.is_superuser = True
    user.save()
    return user
