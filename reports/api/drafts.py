"""The draft of one's own unit: read, written section by section, checked, sent for the signature, submitted.

Nothing of a change is stored where something of it is not: a program gets the whole of it or a refusal that names each field.
"""

import re
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Router, Schema
from pydantic import StrictInt, StrictStr, StringConstraints

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sla.enums import ClientScope

from ..actions.draft_tries import record_draft_try
from ..actions.drafts import SaveOutcome, save_section
from ..actions.locking import require
from ..actions.sign_off import request_sign_off
from ..actions.submission import submit_report
from ..models import Report
from ..queries import asked_of
from ..queries.drafts import COMMENT, NOT_APPLICABLE, assess, collect
from ..queries.table_rows import table_of_name
from ..rules import unit_membership
from ..xlsform import FormDefinition
from .door import ClientRequest, Needs
from .problems import Rejected
from .reports import ReceiptOut, report_of, told_receipt
from .shapes import Problem

router = Router(tags=["drafts"])
READ, WRITE, SUBMIT = Needs(ClientScope.REPORTS), Needs(ClientScope.WRITE), Needs(ClientScope.SUBMIT)
TAG = re.compile(r'(?:W/)?"([^"]*)"')
MOST = 2000  # answers in one change
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(strict=True, max_length=200)]
# Money is refused by nobody for its size: a form's own limits say what a figure may be.
Figure = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Given = StrictStr | StrictInt | Figure | list[Word] | None


class SectionOut(Schema):
    section: str = Field(examples=["housing"])
    label: str
    version: int = Field(description=_("Grows with each change; it is the section’s ETag."))
    answers: dict[str, str] = Field(
        description=_(
            "By name: questions, `comment:` and an indicator’s code (why a figure departs), `na:` and a code (why it does not apply)."
        ),
        examples=[{"housed": "80", "eligible": "100"}],
    )


class DraftOut(Schema):
    tracking_code: str
    digest: str = Field(description=_("Fingerprint of the whole draft, its ETag: what is submitted is what was seen."))
    sections: list[SectionOut]


class Missing(Schema):
    kind: str = Field(description=_("missing, error, evidence or comment."), examples=["missing"])
    section: str
    question: str = Field(
        description=_("The question, or `comment:` and an indicator’s code; empty where a file is missing.")
    )
    indicator: str
    label: str
    detail: str


class ValidationOut(Schema):
    complete: bool = Field(description=_("Whether nothing is missing or wrong."))
    digest: str
    problems: list[Missing]


class ChangesIn(Schema):
    answers: dict[Name, Given] = Field(
        max_length=MOST,
        description=_("What changes, by name; null empties a field. Numbers as numbers or as people type them; several choices as a list."),
        examples=[{"housed": 80, "eligible": "۱۰۰"}],
    )  # fmt: skip


class SignOffIn(Schema):
    note: str = Field("", max_length=2000, description=_("A word to the head."))


class SignOffOut(Schema):
    round: int
    requested_at: datetime


@contextmanager
def _of_the_unit(request: ClientRequest, code: str):
    """What is refused here is recorded as on the pages."""
    try:
        yield
    except (Http404, Forbidden):
        record_draft_try(code=code, by=request.person)
        raise


def _own(request: ClientRequest, code: str, at: datetime) -> Report:
    report = report_of(request, code, at)
    require(
        unit_membership(request.person, report, at), gettext("Only the unit’s own experts and head change its report.")
    )
    return report


# ------------------------------------------------------------------------------------------------------------ reading
@router.get("/reports/{code}/draft", auth=READ, response=DraftOut, summary=_("The whole draft"))
def draft(request: ClientRequest, response: HttpResponse, code: str):
    at = database_now()
    with _of_the_unit(request, code):
        report = _own(request, code, at)
    found, sections = collect(report, at=at), _sections(report, at)
    response["ETag"] = f'"{found.digest}"'
    return {"tracking_code": report.tracking_code, "digest": found.digest, "sections": list(sections.values())}


@router.get("/reports/{code}/draft/{section}", auth=READ, response=SectionOut, summary=_("One section of the draft"))
def draft_section(request: ClientRequest, response: HttpResponse, code: str, section: str):
    at = database_now()
    with _of_the_unit(request, code):
        found = _sections(_own(request, code, at), at).get(section)
    if found is None:
        raise Http404
    response["ETag"] = f'"{found["version"]}"'
    return found


@router.get("/reports/{code}/validation", auth=READ, response=ValidationOut, summary=_("What is missing or wrong"))
def validation(request: ClientRequest, code: str):
    at = database_now()
    with _of_the_unit(request, code):
        report = _own(request, code, at)
    found = collect(report, at=at)
    problems = [
        {
            "kind": each.kind, "section": each.section, "question": each.question, "indicator": each.indicator,
            "label": each.label, "detail": each.message,
        }
        for each in assess(report, found, at).problems
    ]  # fmt: skip
    return {"complete": not problems, "digest": found.digest, "problems": problems}


def _sections(report: Report, at: datetime) -> dict[str, dict]:
    """Every section of the form that the unit is asked, with what is written in it."""
    definition, rows = asked_of(report), list(report.draft_sections.all())
    versions = {row.section: row.version for row in rows}
    found: dict[str, dict] = {
        section.name: {
            "section": section.name, "label": section.label_in(current_language()), "version": versions.get(section.name, 0),
            "answers": {},
        }
        for section in definition.sections
    }  # fmt: skip
    for name, text in collect(report, rows, at=at).flat().items():
        section = _section_of(definition, name)
        if section in found:
            found[section]["answers"][name] = text
    return found


