"""What unfold's frame around every page shows, by the names in `UNFOLD`: the places, the icon, our stylesheet."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Title and places of each group: the place's model, what it is called, its sign in Google's Material Symbols.
GROUPS = (
    (None, (("catalog.film", "Films", "movie"), ("catalog.person", "People", "groups"))),
    (
        "Reference",
        (
            ("catalog.genre", "Genres", "category"),
            ("catalog.keyword", "Keywords", "tag"),
            ("catalog.collection", "Collections", "folder_copy"),
            ("catalog.company", "Companies", "apartment"),
            ("catalog.country", "Countries", "public"),
            ("catalog.language", "Languages", "translate"),
        ),
    ),
    ("Curators", (("auth.user", "Users", "person"), ("auth.group", "Groups", "shield_person"))),
    ("Programs", (("catalog.token", "API tokens", "key"), ("catalog.webhook", "Webhooks", "webhook"))),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of places that this curator may see."""
    groups = []
    for title, places in GROUPS:
        items = [place(*each) for each in places if may_view(request.user, each[0])]
        if items:
            groups.append({"title": title, "separator": title is not None, "items": items})
    return groups


def place(model: str, title: str, sign: str) -> dict[str, Any]:
    return {"title": title, "icon": sign, "link": reverse(f"admin:{model.replace('.', '_')}_changelist")}


def may_view(user: AbstractBaseUser | AnonymousUser, model: str) -> bool:
    """Whether the user may look at the rows of a model, given as "app.name"."""
    app, name = model.split(".")
    allowed: Callable[[str], bool] = user.has_perm if isinstance(user, PermissionsMixin) else lambda _: False
    return allowed(f"{app}.view_{name}") or allowed(f"{app}.change_{name}")


def icon(request: HttpRequest) -> str:  # noqa: ARG001  unfold's call
    return static("moviedb/icon.svg")


def stylesheet(request: HttpRequest) -> str:  # noqa: ARG001  unfold's call
    return static("catalog/admin.css")
