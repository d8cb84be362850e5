"""Sections of look.py: what is stored. Hashes are computed anew, by the formulas as they stood when they were stored."""

import hashlib
import json
from collections import Counter
from datetime import UTC
from decimal import Decimal

from django.apps import apps
from django.contrib.auth import authenticate

from reports.models import AnnouncementOrder, Evidence, Export, FormVersion, Report, ResultVersion, Review, Revision
from reports.xlsform.definition import FormDefinition
from sla.models import (
    AgreementVersion,
    Dispute,
    DisputeFile,
    Document,
    LedgerEntry,
    Payment,
    Reconciliation,
    Refund,
    ServiceRequest,
    TariffTable,
)
from units.models import Event, Membership, Person

PASSWORDS = {"sara": "sajad-demo-1405", "bita": "namak-o-felfel-1405"}
CHANGED = ("shirin", "felfel-o-namak-1406", "namak-o-felfel-1405")  # who, the password that is right, the one before it


def plain(value) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def digest(body: object) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(stored) -> str:
    with stored.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def utc(at) -> str | None:
    return at and at.astimezone(UTC).isoformat(timespec="microseconds")


def rows(at) -> dict:
    """{model: how many}; who tries to sign in while we look is no matter."""
    models = [model for app in ("units", "sla", "reports") for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model.objects.count() for model in models if model._meta.label != "units.Throttle"}


def events(at) -> dict:
    return dict(sorted(Counter(f"{noun} {verb}" for noun, verb in Event.objects.values_list("noun", "verb")).items()))


def statuses(at) -> dict:
    return dict(Report.objects.with_status(at).values_list("tracking_code", "status"))


def receipts(at) -> dict:
    """{receipt code: the revision, its stored hash and the hash of what it holds now}."""
    found = {}
    for revision in Revision.objects.select_related("report"):
        body = {
            "tracking_code": revision.report.tracking_code, "submitted_at": utc(revision.submitted_at),
            "answers": revision.answers, "values": revision.values, "evidence": revision.evidence,
        }  # fmt: skip
        found[revision.receipt_code] = [
            revision.report.tracking_code, revision.number, str(revision.standing), utc(revision.submitted_at),
            revision.sha256, digest(body), len(revision.answers), revision.rule,
        ]  # fmt: skip
    return found


def results(at) -> dict:
    """{verification code: the version, its total, its stored hash and the hash of what it says now}."""
    found = {}
    for version in ResultVersion.objects.select_related("report", "revision"):
        body = {
            "missed": version.missed, "number": version.number, "score": version.score,
            "revision": version.revision.sha256 if version.revision else None,
            "tracking_code": version.report.tracking_code,
        }  # fmt: skip
        found[version.verification_code] = [
            version.report.tracking_code, version.number, str(version.kind), version.total, utc(version.announced_at),
            version.sha256, digest(body),
        ]  # fmt: skip
    return found


def reviews(at) -> dict:
    """{report, reviewer, section: state and a hash over all that was found}."""
    return {
        f"{review.report.tracking_code} {review.reviewer.username} {review.section} {review.pk}": [
            str(review.state),
            digest(
                [
                    [item.indicator, item.verified, item.not_applicable, plain(item.points), item.reason, item.note]
                    for item in sorted(review.items.all(), key=lambda item: item.indicator)
                ]
            ),
        ]
        for review in Review.objects.select_related("report", "reviewer").prefetch_related("items")
    }


def agreements(at) -> dict:
    found = {}
    for version in AgreementVersion.objects.order_by("pk"):
        sections = [
            [section.key, section.heading, section.body, section.heading_en, section.body_en]
            for section in version.sections.order_by("position")
        ]
        body = {
            "version": version.number, "edited_on": version.edited_on.isoformat(), "dispute_rule": str(version.dispute_rule),
            "header": version.header.as_list(), "sections": sections,
        }  # fmt: skip
        answers = version.acceptances.order_by("pk").values_list("unit__code", "answer", "text_hash", "by__username")
        found[version.pk] = [str(version.state), version.text_hash, digest(body), [list(answer) for answer in answers]]
    return found


