"""General and specific indicators in the demo: the field a department works in is an attribute of units, and the newest version of the
form asks the areas of one field of the departments that work in it. Who has no field, such as a university, is asked everything."""

from datetime import timedelta

from units.actions.kinds import create_attribute
from units.actions.units import rename_unit
from units.enums import AttributeType
from units.models import Unit

from ..actions.forms import confirm_form, import_form
from ..models import FormVersion
from ..xlsform.sample_form import build
from ..xlsform.sheets import ATTRIBUTE
from .stories import at_time

FIELD = "field"
PEERS = ATTRIBUTE + FIELD
DORMITORY, NUTRITION, HEALTH, WELFARE, SPORTS, ABROAD, STAFF = (
    "خوابگاه", "تغذیه", "سلامت روان", "رفاه و وام", "تربیت بدنی", "امور دانشجویان خارج", "ستاد"
)  # fmt: skip
FIELDS = (DORMITORY, NUTRITION, HEALTH, WELFARE, SPORTS, ABROAD, STAFF)
# Of a department and of what lies below it.
DEPARTMENTS = {
    "KHB": DORMITORY, "TGZ": NUTRITION, "MSH": HEALTH, "TRB": SPORTS, "RFH": WELFARE, "DKJ": ABROAD, "POS": STAFF, "NZR": STAFF,
    "FVA": STAFF,
}  # fmt: skip
# Areas of the form that are asked of one field; the others are asked of everybody.
AREAS = {
    "dormitory": DORMITORY, "nutrition": NUTRITION, "mental_health": HEALTH, "health": HEALTH, "welfare": WELFARE, "sports": SPORTS,
    "support": ABROAD,
}  # fmt: skip


def specific_form(demo) -> FormVersion:
    """The version of the form that tells general areas from specific ones, with what it reads of units."""
    laleh = demo.people["laleh"]
    with at_time(demo.now - timedelta(days=40)):
        create_attribute(
            code=FIELD, name="حوزهٔ کار", name_en="Field of work", type=AttributeType.CHOICE, choices=FIELDS, by=None
        )
        for unit in Unit.objects.select_related("parent").order_by("path"):
            field = next((field for code, field in DEPARTMENTS.items() if _is_of(unit, code)), "")
            if field:
                rename_unit(unit=unit, name=unit.name, kind=unit.kind_id, name_en=unit.name_en, attributes={FIELD: field}, by=None)  # fmt: skip
    with at_time(demo.now - timedelta(days=38)):
        data = build(version="1405-2", reads={FIELD: PEERS}, asked_where=_conditions())
        version = import_form(data=data, name="student-services.xlsx", by=laleh)
        return confirm_form(version=version, by=laleh) if version.confirmed_at is None else version


def _is_of(unit: Unit, code: str) -> bool:
    return code in (unit.code, unit.code.partition("-")[0], unit.parent.code if unit.parent else "")


def _conditions() -> dict[str, str]:
    return {area: f"${{{FIELD}}} = '' or ${{{FIELD}}} = '{field}'" for area, field in AREAS.items()}
