"""A process that publishes films of its own and deletes them again until its standard input is closed.

`python -m tests.live.coming`, with a site's environment; it writes a line once the first have come, and in the end how
many films came and how many went.
"""

import random
import sys
import threading

import django

django.setup()

from catalog.models import Film  # noqa: E402  models can be had only after the setup

AT_ONCE = 5
KEPT = 40


def film() -> Film:
    """A film that may stand anywhere in any order."""
    known = random.random() < 0.8  # noqa: S311
    return Film(
        title=f"{random.choice('AEIMÖZ')} passing {random.random()}",  # noqa: S311
        year=random.randint(1895, 2030) if known else None,  # noqa: S311
        rating=random.randint(0, 100) / 10 if known else None,  # noqa: S311
        runtime=random.randint(1, 300) if known else None,  # noqa: S311
        votes=random.randint(0, 1000),  # noqa: S311
        popularity=random.random() * 100,  # noqa: S311
        published=True,
    )


def come_and_go(ended: threading.Event) -> tuple[int, int]:
    """Publish some, delete some, until it is said to end; the numbers of both."""
    here: list[int] = []
    came = went = 0
    while not ended.is_set():
        here += [each.pk for each in Film.objects.bulk_create([film() for _ in range(AT_ONCE)])]
        if not came:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
        came += AT_ONCE
        while len(here) > KEPT:
            Film.objects.filter(pk=here.pop(random.randrange(len(here)))).delete()  # noqa: S311
            went += 1
        ended.wait(0.005)
    Film.objects.filter(pk__in=here).delete()
    return came, went + len(here)


def listen(ended: threading.Event) -> None:
    """Wait for the end of the standard input."""
    sys.stdin.read()
    ended.set()


def main() -> None:
    ended = threading.Event()
    threading.Thread(target=listen, args=(ended,), daemon=True).start()
    sys.stdout.write("{} {}\n".format(*come_and_go(ended)))


if __name__ == "__main__":
    main()
