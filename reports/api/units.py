"""Units within reach of the seat."""

from django.http import Http404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from sla.enums import ClientScope
from units.models import Unit
from units.queries.tree import visible_units

from .door import ClientRequest, Needs
from .shapes import ListAsked, ListPage, paged

router = Router(tags=["units"], auth=Needs(ClientScope.UNITS))


class UnitOut(Schema):
    code: str = Field(examples=["HSG-01"])
    name: str
    name_en: str
    kind: str = Field(description=_("Code of its kind."), examples=["office"])
    attributes: dict[str, str] = Field(description=_("By the code of the attribute."))
    parent: str | None = Field(description=_("Code of the unit above; null where the seat’s reach ends."))
    depth: int = Field(description=_("How deep in the tree it lies; 0 at the root."))
    retired: bool = Field(description=_("Whether it works no more."))


class UnitsAsked(ListAsked):
    q: str = Field("", max_length=100, description=_("Words of the name or the code."))


@router.get("/units", response=ListPage[UnitOut], summary=_("Units"))
def units(request: ClientRequest, asked: Query[UnitsAsked]):
    found = visible_units(request.person).select_related("parent").matching(asked.q)
    return paged(request, asked, found, by=("sort_key", "pk"), make=_told)


@router.get("/units/{code}", response=UnitOut, summary=_("One unit"))
def unit(request: ClientRequest, code: str):
    found = visible_units(request.person).select_related("parent").filter(code=code).first()
    if found is None:
        raise Http404
    return _told(found)


def _told(unit: Unit) -> dict:
    return {
        "code": unit.code, "name": unit.name, "name_en": unit.name_en, "kind": unit.kind_id, "attributes": unit.attributes,
        "parent": unit.parent.code if unit.parent else None, "depth": unit.depth, "retired": unit.retired_at is not None,
    }  # fmt: skip
