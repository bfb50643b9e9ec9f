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


class Job(models.Model):
    """Background work to be done at its time, by whichever process takes it: see services/queue.py.

    There is one of each kind and key. due: of one that is taken, the end of the lease. holder: who has taken it last.
    attempts: how often it has failed since it was last done; error: how it failed.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100, default="")
    payload = models.JSONField(null=True)
    due = models.DateTimeField(db_index=True)
    holder = models.CharField(max_length=16, default="")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint("kind", "key", name="job_once_a_kind_and_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".rstrip()


class Allowance(models.Model):
    """When a key may ask for its whole quota again, in seconds since 1970: see services/allowances.py.

    On PostgreSQL the table is unlogged: it is written with every request, and may be lost.
    """

    key = models.CharField(max_length=100, primary_key=True)
    full_at = models.FloatField()

    def __str__(self) -> str:
        return self.key


class Webhook(models.Model):
    """An address that is told what changes: see services/webhooks.py.

    position: where it stands among the changes. message: what it is to be told now, until it has taken it; '' for
    nothing; message_position: where it stands then. failures: attempts at it in a row.
    """

    url = models.CharField("address", max_length=2000)
    token = models.ForeignKey(Token, models.CASCADE, null=True, editable=False, related_name="webhooks")
    description = models.CharField(max_length=200, blank=True)
    secret = models.CharField(max_length=100, editable=False)
    position = models.TextField(editable=False)
    message_id = models.CharField(max_length=40, default="", editable=False)
    message = models.BinaryField(default=b"")
    message_position = models.TextField(default="", editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    disabled = models.DateTimeField(null=True, editable=False)
    last_success = models.DateTimeField(null=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.description or self.url


class WebhookAttempt(models.Model):
    """One attempt to tell an address something: the status that it answered, or why there was none."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts")
    message_id = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, default="")
    seconds = models.FloatField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.status or self.error}"
