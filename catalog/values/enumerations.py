"""Enumerations; most are the choices of a column of the models too."""

from enum import StrEnum


class Precision(StrEnum):
    """How much of a date is known; the unknown part stands as 01."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Status(StrEnum):
    """Where a film is on its way to the public."""

    RUMORED = "rumored"
    ANNOUNCED = "announced"
    IN_PRODUCTION = "in_production"
    POST_PRODUCTION = "post_production"
    RELEASED = "released"
    CANCELED = "canceled"


class TitleKind(StrEnum):
    """What a film's further title is."""

    RELEASE = "release"
    WORKING = "working"
    ALTERNATIVE = "alternative"


class Department(StrEnum):
    """The parts of a film's crew, by the names that TMDB uses."""

    DIRECTING = "Directing"
    WRITING = "Writing"
    PRODUCTION = "Production"
    CAMERA = "Camera"
    EDITING = "Editing"
    SOUND = "Sound"
    ART = "Art"
    COSTUME_MAKEUP = "Costume & Make-Up"
    VISUAL_EFFECTS = "Visual Effects"
    LIGHTING = "Lighting"
    CREW = "Crew"


class IdSource(StrEnum):
    """Who gave an external id."""

    IMDB = "imdb"
    TMDB = "tmdb"
    WIKIDATA = "wikidata"
    WIKIPEDIA = "wikipedia"
    MOVIELENS = "movielens"
    LETTERBOXD = "letterboxd"


class Scope(StrEnum):
    """What a token may be good for."""

    READ_MOVIES = "movies:read"
    WRITE_MOVIES = "movies:write"
    WRITE_PEOPLE = "people:write"


class BulkMode(StrEnum):
    """What becomes of a row: made or changed, only made, only changed."""

    UPSERT = "upsert"
    INSERT = "insert"
    UPDATE = "update"


class ChangeKind(StrEnum):
    """What happened to a row, as the public may see it. Of a draft nothing is told but to curators."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    DRAFT = "draft"
    RESET = "reset"


class RatingSource(StrEnum):
    """Whose users voted."""

    IMDB = "imdb"
    TMDB = "tmdb"
    MOVIELENS = "movielens"
    LETTERBOXD = "letterboxd"


class Counting(StrEnum):
    """How the rows of a list are counted: each, or from a sample where there are more than a thousand."""

    EXACT = "exact"
    ESTIMATED = "estimated"
