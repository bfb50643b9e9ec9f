"""What exports look like."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from catalog.values.resources import ListedFilm


class ExportedFilm(ListedFilm, frozen=True, kw_only=True):
    """A film as exports show it, one a line."""

    cursor: Annotated[str, Meta(description="Where to go on after this film: `cursor=`.")] | UnsetType = UNSET
