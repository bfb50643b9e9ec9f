from typing import Any

from django.db import migrations, models

from catalog.search.tables import TABLES


def make(_: Any, schema_editor: Any) -> None:
    for statement in TABLES[schema_editor.connection.vendor].made:
        schema_editor.execute(statement)


def drop(_: Any, schema_editor: Any) -> None:
    for statement in TABLES[schema_editor.connection.vendor].dropped:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0030_people_by_birth")]

    operations = [
        migrations.CreateModel(
            name="SearchState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[("word", models.CharField(max_length=30, primary_key=True, serialize=False))],
        ),
        migrations.RunPython(make, drop),
    ]
