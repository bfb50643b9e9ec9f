import django.core.validators
from django.db import migrations

import catalog.fields


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0042_webhooks"),
    ]

    operations = [
        migrations.AlterField(
            model_name=model,
            name=name,
            field=catalog.fields.OptionalTextField(validators=[django.core.validators.MaxLengthValidator(length)]),
        )
        for model, name, length in (
            ("castcredit", "character", 1000),
            ("film", "original_title", 500),
            ("film", "overview", 20000),
            ("film", "tagline", 1000),
        )
    ]
