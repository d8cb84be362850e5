"""The shape of indicators that a coordinator lays over a form: a line each."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.forms import PortalForm
from sajad_portal.lib.numbers import parse_number, plain

from ..xlsform import FormDefinition
from ..xlsform.overlay import LaidIndicator, laid_in, measurable

MOST = 200
FREE = 3  # lines that are empty, for more
_PERCENT = {"%", "٪"}


class FigureField(forms.CharField):
    """A number as people write it; stored plain."""

    def clean(self, value) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return plain(parse_number(text))
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class LaidForm(PortalForm):
    value = forms.ChoiceField(required=False, label=gettext_lazy("What is measured"))
    of = forms.ChoiceField(
        required=False,
        label=gettext_lazy("As a part of"),
        help_text=gettext_lazy("Only where the indicator is a ratio."),
    )
    code = forms.CharField(
        required=False, max_length=100, label=gettext_lazy("Code"),
        help_text=gettext_lazy("The same code in every version, so that periods are compared."),
    )  # fmt: skip
    weight = FigureField(required=False, label=gettext_lazy("Weight"))
    standard = FigureField(required=False, label=gettext_lazy("Standard"))
    direction = forms.ChoiceField(
        required=False, label=gettext_lazy("Direction"),
        choices=[("up", gettext_lazy("more is better")), ("down", gettext_lazy("less is better"))],
    )  # fmt: skip
    unit = forms.CharField(required=False, max_length=40, label=gettext_lazy("Unit of measure"))
    evidence = forms.CharField(
        required=False,
        max_length=400,
        label=gettext_lazy("Evidence"),
        help_text=gettext_lazy("What is to be attached."),
    )
    score = forms.ChoiceField(
        required=False, label=gettext_lazy("Score"),
        choices=[
            ("default", gettext_lazy("in proportion to the standard")),
            ("linear", gettext_lazy("from floor to standard")),
            ("bands", gettext_lazy("by bands")),
            ("manual", gettext_lazy("given by the reviewer")),
        ],
    )  # fmt: skip
    floor = FigureField(
        required=False, label=gettext_lazy("Floor"), help_text=gettext_lazy("Only for a score from floor to standard.")
    )
    bands = forms.CharField(
        required=False,
        max_length=400,
        label=gettext_lazy("Bands"),
        help_text=gettext_lazy("Only for a score by bands."),
    )
    scale = FigureField(
        required=False,
        label=gettext_lazy("Times"),
        help_text=gettext_lazy("What a ratio is multiplied by: 100 for percent."),
    )
    aggregate = forms.ChoiceField(
        required=False, label=gettext_lazy("Over several units"),
        choices=[
            ("", gettext_lazy("as usual")),
            ("ratio", gettext_lazy("ratio of the sums")),
            ("sum", gettext_lazy("sum")),
            ("mean", gettext_lazy("mean")),
            ("none", gettext_lazy("not put together")),
        ],
    )  # fmt: skip

    def __init__(self, *args, questions: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value", "of"):
            self.fields[name].choices = [("", _("Choose…")), *questions]  # type: ignore[attr-defined]

    def clean(self) -> dict:
        given = super().clean() or {}
        if not self.is_laid:
            return given
        for name, message in (
            ("value", _("Choose the question that is measured.")),
            ("code", _("Give the indicator a code, such as HSG-01.")),
            ("weight", _("Give the indicator a weight.")),
        ):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, message)
        if given.get("of") and given.get("of") == given.get("value"):
            self.add_error("of", _("A question is no part of itself. Choose another, or none."))
        return given

    @property
    def is_laid(self) -> bool:
        """Whether the line says anything; one that was emptied takes its indicator away."""
        return any(self.cleaned_data.get(name) for name in ("value", "of", "code", "weight", "standard"))

    def indicator(self) -> LaidIndicator:
        given = self.cleaned_data
        names = ("weight", "standard", "floor", "direction", "unit", "evidence", "score", "bands", "aggregate", "scale")
        attributes = {name: given[name] for name in names if given.get(name)}
        if given["of"] and attributes.get("unit") in _PERCENT:
            attributes.setdefault("scale", "100")
        if not given["of"] and attributes.get("aggregate") == "ratio":
            del attributes["aggregate"]
        return LaidIndicator(given["code"], given["value"], given["of"], attributes)


class LaidFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        """A code stands for one indicator, and a question for a part of one."""
        codes: set[str] = set()
        used: set[str] = set()
        for form in self.forms:
            if not hasattr(form, "cleaned_data") or not form.is_laid:
                continue
            if (code := form.cleaned_data.get("code")) in codes:
                form.add_error("code", _("Another line has this code. Each indicator has its own."))
            codes.add(code)
            for name in ("value", "of"):
                question = form.cleaned_data.get(name)
                if question and question in used:
                    form.add_error(name, _("Another line has this question. A question belongs to one indicator."))
                used.add(question)

    def laid(self) -> list[LaidIndicator]:
        return [form.indicator() for form in self.forms if form.is_laid]


def laid_lines(definition: FormDefinition, language: str, data=None) -> LaidFormSet:
    """A line for each indicator that the form has, and some that are free."""
    questions = [
        (question.name, f"{question.label_in(language)} (\u2066{question.name}\u2069)")
        for question in measurable(definition)
    ]
    initial = [
        {"code": each.code, "value": each.value, "of": each.of, **each.attributes} for each in laid_in(definition)
    ]
    made: type[LaidFormSet] = forms.formset_factory(  # type: ignore[assignment]
        LaidForm, formset=LaidFormSet, extra=FREE, max_num=MOST, validate_max=True
    )
    return made(data, initial=initial, form_kwargs={"questions": questions}, prefix="i")
