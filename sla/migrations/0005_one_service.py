"""A request and a tariff belong to one service with their type."""

from django.db import migrations

from sajad_portal.lib.triggers import refused_when

TYPE = "(SELECT service_id FROM sla_requesttype WHERE id = NEW.request_type_id)"
AGREEMENT = "(SELECT service_id FROM sla_agreementversion WHERE id = NEW.agreement_id)"
TABLE = "(SELECT service_id FROM sla_tarifftable WHERE id = NEW.table_id)"


class Migration(migrations.Migration):
    dependencies = [("sla", "0004_general_requests")]
    operations = [
        refused_when(
            "sla_servicerequest",
            "request_of_one_service",
            f"{TYPE} <> {AGREEMENT}",
            "a request is under an agreement of the service of its type",
            ("request_type_id", "agreement_id"),
        ),
        refused_when(
            "sla_tariffrow",
            "tariff_of_one_service",
            f"{TYPE} <> {TABLE}",
            "a tariff is for a type of its own service",
            ("request_type_id", "table_id"),
        ),
    ]
