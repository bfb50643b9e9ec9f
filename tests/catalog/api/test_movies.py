from typing import Any

from catalog.models import Film


def test_a_list_shows_published_films_only(client: Any) -> None:
    Film.objects.create(title="Seen", published=True)
    Film.objects.create(title="Draft")
    answer = client.get("/api/movies")
    assert answer.status == 200
    assert [film["title"] for film in answer.json["data"]] == ["Seen"]
