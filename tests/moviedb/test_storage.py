"""The admin's files, under names that change with their content."""

from pathlib import Path

import pytest
from django.test import override_settings

from moviedb.storage import HashedFiles


@pytest.mark.parametrize("debug", [False, True])
def test_an_address_carries_the_hash_of_the_file_in_development_too(tmp_path: Path, debug: bool) -> None:
    (tmp_path / "staticfiles.json").write_text(
        '{"version": "1.1", "hash": "", "paths": {"base.css": "base.0123456789ab.css"}}'
    )
    with override_settings(DEBUG=debug, STATIC_ROOT=tmp_path):
        assert HashedFiles(location=tmp_path, base_url="/static/").url("base.css") == "/static/base.0123456789ab.css"
