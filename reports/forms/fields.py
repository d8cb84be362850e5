"""Fields that name units: by code or by name, one or a pasted list."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sajad_portal.lib.text import latin_digits, normalise, search_key
from units.models import Unit

MAX_LINES = 2000


def find_units(units: QuerySet[Unit], texts: list[str]) -> dict[str, list[Unit]]:
    """Each text (a code, or a whole name) with the units that it names, in two queries whatever the number of texts."""
    codes = {text: latin_digits(text).strip() for text in texts}
    keys = {text: search_key(text) for text in texts}
    by_code: dict[str, list[Unit]] = {}
    by_name: dict[str, list[Unit]] = {}
    where = Q(code__in=[*codes.values(), *(code.upper() for code in codes.values())]) | Q(
        name__in=[normalise(text) for text in texts]
    )
    for unit in units.filter(where):
        by_code.setdefault(unit.code.casefold(), []).append(unit)
        by_name.setdefault(search_key(unit.name), []).append(unit)
    return {text: by_code.get(codes[text].casefold()) or by_name.get(keys[text], []) for text in texts}


class UnitField(forms.CharField):
    """One unit by its code or its whole name; cleaned to a Unit of `queryset`, or None."""

    def __init__(self, *, queryset: QuerySet[Unit] | None = None, **kwargs):
        self.queryset = queryset if queryset is not None else Unit.objects.none()
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return f"{value.code}، {value.name}" if isinstance(value, Unit) else value

    def clean(self, value):
        text = normalise(super().clean(value))
        if not text:
            return None
        # A suggestion of the list reads «code، name»; the code decides.
        head = text.split("،")[0].strip()
        named = find_units(self.queryset, [text, head])
        return self._only(text, named[text] or named[head])

    @staticmethod
    def _only(text: str, found: list[Unit]) -> Unit:
        if not found:
            raise ValidationError(
                _("There is no unit “%(text)s”. Write its code, or its whole name.") % {"text": text}, code="no-unit"
            )
        if len(found) > 1:
            raise ValidationError(
                _("“%(text)s” is the name of several units; write the code of one: %(codes)s.")
                % {"text": text, "codes": "، ".join(unit.code for unit in found[:8])},
                code="several-units",
            )
        return found[0]


def offer_units(form: forms.BaseForm, name: str, units: QuerySet[Unit]) -> None:
    """Which units may be named; known only when the form is made for somebody."""
    field = form.fields[name]
    assert isinstance(field, UnitField), name
    field.queryset = units


class UnitListField(UnitField):
    """Units one a line (a column pasted from a sheet); cleaned to a list of Units, in the order typed, each once."""

    widget = forms.Textarea

    def prepare_value(self, value):
        if isinstance(value, (list, tuple)):
            return "\n".join(f"{unit.code}، {unit.name}" if isinstance(unit, Unit) else str(unit) for unit in value)
        return value

    def clean(self, value):
        lines = list(dict.fromkeys(filter(None, (normalise(line) for line in (value or "").splitlines()))))
        if not lines:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(lines) > MAX_LINES:
            raise ValidationError(_("Write at most %(n)s units.") % {"n": MAX_LINES}, code="too-many")
        named = find_units(self.queryset, lines)
        heads = {line: line.split("،")[0].strip() for line in lines if not named[line] and "،" in line}
        by_head = find_units(self.queryset, list(heads.values()))
        named |= {line: by_head[head] for line, head in heads.items()}
        units, errors = [], []
        for number, line in enumerate(lines, 1):
            try:
                units.append(self._only(line, named[line]))
            except ValidationError as error:
                errors.append(
                    ValidationError(_("Line %(number)s: %(error)s") % {"number": number, "error": error.messages[0]})
                )
        if errors:
            raise ValidationError(errors[:20])
        return list(dict.fromkeys(units))
