"""The pages that are the same for everybody."""

from django.template.loader import render_to_string

from moviedb.address import origin


def pages() -> dict[str, bytes]:
    """HTML by path, rendered once: at start, when the static files that it names have been collected."""
    return {"/": render_to_string("moviedb/home.html", {"origin": origin()}).encode()}
