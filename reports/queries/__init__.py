"""Who may see which calls and reports, with everything that a rule needs loaded and nothing more."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.http import Http404

from sajad_portal.lib.codes import TRACKING_GROUPS, clean_code
from units.enums import Role
from units.models import Unit
from units.models.querysets import UnitQuerySet
from units.queries import memberships_of, reach
from units.queries.successions import inherited

from ..enums import CallState
from ..models import Call, FormVersion, Report
from ..models.querysets import CallQuerySet, ReportQuerySet
from ..xlsform import FormEngine, engine_for
from ..xlsform.definition import FormDefinition
from ..xlsform.sheets import ATTRIBUTE, CODE, KIND

_FORMS: dict[str, FormDefinition] = {}  # by the definition's hash: a frozen version never changes


def form_of(version: FormVersion) -> FormDefinition:
    """The parsed definition of a form version, kept by the process, and by the row as long as somebody holds it."""
    kept = version.__dict__.get("_read")
    if kept is None:
        if version.definition_sha256 not in _FORMS:
            _FORMS[version.definition_sha256] = FormDefinition.from_json(version.definition)
        kept = version.__dict__["_read"] = _FORMS[version.definition_sha256]
    return kept


def form_by_hash(sha256: str, pk: int) -> FormDefinition:
    """The same, for rows that name a form version without holding it."""
    return _FORMS.get(sha256) or form_of(FormVersion.objects.get(pk=pk))


def engine_of(report: Report) -> FormEngine:
    """The form of the report's call, for answers of its unit: with the kind and the attributes that were frozen when it was asked."""
    version = report.call.form_version
    engine = engine_for(form_of(version), key=version.pk)
    return engine.of_unit(unit_facts(report)) if engine.definition.sources else engine


def asked_of(report: Report) -> FormDefinition:
    """The form as this unit is asked it: without sections and indicators that are for other kinds of units. What is shown,
    counted, reviewed and scored of a report is this; the call's whole form is `form_of`."""
    definition = form_of(report.call.form_version)
    return engine_of(report).asked if definition.sources else definition


def unit_facts(report: Report) -> dict[str, str]:
    """{source: text} of what a form may read of the unit. Its code never changes; the rest is frozen on the report."""
    facts = {KIND: report.unit_kind} | {ATTRIBUTE + code: text for code, text in report.unit_attributes.items()}
    return facts | {CODE: report.unit.code} if CODE in form_of(report.call.form_version).sources else facts


# What only the pages of the agreement, the service card and the forms read: texts that would travel with every report.
_LONG = [
    *(f"call__form_version__{name}" for name in ("definition", "summary", "workbook", "workbook_name")),
    *(
        f"call__agreement__{name}"
        for name in ("definition", "definition_en", "recipients", "recipients_en", "provider_name", "provider_name_en", "window")
    ),
    *(
        f"call__agreement__service__{name}"
        for name in (
            "description", "description_en", "recipients", "recipients_en", "window", "nature", "begins_with",
            "required_documents", "required_documents_en", "hours", "hours_en", "contact", "email", "address", "address_en",
            "updated_at",
        )
    ),
    "call__audience",
]  # fmt: skip


def reports_at(at: datetime) -> ReportQuerySet:
    """Reports with status as of `at` and what `rules` reads, in one query; long texts stay behind."""
    return loaded(Report.objects.with_status(at))


def loaded(reports: ReportQuerySet) -> ReportQuerySet:
    """With what `rules` reads of a report's call, unit and request."""
    return reports.select_related(
        "unit", "request", "call__agreement__service", "call__form_version", "call__request_type"
    ).defer(*_LONG)


def visible_reports(person, at: datetime | None = None) -> Q:
    """The subtree of each membership, and what was handed to their units. An administrator reads all and decides nothing."""
    return Q() if person.is_superuser else reach(person, field="unit__path", at=at) | inherited(person, at)


def report_for(person, tracking_code: str, at: datetime) -> Report:
    """The report that the person may see, as of `at`. Http404 for a stranger: what you may not see you cannot fetch."""
    found = (
        reports_at(at)
        .filter(visible_reports(person, at), tracking_code=clean_code(tracking_code, groups=TRACKING_GROUPS))
        .first()
    )
    if found is None:
        raise Http404
    return found


def report_named(tracking_code: str) -> Report:
    """Which report an address names: for a verb, which locks it, reads it again and asks who may. Http404 where none has it.

    Where the verb refuses, the caller asks `report_for`: a stranger is told that there is no such report.
    """
    found = (
        Report.objects.filter(tracking_code=clean_code(tracking_code, groups=TRACKING_GROUPS)).only(
            "pk", "call_id", "unit_id", "tracking_code"
        )
    ).first()
    if found is None:
        raise Http404
    return found


def visible_calls(person) -> CallQuerySet:
    """Published calls that ask somebody within reach; every call of a provider that the person coordinates; own drafts."""
    calls = Call.objects.select_related("agreement__service__provider", "form_version", "request_type").defer(
        "form_version__definition", "form_version__summary"
    )
    if person.is_superuser:
        return calls
    provider_ids = [m.unit_id for m in memberships_of(person) if m.role == Role.COORDINATOR]
    asked = Report.objects.filter(visible_reports(person), call=OuterRef("pk"))
    return calls.filter(
        Q(agreement__service__provider__in=provider_ids)
        | Q(state=CallState.DRAFT, created_by=person)
        | ~Q(state=CallState.DRAFT) & Exists(asked)
    )


def call_for(person, pk: int, at: datetime) -> Call:
    found = visible_calls(person).with_phase(at).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def asked_units(audience: dict, at: datetime) -> UnitQuerySet:
    """The units that an audience names: {"subtree": unit id, "kinds": [...], "units": [ids]}; retired ones are left out.

    `units` are asked in any case; `subtree` and `kinds` narrow each other. Nothing named asks nobody.
    """
    where = Q(pk__in=audience.get("units") or [])
    subtree, kinds = audience.get("subtree"), audience.get("kinds") or []
    if subtree or kinds:
        group = Q()
        if subtree:
            root = Unit.objects.filter(pk=subtree).first()
            if root is None:
                return Unit.objects.none()
            group &= Q(path__startswith=root.path)
        if kinds:
            group &= Q(kind__in=kinds)
        where |= group
    return Unit.objects.active_at(at).filter(where).in_order()
