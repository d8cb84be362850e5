"""Writing a call: its period, window, terms and audience."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib import periods
from sajad_portal.lib.clock import tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.fields import (
    JalaliDateField,
    JalaliMomentField,
    NumberField,
    TextField,
    WholeField,
    offer,
    offer_rows,
)
from sajad_portal.lib.forms import PortalForm
from sajad_portal.lib.language import Words
from sajad_portal.lib.periods import PeriodKind
from sajad_portal.templatetags.portal import plainnum
from sla.enums import AgreementState, RequestKind
from sla.models import AgreementVersion, RequestType, Service
from units.models import Unit, UnitKind

from ..models import Call, FormVersion
from ..queries.peers import peers_offered
from .fields import UnitField, UnitListField, offer_units

# How many periods of each kind are offered before and after the present one.
OFFERED = {
    PeriodKind.QUARTER: (8, 2),
    PeriodKind.MONTH: (14, 2),
    PeriodKind.HALF: (4, 1),
    PeriodKind.YEAR: (4, 1),
    PeriodKind.ACADEMIC: (4, 1),
}


AUDIENCE = ("subtree", "kinds", "units")


class FormField(forms.ModelChoiceField):
    def label_from_instance(self, obj: FormVersion) -> str:
        return form_label(obj)


class AgreementField(forms.ModelChoiceField):
    def label_from_instance(self, obj: AgreementVersion) -> str:
        return agreement_label(obj)


class TypeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: RequestType) -> str:
        return obj.title_here


class CallForm(PortalForm):
    """`cleaned_data` becomes the keyword arguments of `create_call` and `edit_call` through `values()`."""

    title = TextField(label=gettext_lazy("Title"), max_length=200)
    period = forms.ChoiceField(label=gettext_lazy("Period of performance"))
    period_starts = JalaliDateField(label=gettext_lazy("First day"), required=False)
    period_ends = JalaliDateField(label=gettext_lazy("Last day"), required=False)
    form_version = FormField(FormVersion.objects.none(), empty_label="—", label=gettext_lazy("Form"))
    agreement = AgreementField(AgreementVersion.objects.none(), label=gettext_lazy("Agreement"))
    request_type = TypeField(RequestType.objects.none(), label=gettext_lazy("Request type"))
    opens_at = JalaliMomentField(
        label=gettext_lazy("Opens"),
        help_text=gettext_lazy("A date opens at 00:00 of that day; add a time for another hour."),
    )
    closes_at = JalaliMomentField(
        ends=True,
        label=gettext_lazy("Closes"),
        help_text=gettext_lazy("A date closes at the end of that day; add a time for another hour."),
    )
    review_until = JalaliMomentField(
        ends=True, label=gettext_lazy("Review until"), help_text=gettext_lazy("By then reviewers hand in.")
    )
    grace_hours = NumberField(
        least=0,
        most=168,
        affix=gettext_lazy("hours"),
        label=gettext_lazy("Grace after closing"),
        help_text=gettext_lazy("Units are not told in advance. What arrives in it counts as in grace."),
    )
    correction_days = WholeField(
        least=1, most=60, affix=gettext_lazy("days"), label=gettext_lazy("Time for a correction")
    )
    correction_rounds = WholeField(least=0, most=9, affix=gettext_lazy("times"), label=gettext_lazy("Returns at most"))
    objection_days = WholeField(
        least=1, most=90, affix=gettext_lazy("days"), label=gettext_lazy("Time for an objection")
    )
    reviewers_per_section = WholeField(
        least=1, most=5, affix=gettext_lazy("people"), label=gettext_lazy("Reviewers a section")
    )
    needs_sign_off = forms.BooleanField(
        required=False,
        label=gettext_lazy("The head of the unit signs and submits"),
        help_text=gettext_lazy("Without it the unit’s expert may submit too."),
    )
    shows_reviewers = forms.BooleanField(
        required=False,
        label=gettext_lazy("Units learn their reviewers’ names after the announcement"),
        help_text=gettext_lazy(
            "Until a result is announced nobody who reports for a unit, one above or one below it learns who reviews it."
        ),
    )
    peers = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Ranked with whom"),
        help_text=gettext_lazy(
            "Places and medians are those within the group. Frozen with the call, by what each unit was when it was asked."
        ),
    )
    subtree = UnitField(
        required=False,
        widget=forms.TextInput(attrs={"list": "roots", "autocomplete": "off"}),
        label=gettext_lazy("Units under"),
        help_text=gettext_lazy(
            "A unit’s code or name: it and all below it. Together with kinds, only those of the kinds."
        ),
    )
    kinds = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Of the kinds"),
    )
    units = UnitListField(
        required=False,
        label=gettext_lazy("And these units"),
        help_text=gettext_lazy("One a line, code or name; a column pasted from a sheet is read too."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, at, units, visible, service: Service | None, call: Call | None = None, **kwargs):
        """Agreements and request types are those of `service` (None: the portal has none yet). `units` may be named now; of
        those that the draft names already, the `visible` ones are shown. The others stay."""
        self.outside: dict = {"subtree": None, "units": []}
        initial = {
            **self._defaults(),
            **(self._of(call, visible) if call else {}),
            **(kwargs.pop("initial", None) or {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.call = call
        offer(self, "kinds", _kinds(self.initial.get("kinds") or []))
        offer(self, "period", self._periods(at))
        offer(self, "peers", peers_offered(call.peers if call else ""))
        offer_units(self, "subtree", units)
        offer_units(self, "units", units)
        offer_rows(self, "form_version", _form_versions(call))
        self._offer_terms(service, call)

    def _offer_terms(self, service: Service | None, call: Call | None) -> None:
        """Published versions and open types of the one service, and what the draft has chosen already."""
        kept = (call.agreement_id, call.request_type_id) if call else (None, None)
        published = Q(state=AgreementState.PUBLISHED) | Q(pk=kept[0])
        usable = Q(kind=RequestKind.PERIODIC_REPORT, closed_at=None) | Q(pk=kept[1])
        agreements = AgreementVersion.objects.filter(published, service=service).select_related("service")
        types = RequestType.objects.filter(usable, service=service).order_by("pk")
        for name, rows in (("agreement", agreements.order_by("-number")), ("request_type", types)):
            field = offer_rows(self, name, rows)
            only = list(rows[:2])
            if len(only) == 1 and name not in self.initial:
                self.initial[name] = only[0].pk
            field.empty_label = None if len(only) == 1 else "—"

    @staticmethod
    def _defaults() -> dict:
        fresh = Call()  # with the defaults of its fields
        numbers = ("correction_days", "correction_rounds", "objection_days", "reviewers_per_section")
        return {"needs_sign_off": True, "grace_hours": 2, **{name: getattr(fresh, name) for name in numbers}}

    def _of(self, call: Call, visible: QuerySet[Unit]) -> dict:
        audience = call.audience
        free = call.period_kind == PeriodKind.FREE
        listed, subtree = audience.get("units") or [], audience.get("subtree")
        named = {unit.pk: unit for unit in visible.filter(pk__in=[*listed, *([subtree] if subtree else [])])}
        self.outside = {
            "subtree": subtree if subtree not in named else None,
            "units": [pk for pk in listed if pk not in named],
        }
        copied = (
            "title", "opens_at", "closes_at", "review_until", "correction_days", "correction_rounds", "objection_days",
            "reviewers_per_section", "needs_sign_off", "shows_reviewers", "peers",
        )  # fmt: skip
        return {
            **{name: getattr(call, name) for name in copied},
            "period": PeriodKind.FREE if free else call.period_code,
            "period_starts": call.period_starts if free else None,
            "period_ends": call.period_ends if free else None,
            "form_version": call.form_version_id,
            "agreement": call.agreement_id,
            "request_type": call.request_type_id,
            "grace_hours": round(Decimal(call.grace / timedelta(minutes=1)) / 60, 2),
            "subtree": named.get(subtree),
            "kinds": audience.get("kinds") or [],
            "units": [named[pk] for pk in listed if pk in named],
        }

    def _periods(self, at) -> list:
        today = tehran_date(at)
        groups: list[tuple[Words, list[tuple[str, str]]]] = []
        known: set[str] = set()
        for kind, (before, after) in OFFERED.items():
            offered = [(p.code, p.label()) for p in periods.around(kind, today, before=before, after=after)]
            known.update(code for code, _label in offered)
            groups.append((kind.label, offered))
        kept = self.initial.get("period")
        if kept and kept not in known and kept != PeriodKind.FREE:
            groups.insert(0, (_("Chosen"), [(kept, periods.from_code(kept).label())]))
        return [("", "—"), *groups, (PeriodKind.FREE.value, PeriodKind.FREE.label)]

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        self._clean_period(cleaned)
        opens, closes, review = (cleaned.get(name) for name in ("opens_at", "closes_at", "review_until"))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The call must close after it opens. Choose a later closing."))
        if closes and review and review < closes:
            self.add_error("review_until", _("Reviewing cannot end before the call closes. Choose a later day."))
        return cleaned

    def _clean_period(self, cleaned: dict) -> None:
        chosen = cleaned.get("period")
        try:
            if chosen == PeriodKind.FREE:
                first, last = cleaned.get("period_starts"), cleaned.get("period_ends")
                for name, day in (("period_starts", first), ("period_ends", last)):
                    if day is None and name not in self.errors:
                        self.add_error(name, _("Free dates need a first and a last day."))
                if first and last:
                    cleaned["period"] = periods.free(first, last)
            elif chosen:
                cleaned["period"] = periods.from_code(chosen)
        except Refused as refusal:
            self.add_error("period_ends" if chosen == PeriodKind.FREE else "period", str(refusal))

    def only_audience_errors(self) -> bool:
        """For a look at who would be asked: what is wrong elsewhere is not held up yet. Whether the audience can be read."""
        for name in set(self.errors) - set(AUDIENCE):
            del self.errors[name]
        return not self.errors

    @property
    def audience(self) -> dict:
        """What was typed, with what a colleague had named outside the typist's reach."""
        cleaned = self.cleaned_data
        return {
            "subtree": cleaned["subtree"].pk if cleaned.get("subtree") else self.outside["subtree"],
            "kinds": cleaned.get("kinds") or [],
            "units": [*(unit.pk for unit in cleaned.get("units") or []), *self.outside["units"]],
        }

    def values(self) -> dict:
        """The call's fields as the verbs take them."""
        cleaned = self.cleaned_data
        same = (
            "title", "form_version", "agreement", "request_type", "opens_at", "closes_at", "review_until",
            "correction_days", "correction_rounds", "objection_days", "reviewers_per_section", "needs_sign_off",
            "shows_reviewers", "peers",
        )  # fmt: skip
        period = cleaned["period"]
        return {
            **{name: cleaned[name] for name in same},
            "period_kind": period.kind,
            "period_code": period.code,
            "period_starts": period.starts,
            "period_ends": period.ends,
            "grace": timedelta(minutes=int(cleaned["grace_hours"] * 60)),
            "audience": self.audience,
        }


def _form_versions(call: Call | None):
    versions = FormVersion.objects.select_related("form").defer("definition", "summary")
    kept = call.form_version_id if call else None
    usable = versions.filter(confirmed_at__isnull=False)
    return (usable | versions.filter(pk=kept)).order_by("title", "-number")


def form_label(version: FormVersion) -> str:
    return _("%(title)s, version %(number)s (%(count)s indicators)") % {
        "title": version.title,
        "number": plainnum(version.number),
        "count": plainnum(version.indicator_count),
    }


def agreement_label(agreement: AgreementVersion) -> str:
    told = {"service": agreement.service.title, "number": plainnum(agreement.number)}
    return _("%(service)s, version %(number)s") % told


def _kinds(chosen: list[str]) -> list[tuple[str, str]]:
    """Those that a unit may get, and those that the call has chosen already."""
    kinds = UnitKind.objects.filter(Q(closed_at__isnull=True) | Q(code__in=chosen))
    return [(kind.code, kind.name_here) for kind in kinds]
