from django.db import migrations

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_initial")]
    operations = [
        append_only("sla_acceptance"),
        append_only("sla_position"),
        append_only("sla_disputemessage"),
        append_only("sla_disputefile"),
        append_only("sla_agreementversion", updates_allowed_when="OLD.state = 'draft'"),
        append_only(
            "sla_agreementsection",
            updates_allowed_when="(SELECT state FROM sla_agreementversion WHERE id = OLD.agreement_id) = 'draft'",
        ),
    ]
