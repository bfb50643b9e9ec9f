from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0035_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(default="", max_length=100)),
                ("payload", models.JSONField(null=True)),
                ("due", models.DateTimeField(db_index=True)),
                ("holder", models.CharField(default="", max_length=16)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(default="")),
            ],
        ),
        migrations.AddField(
            model_name="film",
            name="publish_at",
            field=models.DateTimeField(blank=True, help_text="UTC; a draft then comes out by itself.", null=True),
        ),
        migrations.AddIndex(
            model_name="film",
            index=models.Index(
                condition=models.Q(("publish_at__isnull", False)), fields=["publish_at"], name="film_to_come_out"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(models.F("kind"), models.F("key"), name="job_once_a_kind_and_key"),
        ),
    ]
