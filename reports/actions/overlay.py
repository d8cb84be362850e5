"""Indicators laid over a form that somebody else wrote: the next version of the form, with a workbook of its own."""

from collections.abc import Sequence
from dataclasses import replace

from units.models import Person

from ..models import FormVersion
from ..queries import form_of
from ..xlsform import FormDefinition, Indicator, WorkbookRefused
from ..xlsform.overlay import LaidIndicator, codes_by_row, overlaid
from .forms import Laid, import_form, read_form


def lay_indicators(*, version: FormVersion, laid: Sequence[LaidIndicator], by: Person) -> FormVersion:
    """The version with these indicators, and no others but those that the portal fills itself; the same again gives the same.

    `version` and its workbook stay as they are, and so do the calls on it. Raises WorkbookRefused where an indicator cannot be
    scored as it was said; each error names its `code` too.
    """
    definition = form_of(version)
    data = overlaid(version.workbook.read(), definition, laid)
    try:
        made = read_form(data, name=version.workbook_name)
    except WorkbookRefused as refusal:
        codes = codes_by_row(data)
        raise WorkbookRefused([{**error, "code": codes.get(error["row"], "")} for error in refusal.errors]) from refusal
    if _told(made) == _told(definition):
        return version
    name = version.workbook_name.rpartition(".")[0] or version.workbook_name
    return import_form(
        data=data,
        name=f"{name}.xlsx",
        by=by,
        files={file.name: file.file.read() for file in version.files.all()},
        laid=Laid(version, {each.code: each.to_json() for each in laid}),
    )


def _told(definition: FormDefinition) -> list[Indicator]:
    """The indicators in any order, wherever in the sheet they stand."""
    return sorted((replace(each, row=0) for each in definition.indicators), key=lambda each: each.code)
