"""A call belongs to one service: its agreement and its request type are of the same."""

from django.db import migrations

from sajad_portal.lib.triggers import refused_when

TYPE = "(SELECT service_id FROM sla_requesttype WHERE id = NEW.request_type_id)"
AGREEMENT = "(SELECT service_id FROM sla_agreementversion WHERE id = NEW.agreement_id)"


class Migration(migrations.Migration):
    dependencies = [("sla", "0005_one_service"), ("reports", "0008_handed_over")]
    operations = [
        refused_when(
            "reports_call",
            "call_of_one_service",
            f"{TYPE} <> {AGREEMENT}",
            "a call is under an agreement of the service of its request type",
            ("request_type_id", "agreement_id"),
        ),
    ]
