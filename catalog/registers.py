"""Tables that the API keeps for itself: who may come, what was answered, and where merged entries are now.

None of them is in the change log: no answer shows them, so that writing them empties no cache.
"""

from django.db import models

from catalog.values import Scope

TOKEN_NAME_LENGTH = 200


class Token(models.Model):
    """What lets a program in. `digest` is the SHA-256 of the token itself, which is kept nowhere."""

    name = models.CharField(max_length=TOKEN_NAME_LENGTH, unique=True, help_text="Who uses it; the change log says so.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False, help_text="Its last characters.")
    scopes = models.CharField(max_length=200, help_text=f"Of these, with blanks between: {', '.join(Scope)}.")
    expires = models.DateTimeField(null=True, blank=True, help_text="Without one it is good for ever.")
    revoked = models.DateTimeField(null=True, blank=True, editable=False)
    last_used = models.DateTimeField(null=True, blank=True, editable=False, help_text="To the minute.")
    created = models.DateTimeField(auto_now_add=True)

    text: str
    """The token itself, on an instance that has just been made of it."""

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, written in the transaction of what the request did.

    key: a digest of token, method, path and the client's key. request: a digest of the body that came with it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    location = models.CharField(max_length=200, null=True)
    version = models.PositiveIntegerField(null=True)
    body = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.status} at {self.at:%Y-%m-%d %H:%M}"


class FilmRedirect(models.Model):
    """The id of a film that has been merged into another. It always leads to a film that is there: no chains."""

    old_id = models.BigIntegerField(primary_key=True)
    film = models.ForeignKey("catalog.Film", models.CASCADE, related_name="redirects")

    def __str__(self) -> str:
        return f"{self.old_id} is {self.film_id} now"


class PersonRedirect(models.Model):
    """The id of a person who has been merged into another, as for films."""

    old_id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey("catalog.Person", models.CASCADE, related_name="redirects")

    def __str__(self) -> str:
        return f"{self.old_id} is {self.person_id} now"