def forms(at) -> dict:
    """The form as stored and as its workbook reads today: code, questions and indicators with their weights."""

    def told(definition) -> list:
        indicators = [
            [i.code, plain(i.weight), plain(i.standard), i.direction, i.aggregate, bool(i.evidence)]
            for i in definition.indicators
        ]
        return [len(definition.questions), [question.name for question in definition.questions], indicators]

    return {
        f"{version.form.code} {version.number}": [
            version.sha256, file_digest(version.workbook), version.summary,
            told(FormDefinition.from_json(version.definition)),
        ]
        for version in FormVersion.objects.select_related("form")
    }  # fmt: skip


def disputes(at) -> dict:
    found = {}
    for dispute in Dispute.objects.with_status(at).order_by("pk"):
        messages = dispute.messages.order_by("pk")
        found[dispute.pk] = [
            str(dispute.status), str(dispute.subject), dispute.subject_key, utc(dispute.final_at), dispute.calendar,
            [[str(message.side), message.text, message.files.count()] for message in messages],
            [[offer.number, str(offer.state), offer.act_noun, offer.act_key] for offer in dispute.offers.order_by("number")],
            [[position.number, position.text] for position in dispute.positions.order_by("number")],
        ]  # fmt: skip
    return found


def money(at) -> dict:
    return {
        "payments": {
            p.order_id: [str(p.state), p.amount_rials, p.received_rials, p.reference, p.terminal] for p in Payment.objects.all()
        },
        "ledger": [[str(e.kind), e.rials, utc(e.at), e.data] for e in LedgerEntry.objects.order_by("pk")],
        "refunds": [[r.payment.order_id, r.reason, utc(r.paid_out_at)] for r in Refund.objects.order_by("pk")],
        "reconciliations": [[r.sha256, r.matched, r.differences] for r in Reconciliation.objects.order_by("pk")],
        "prices": dict(Counter(str(rials) for rials in ServiceRequest.objects.values_list("price_rials", flat=True))),
        "tariffs": [
            [t.year, t.number, t.sha256, [[row.request_type.code, row.rials] for row in t.rows.order_by("line")]]
            for t in TariffTable.objects.order_by("pk")
        ],
    }  # fmt: skip


def files(at) -> dict:
    """{where it lies: the stored hash, the hash of what lies there}, each file once however many rows name it."""
    stored = [row for model in (Evidence, Document, DisputeFile, Export) for row in model.objects.exclude(file="")]
    digests = {name: file_digest(row.file) for name, row in {row.file.name: row for row in stored}.items()}
    return {row.file.name: [row.sha256, digests[row.file.name]] for row in stored}


def orders(at) -> dict:
    """Files and announcements that somebody ordered: made, or waiting for a worker."""
    return {
        "exports": [[e.key, e.kind, e.parameters, utc(e.ready_at), e.sha256] for e in Export.objects.order_by("pk")],
        "announcements": [
            [o.key, str(o.which), o.reports, o.refused, utc(o.ended_at)]
            for o in AnnouncementOrder.objects.order_by("pk")
        ],
    }


def people(at) -> dict:
    def signs_in(name: str, password: str) -> bool:
        return authenticate(None, username=name, password=password) is not None

    who, right, before = CHANGED
    changed = Person.objects.get(username=who)
    return {
        "signs in": {name: signs_in(name, password) for name, password in PASSWORDS.items()},
        "changed": [signs_in(changed.national_code, right), signs_in(who, before)],
        "national codes": {p.username: p.national_code for p in Person.objects.exclude(national_code_cipher="")},
        "seats": {
            f"{m.person.username} {m.unit.code} {m.role} {m.pk}": [utc(m.starts_at), utc(m.ends_at)]
            for m in Membership.objects.select_related("person", "unit")
        },
    }
