"""Which of a resource's forms a client wants (RFC 9110, 12.5.1)."""

from functools import lru_cache

from multidict import MultiMapping

JSON = "application/json"
HTML = "text/html"


def accepted(headers: MultiMapping[str]) -> str:
    """What the lines of the header `Accept` say together (RFC 9110, 5.2)."""
    return ", ".join(headers.getall("Accept", ()))


@lru_cache(maxsize=512)
def preferred(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The media type of `offers` that the header `Accept` values most; the earlier one of equals; None where none is.

    Without a header, or with one that names no media range at all, everything is acceptable.
    """
    ranges = [parsed for part in (accept or "").split(",") if (parsed := media_range(part))]
    if not ranges:
        return offers[0]
    best = max(offers, key=lambda offer: quality(offer, ranges))
    return best if quality(best, ranges) > 0 else None


def media_range(text: str) -> tuple[str, float] | None:
    """The range and its weight: `text/*;q=0.5` is `("text/*", 0.5)`; None for what is no media range."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    if name.count("/") != 1:
        return None
    weight = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return name, min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return None


def quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The weight that the most specific range gives to `offer`; 0 where none matches."""
    family = offer.partition("/")[0] + "/*"
    for name in (offer, family, "*/*"):
        weights = [weight for each, weight in ranges if each == name]
        if weights:
            return max(weights)
    return 0.0