def _section_of(definition: FormDefinition, name: str) -> str:
    for prefix in (COMMENT, NOT_APPLICABLE):
        if name.startswith(prefix):
            indicator = definition.indicator(name.removeprefix(prefix))
            return indicator.section if indicator else ""
    question = definition.question(name)
    table = None if question else table_of_name(definition, name)
    return question.section if question else table.section if table else ""


# ------------------------------------------------------------------------------------------------------------ writing
@router.patch(
    "/reports/{code}/draft/{section}", auth=WRITE, response={200: SectionOut, 412: Problem, 428: Problem},
    summary=_("Change answers of one section"), openapi_extra={"x-if-match": True},
    description=_("If-Match says on which version the change was made. All of it is stored or nothing; nobody’s newer words are overwritten."),
)  # fmt: skip
def change_section(request: ClientRequest, response: HttpResponse, code: str, section: str, body: ChangesIn):
    at = database_now()
    with _of_the_unit(request, code):
        report = _own(request, code, at)
        known = _sections(report, at)
        if section not in known:
            raise Http404
        base = known[section]["version"]
        _insist_on(request, str(base))
        _refuse_unknown(asked_of(report), section, body.answers)
        with transaction.atomic():
            outcome = save_section(
                report=report, section=section, base_version=base, by=request.person,
                changes={name: _typed(value) for name, value in body.answers.items()},
            )  # fmt: skip
            _refuse_a_part(outcome)
    at = database_now()
    found = _sections(report_of(request, code, at), at)[section]
    response["ETag"] = f'"{found["version"]}"'
    return found


def _refuse_unknown(definition: FormDefinition, section: str, answers: dict) -> None:
    """A page never sends what its form does not ask; a program that does has made a mistake."""
    unknown = [name for name in answers if _section_of(definition, name) != section]
    if unknown:
        detail = gettext("The form asks nothing of this name in this section.")
        raise Rejected(
            gettext("Nothing was stored: the section has no such fields; see errors."), code="unknown-field", status=422,
            errors=[{"name": name, "detail": detail} for name in unknown],
        )  # fmt: skip


def _refuse_a_part(outcome: SaveOutcome) -> None:
    """Inside the transaction of the save, which is undone by it."""
    if outcome.conflicts:
        detail = gettext("Somebody else changed this field meanwhile. Read the section again and decide.")
        raise Rejected(
            gettext("Nothing was stored: somebody else wrote meanwhile; see errors."), code="changed", status=412,
            errors=[{"name": each.name, "detail": detail} for each in outcome.conflicts],
        )  # fmt: skip
    if outcome.errors:
        raise Rejected(
            gettext("Nothing was stored: some values cannot be read; see errors."), code="bad-values", status=422,
            errors=[{"name": name, "detail": detail} for name, detail in outcome.errors.items()],
        )  # fmt: skip


def _typed(value: str | int | float | list[str] | None) -> str:
    """As somebody would type it. A number has one reading only: its fraction stands behind ٫, which groups no thousands."""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, int | float):
        return f"{Decimal(str(value)):f}".replace(".", "٫")
    return value or ""


def _insist_on(request: ClientRequest, tag: str) -> None:
    """428 without If-Match, 412 where it names another state."""
    given = request.headers.get("If-Match", "")
    if not given:
        raise Refused(
            gettext("Say with If-Match on which version this stands: the ETag that was read with it."), code="no-if-match",
            status=428,
        )  # fmt: skip
    if tag not in TAG.findall(given):
        raise Refused(
            gettext("What you read has changed since. Read it again, and send what still holds."),
            code="changed",
            status=412,
        )


# ------------------------------------------------------------------------------------------------------------ sending
@router.post(
    "/reports/{code}/submit", auth=SUBMIT, response={200: ReceiptOut, 409: Problem, 412: Problem, 428: Problem},
    summary=_("Submit the report"), openapi_extra={"x-if-match": True},
    description=_("For calls that want no signature. If-Match is the fingerprint of the draft that was read; a second time gives the same receipt."),
)  # fmt: skip
def submit(request: ClientRequest, code: str):
    at = database_now()
    with _of_the_unit(request, code):
        report = _own(request, code, at)
        if report.call.needs_sign_off:
            raise Refused(
                gettext("The head of the unit signs and submits this report, on the portal. Ask for the signature with /sign-off."),
                code="signature-needed",
            )  # fmt: skip
        seen = _seen(request)
        try:
            revision = submit_report(report=report, by=request.person, seen=seen)
        except Refused as refusal:
            if refusal.code == "changed":
                refusal.status = 412
            raise
    return told_receipt(revision)


@router.post(
    "/reports/{code}/sign-off", auth=SUBMIT, response={200: SignOffOut, 409: Problem},
    summary=_("Ask the head for the signature"),
    description=_("For calls that want one. A second time gives the open request."),
)  # fmt: skip
def sign_off(request: ClientRequest, code: str, body: SignOffIn):
    at = database_now()
    with _of_the_unit(request, code):
        report = _own(request, code, at)
        round_ = request_sign_off(report=report, by=request.person, note=body.note)
    return {"round": round_.number, "requested_at": round_.requested_at}


def _seen(request: ClientRequest) -> str:
    given = TAG.findall(request.headers.get("If-Match", ""))
    if not given:
        raise Refused(
            gettext("Say with If-Match which draft is submitted: the ETag of the draft that was read."), code="no-if-match",
            status=428,
        )  # fmt: skip
    return given[0]
