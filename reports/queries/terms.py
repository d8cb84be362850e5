"""What a call's publishing freezes, as its Event tells it: what the call is held against for ever (`reports/invariants/calls.py`)."""

from collections.abc import Mapping

from sajad_portal.lib.canonical import canonical_json, sha256_of

from ..models import Call, FormVersion


def terms_told(call: Call) -> dict:
    """In the data of the Event of publishing."""
    return {
        "form_version": call.form_version_id,
        "opens_at": call.opens_at.isoformat(),
        "closes_at": call.closes_at.isoformat(),
        "review_until": call.review_until.isoformat(),
        **unmoved_terms(call),
    }


def unmoved_terms(call: Call) -> dict:
    """Of these, the ones that no verb changes once the call is published."""
    return {
        "grace_seconds": int(call.grace.total_seconds()),
        "correction_days": call.correction_days,
        "correction_rounds": call.correction_rounds,
        "objection_days": call.objection_days,
        "needs_sign_off": call.needs_sign_off,
        "peers": call.peers,
    }


def definition_hash(version: FormVersion) -> str:
    """SHA-256, hex, over canonical JSON of what was read from the workbook."""
    return sha256_of(canonical_json(version.definition))


def identity_of(workbook: str, files: Mapping[str, str], reader: int) -> str:
    """What a version is: the same of all three is the same version. Hashes of the workbook and of {file name: content}.

    What a coordinator lays over a form is written into a workbook of its own, so its hash tells of that too.
    """
    return sha256_of(canonical_json({"workbook": workbook, "files": dict(files), "reader": reader}))
