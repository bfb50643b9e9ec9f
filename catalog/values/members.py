"""What the members of films and people mean: type, range, unit, description and example of each, said once.

Answers, bodies, the OpenAPI document and the parameters that ask for ranges take them from here; the models and the
importers take the bounds.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

YEAR_MIN, YEAR_MAX = 1870, 2100
"""The first moving pictures are younger, announced films older, than these."""

ID_MAX = 2**63 - 1
COUNT_MAX = 2**31 - 1
RATING_MAX = 10.0
POPULARITY_MAX = 10**9
MONEY_MAX = 10**12
RUNTIME_MAX = 60_000
TITLE_LENGTH, NAME_LENGTH, PERSON_NAME_LENGTH, GENRE_SLUG_LENGTH, SLUG_LENGTH = 500, 200, 300, 100, 200
LINE_LENGTH, TEXT_LENGTH = 1_000, 20_000
EXTERNAL_ID_LENGTH = 300
COUNTRY_CODE, LANGUAGE_CODE = "[A-Z]{2}", "[a-z]{2,3}"

Moment = Annotated[datetime, Meta(tz=True)]

Id = Annotated[int, Meta(ge=1, le=ID_MAX, description="Our own id.", examples=[1])]
Version = Annotated[int, Meta(ge=1, description="Raised with every change.")]
Count = Annotated[int, Meta(ge=0, le=ID_MAX)]

FilmTitle = Annotated[str, Meta(min_length=1, max_length=TITLE_LENGTH, examples=["The Shawshank Redemption"])]
Year = Annotated[int, Meta(ge=YEAR_MIN, le=YEAR_MAX, description="Year of the first release.", examples=[1994])]
Minutes = Annotated[int, Meta(ge=1, le=RUNTIME_MAX, description="Running time in minutes.", examples=[142])]
Overview = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=TEXT_LENGTH,
        examples=["Two imprisoned men find solace and, in the end, redemption."],
    ),
]
Tagline = Annotated[
    str,
    Meta(min_length=1, max_length=LINE_LENGTH, examples=["Fear can hold you prisoner. Hope can set you free."]),
]
Budget = Annotated[
    int,
    Meta(ge=1, le=MONEY_MAX, description="Budget in whole US dollars.", examples=[25_000_000]),
]
Revenue = Annotated[
    int,
    Meta(ge=1, le=MONEY_MAX, description="Revenue in whole US dollars.", examples=[28_341_469]),
]
Average = Annotated[
    float,
    Meta(ge=0, le=RATING_MAX, description="Average rating over all sources, 0 to 10.", examples=[9.3]),
]
AllVotes = Annotated[int, Meta(ge=0, le=COUNT_MAX, description="Votes behind the rating.", examples=[2_900_000])]
Popularity = Annotated[
    float,
    Meta(ge=0, le=POPULARITY_MAX, description="Popularity; higher is more popular.", examples=[42.5]),
]
Picture = Annotated[str, Meta(description="Where on this service the poster is.", examples=["/media/posters/1.jpg"])]

LanguageCode = Annotated[str, Meta(pattern=f"^{LANGUAGE_CODE}$", description="ISO 639-1, else 639-3.", examples=["en"])]
CountryCode = Annotated[str, Meta(pattern=f"^{COUNTRY_CODE}$", description="ISO 3166-1 alpha-2.", examples=["US"])]
Code = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=3,
        description="ISO 3166-1 of a country, ISO 639 of a language.",
        examples=["US"],
    ),
]
CodeName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, examples=["United States"])]
Slug = Annotated[str, Meta(min_length=1, max_length=SLUG_LENGTH, examples=["drama"])]
SlugName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, examples=["Drama"])]
CollectionName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, examples=["Three Colours"])]
CompanyName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, examples=["Castle Rock Entertainment"])]

PersonName = Annotated[str, Meta(min_length=1, max_length=PERSON_NAME_LENGTH, examples=["Morgan Freeman"])]
Character = Annotated[str, Meta(min_length=1, max_length=LINE_LENGTH, examples=["Ellis Boyd 'Red' Redding"])]
JobName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, examples=["Director"])]
Place = Annotated[
    int,
    Meta(
        ge=0,
        le=COUNT_MAX,
        description="Place in the billing, 0 first; where a body leaves it out, the place in its list.",
    ),
]

ExternalName = Annotated[str, Meta(min_length=1, max_length=EXTERNAL_ID_LENGTH, examples=["tt0111161"])]
Mark = Annotated[float, Meta(ge=0, le=RATING_MAX, description="From 0 to the scale.", examples=[9.3])]
Scale = Annotated[int, Meta(ge=5, le=10, description="The best mark: 5 or 10.", examples=[10])]
Votes = Annotated[
    int, Meta(ge=0, le=COUNT_MAX, description="How many of the source's users voted.", examples=[2_900_000])
]
