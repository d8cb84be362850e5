"""Forms: a workbook becomes a frozen version, or is refused whole."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.files import clean_name, media_type
from units.actions.events import record
from units.enums import Role
from units.models import Membership, Person
from units.queries import memberships_of

from ..enums import ReportVerb
from ..models import Form, FormFile, FormVersion
from ..queries.terms import definition_hash, identity_of
from ..xlsform import FormDefinition, WorkbookRefused, parse_form
from ..xlsform.workbook import MAX_BYTES
from ..xlsform.workbook_xls import is_of_old_excel
from .locking import require


@dataclass(frozen=True)
class Laid:
    """What a version was made of: the one over which indicators were laid, and {code: {attribute: text}}."""

    over: FormVersion
    attributes: dict[str, dict[str, str]]


def read_form(data: bytes, *, name: str, files: Mapping[str, bytes] | None = None) -> FormDefinition:
    """What the workbook says. WorkbookRefused where it is broken, or holds more than a version has room for."""
    definition = parse_form(data, file_name=name, **({"files": files} if files else {}))
    too_long = [
        {"sheet": "settings", "row": 2, "column": column, "message": _too_long(column, limit)}
        for column, text, limit in (("form_id", definition.form_id, 100), ("form_title", definition.title, 200))
        if len(text) > limit
    ]
    if too_long:
        raise WorkbookRefused(too_long)
    return definition


def _too_long(column: str, limit: int) -> str:
    return _("“%(column)s” is longer than %(limit)s characters. Shorten it.") % {"column": column, "limit": limit}


def check_size(size: int) -> None:
    """WorkbookRefused for a file that no form needs, before it is read into memory."""
    if size > MAX_BYTES:
        message = _("The file is larger than %(n)s MB. Remove pictures and unused sheets.") % {"n": MAX_BYTES // 2**20}
        raise WorkbookRefused([{"sheet": "", "row": None, "column": None, "message": message}])


def import_form(
    *, data: bytes, name: str, by: Person | None, files: Mapping[str, bytes] | None = None, laid: Laid | None = None
) -> FormVersion:
    """Store the workbook as the next version of its form; the same workbook again gives the version it gave before, unless a
    later edition of the portal reads it otherwise.

    `files` {name: content} came beside it (`beside.inspected`); those that it does not name are left out. `laid`: what it was
    made of where a coordinator laid indicators over a form. `by=None` is the portal itself (the command line). Raises
    WorkbookRefused with every error; then nothing is stored.
    """
    membership = _form_membership(by) if by else None
    definition = read_form(data, name=name, files=files)
    sha256 = hashlib.sha256(data).hexdigest()
    version = FormVersion(
        title=definition.title,
        workbook_name=_file_name(name, definition.form_id, data),
        sha256=sha256,
        reader=definition.reader,
        identity=identity_of(sha256, definition.files, definition.reader),
        definition=definition.to_json(),
        summary=definition.summary(),
        indicator_count=len(definition.indicators),
        uploaded_by=by,
        base=laid.over if laid else None,
        overlay=laid.attributes if laid else {},
    )
    version.definition_sha256 = definition_hash(version)
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _store(version, definition, data, files or {}, membership, stored)
    except BaseException:
        # The rows are gone with the transaction; the files beside them must not stay behind.
        for path in filter(None, [version.workbook.name, *stored]):
            version.workbook.storage.delete(path)
        raise


def _store(
    version: FormVersion,
    definition: FormDefinition,
    data: bytes,
    files: Mapping[str, bytes],
    membership: Membership | None,
    paths: list[str],
) -> FormVersion:
    at = database_now()
    form, _new = Form.objects.get_or_create(
        code=definition.form_id, defaults={"title": definition.title, "created_at": at}
    )
    # Two uploads of one form take turns: the second of two equal ones then finds the first.
    Form.objects.select_for_update().get(pk=form.pk)
    stored = form.versions.filter(identity=version.identity).first()
    if stored:
        return stored
    at = database_now()
    version.form = form
    version.number = (form.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version.uploaded_at = at
    version.confirmed_at = None if definition.needs_confirmation else at
    version.workbook.save(
        f"{form.pk}-{version.identity[:16]}{PurePath(version.workbook_name).suffix.lower()}",
        ContentFile(data),
        save=False,
    )
    version.save()
    for file_name, sha256 in definition.files.items():
        _store_beside(version, file_name, sha256, files[file_name], paths)
    if form.title != version.title:
        form.title = version.title
        form.save(update_fields=["title"])
    record(
        ReportVerb.IMPORT_FORM,
        noun="form_version",
        key=version.pk,
        at=at,
        by=version.uploaded_by,
        membership=membership,
        data={
            "form_id": form.code,
            "number": version.number,
            "sha256": version.sha256,
            "reader": version.reader,
            **({"files": definition.files} if definition.files else {}),
            **({"laid_over": version.base_id} if version.base_id else {}),
            "identity": version.identity,
            "definition": version.definition_sha256,
            "questions": version.summary["questions"],
            "indicators": version.indicator_count,
        },
    )
    return version


def _store_beside(version: FormVersion, name: str, sha256: str, data: bytes, paths: list[str]) -> None:
    """A copy that another version of the form has is named again."""
    there = FormFile.objects.filter(version__form=version.form, sha256=sha256).first()
    ending = PurePath(name).suffix.lower()
    file = FormFile(version=version, name=name, media_type=media_type(name), size=len(data), sha256=sha256)
    if there:
        file.file = there.file.name
    else:
        file.file.save(f"{version.form_id}-{sha256[:16]}{ending}", ContentFile(data), save=False)
        paths.append(file.file.name or "")
    file.save()


def add_form_files(*, version: FormVersion, files: Mapping[str, bytes], by: Person) -> FormVersion:
    """The same workbook with further files beside it, or others of the same name: the next version, or the one that it was before."""
    replaced = {name.lower() for name in files}
    kept = {each.name: each.file.read() for each in version.files.all() if each.name.lower() not in replaced}
    laid = Laid(version.base, version.overlay) if version.base else None
    return import_form(
        data=version.workbook.read(), name=version.workbook_name, by=by, files={**kept, **files}, laid=laid
    )


@transaction.atomic
def confirm_form(*, version: FormVersion, by: Person) -> FormVersion:
    """Agree that the form is used without its unsupported questions that matter. A second time changes nothing."""
    version = FormVersion.objects.select_for_update().get(pk=version.pk)
    membership = _form_membership(by)
    if version.confirmed_at is not None:
        return version
    at = database_now()
    version.confirmed_at = at
    version.save(update_fields=["confirmed_at"])
    dropped = [item.name for item in FormDefinition.from_json(version.definition).needs_confirmation]
    record(
        ReportVerb.CONFIRM_FORM,
        noun="form_version",
        key=version.pk,
        at=at,
        by=by,
        membership=membership,
        data={"without": dropped},
    )
    return version


def _form_membership(person: Person) -> Membership:
    """Any coordinator writes forms; publishing a call on one is the provider's."""
    found = next((m for m in memberships_of(person, database_now()) if m.role == Role.COORDINATOR), None)
    return require(
        found, _("Only a coordinator imports forms. Ask the coordinator of your unit to upload the workbook.")
    )


def _file_name(name: str, form_id: str, data: bytes) -> str:
    """The name under which the guide is downloaded: as uploaded, without folders, with the ending of what it is."""
    stem, ending = clean_name(name) or form_id, ".xls" if is_of_old_excel(data) else ".xlsx"
    return stem if stem.lower().endswith(ending) else f"{stem}{ending}"
