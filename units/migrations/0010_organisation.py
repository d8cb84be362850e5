"""Whose portal this is becomes data. A portal in use keeps the words that its pages had."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

TODAYS_WORDS = {
    "name": "سازمان امور دانشجویان",
    "name_en": "Organization of Student Affairs",
    "ministry": "وزارت علوم، تحقیقات و فناوری",
    "ministry_en": "Ministry of Science, Research and Technology",
    "portal_name": "سجاد",
    "portal_name_en": "Sajad",
    "portal_title": "سامانهٔ جامع سازمان امور دانشجویان (سجاد)",
    "portal_title_en": "Comprehensive system of the Organization of Student Affairs (Sajad)",
    "window": "my.saorg.ir",
}


def keep_the_words(apps, schema_editor):
    if apps.get_model("units", "Unit").objects.exists() or apps.get_model("units", "Person").objects.exists():
        apps.get_model("units", "Organisation").objects.create(pk=1, updated_at=timezone.now(), **TODAYS_WORDS)


class Migration(migrations.Migration):
    dependencies = [("units", "0009_links_and_devices")]
    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=150)),
                ("ministry", models.CharField(blank=True, max_length=150, verbose_name="ministry")),
                ("ministry_en", models.CharField(blank=True, max_length=150)),
                ("portal_name", models.CharField(max_length=40, verbose_name="short name of the portal")),
                ("portal_name_en", models.CharField(blank=True, max_length=40)),
                (
                    "portal_title",
                    models.CharField(blank=True, max_length=200, verbose_name="full name of the portal"),
                ),
                ("portal_title_en", models.CharField(blank=True, max_length=200)),
                ("window", models.CharField(blank=True, max_length=100, verbose_name="single window")),
                ("phone", models.CharField(blank=True, max_length=100, verbose_name="telephone")),
                ("hours", models.CharField(blank=True, max_length=200, verbose_name="hours")),
                ("hours_en", models.CharField(blank=True, max_length=200)),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                ("address_en", models.CharField(blank=True, max_length=300)),
                ("logo", models.FileField(blank=True, upload_to="organisation/")),
                ("logo_sha256", models.CharField(blank=True, max_length=64)),
                ("mail_from", models.EmailField(blank=True, max_length=254, verbose_name="sender of mails")),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "organisation",
                "constraints": [
                    models.CheckConstraint(name="organisation_is_one", condition=Q(id=1)),
                    models.CheckConstraint(name="organisation_has_names", condition=~Q(name="") & ~Q(portal_name="")),
                    models.CheckConstraint(
                        name="organisation_logo_with_hash",
                        condition=Q(logo="", logo_sha256="") | (~Q(logo="") & ~Q(logo_sha256="")),
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_the_words, migrations.RunPython.noop),
    ]
