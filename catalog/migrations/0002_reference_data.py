"""Countries (ISO 3166-1, and former states that made films) and languages (ISO 639) by their common English names."""

import json
from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

DATA = Path(__file__).resolve().parent.parent / "data"


def load(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add what is missing; a name that somebody has changed since is theirs."""
    for model_name, file_name in (("Country", "countries.json"), ("Language", "languages.json")):
        names = json.loads((DATA / file_name).read_text(encoding="utf-8"))
        model = apps.get_model("catalog", model_name)
        rows = [model(code=code, name=name) for code, name in names.items()]
        model.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    # Nothing to undo: films may point to these rows, and the tables go with 0001.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
