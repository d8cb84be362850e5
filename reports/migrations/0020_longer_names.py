"""Names of questions, sections and cells of tables may be as long as their authors wrote them: 255 letters instead of 100.

PostgreSQL changes its catalogue and no row. SQLite holds nobody to a length, and making its tables anew would cost them
their triggers; so there nothing happens.
"""

from django.db import migrations, models

COLUMNS = {
    "draftsection": ["section"],
    "evidence": ["indicator"],
    "historyfigure": ["indicator"],
    "indicatorfact": ["indicator", "section"],
    "objectionline": ["indicator"],
    "review": ["section"],
    "reviewassignment": ["section"],
    "reviewitem": ["indicator"],
}
MAY_BE_EMPTY = {"review", "reviewassignment"}


def lengthen(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for model, columns in COLUMNS.items():
        for column in columns:
            schema_editor.execute(f'ALTER TABLE "reports_{model}" ALTER COLUMN "{column}" TYPE varchar(255)')


class Migration(migrations.Migration):
    dependencies = [("reports", "0019_brought_history")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(lengthen, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(model, column, models.CharField(max_length=255, blank=model in MAY_BE_EMPTY))
                for model, columns in COLUMNS.items()
                for column in columns
            ],
        )
    ]
