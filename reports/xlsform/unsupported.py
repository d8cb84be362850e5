"""What of a workbook the portal does not honour, row by row."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Unsupported:
    """A row the portal cannot honour: named in the import report, not shown, never blocking."""

    row: int
    type: str
    name: str
    path: str
    required: bool = False
    referenced_by: tuple[str, ...] = ()
    # What of the row is not honoured where it is not the row itself: "function", "file" or "last-saved"; `type` names it.
    without: str = ""
    file: str = ""  # that the row needs and the workbook came without

    def to_json(self) -> dict:
        return {
            "row": self.row,
            "type": self.type,
            "name": self.name,
            **({"without": self.without} if self.without else {}),
            **({"file": self.file} if self.file else {}),
        }

    @property
    def told(self) -> str:
        """What a person has to know of it before the form is used; "" where the whole row is not shown."""
        return without_told(self.without) or file_told(self.file)


def file_told(file: str) -> str:
    if not file:
        return ""
    return _("its choices stand in the file %(file)s, without which it is not asked.") % {"file": file}


def without_told(without: str) -> str:
    if without == "function":
        return _("the portal does not compute this function, so the rule or calculation that uses it is left out.")
    if without == "file":
        return _("the workbook came without this file, so what is looked up there is empty.")
    if without == "last-saved":
        return _("the portal keeps no form that was saved last, so this is empty.")
    return ""
