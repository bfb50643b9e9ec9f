from typing import Any

from django.db import migrations, models


def unlog(_: Any, schema_editor: Any) -> None:
    """No write-ahead log, and so no wait for the disk, for what may be lost."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE catalog_allowance SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0040_jobs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("full_at", models.FloatField()),
            ],
        ),
        migrations.RunPython(unlog, migrations.RunPython.noop),
    ]
