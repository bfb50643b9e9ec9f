"""What everybody may still ask for, kept in the database, where several containers share it.

Of each key one moment is kept: when the whole quota will be there again (GCRA, as of ATM networks). A request moves it
on by its part of the window, and is refused where that would be further away than a whole window.
"""

from django.db import DatabaseError, connection
from django.utils import timezone

from catalog.changes.dialect import one
from catalog.errors import OnlyReads
from catalog.registers import Allowance
from catalog.services.space import only_reads
from catalog.values.rates import Rate, Spent

KEY_LENGTH = 100
OLD_SECONDS = 3600

# The row is locked from its reading to its writing, so that requests at once come one after the other.
CHARGE = """
INSERT INTO catalog_allowance AS known (key, full_at) VALUES (%(key)s, {now} + %(part)s)
ON CONFLICT (key) DO UPDATE SET full_at = greatest(known.full_at, excluded.full_at - %(part)s) + %(part)s
    WHERE greatest(known.full_at, excluded.full_at - %(part)s) + %(part)s <= excluded.full_at - %(part)s + %(window)s
RETURNING full_at - {now}
"""
LEFT = "SELECT full_at - {now} FROM catalog_allowance WHERE key = %(key)s"
NOW = "extract(epoch FROM clock_timestamp())"


def charge(key: str, rate: Rate) -> Spent:
    """Take one request off what `key` may ask for, or refuse it. PostgreSQL only. One query, two where it is refused.

    It stands on its own: it must not be within the transaction of what is asked for, whose failure would undo it.
    Raises OnlyReads on a standby, which can note nothing.
    """
    values = {"key": key[:KEY_LENGTH], "part": rate.part, "window": rate.seconds + 1e-6}
    try:
        found = one(connection, CHARGE.format(now=NOW), values)
    except DatabaseError as error:
        if only_reads(error):
            raise OnlyReads("The database takes no change here.") from error
        raise
    if found is not None:
        return Spent(rate, float(found[0]), refused=False)
    (busy,) = one(connection, LEFT.format(now=NOW), values) or (0.0,)
    return Spent(rate, float(busy), refused=True)


def forget_full() -> int:
    """Take away those who may ask for everything again, and say how many."""
    return Allowance.objects.filter(full_at__lt=timezone.now().timestamp() - OLD_SECONDS).delete()[0]
