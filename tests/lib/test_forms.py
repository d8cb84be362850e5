"""Every field of every form, given what people get wrong: the refusal is Persian, names the field and says what to do."""

import copy
import importlib
import pkgutil
import re

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

import reports.forms
import sla.forms
import units.forms
from sajad_portal.lib.forms import PortalForm
from tests.pieces import drawn

# Three words of Latin letters in a row are a sentence of somebody who does not speak Persian.
LATIN = re.compile(r"(?:[A-Za-z’']{2,}[\s,.;:]+){2,}[A-Za-z]{2,}")
NONSENSE = {
    "nothing": "", "blanks": "   ", "null": "a\x00b", "long": "آ" * 20_000, "no choice": "not-offered", "half": "a@",
    "digits": "9" * 60, "no day": "1405/13/45", "signs": "<>{}%s", "half a surrogate": "\ud800", "below": "-1",
}  # fmt: skip
FILES = {
    "none": None, "no file": "text", "empty": SimpleUploadedFile("a.pdf", b""),
    "long name": SimpleUploadedFile("آ" * 300 + ".pdf", b"x"),
}  # fmt: skip


def every_form() -> list[type[forms.BaseForm]]:
    for package in (units.forms, sla.forms, reports.forms):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.split(".")[0] in ("units", "sla", "reports") and ".forms" in kind.__module__:
                found.add(kind)
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def test_every_form_speaks_in_the_portals_words():
    assert len(every_form()) > 40
    assert [kind.__name__ for kind in every_form() if not issubclass(kind, PortalForm)] == []


class _One(PortalForm):
    """A form of one field of another form."""

    def __init__(self, name: str, field: forms.Field, data: dict, files: dict):
        super().__init__(data, files)
        self.fields[name] = copy.deepcopy(field)


FIELDS = [
    pytest.param(name, field, id=f"{kind.__name__}.{name}")
    for kind in every_form()
    for name, field in kind.base_fields.items()
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_whatever_is_wrong_in_a_field_is_said_in_persian_and_says_what_to_do(name, field):
    is_file = isinstance(field, forms.FileField)
    for what, value in (FILES if is_file else NONSENSE).items():
        with translation.override("fa"):
            form = _One(name, field, {} if is_file else {name: value}, {name: value} if is_file and value else {})
            try:
                said = [str(text) for text in form.errors.get(name, [])]
            except (ValidationError, UnicodeError) as error:
                pytest.fail(f"{what}: {error!r}")
        for text in said:
            assert LATIN.search(text) is None, (what, text)
            assert len(text.split()) >= 4, (what, text)  # more than “this field is required”
        if field.required and what in ("nothing", "none"):
            label = str(field.label or "")  # without one there is none to be named
            assert (len(said), label in said[0]) == (1, True)


def test_words_of_ones_own_stay():
    class Own(PortalForm):
        name = forms.CharField(error_messages={"required": "نام را بنویسید، وگرنه کسی شما را نمی‌شناسد."})

    assert Own({}).errors["name"] == ["نام را بنویسید، وگرنه کسی شما را نمی‌شناسد."]


def test_the_summary_of_what_was_refused_names_each_field_once():
    class Form(PortalForm):
        title = forms.CharField(label="Title")
        days = forms.CharField(label="Days")

        def clean_days(self):
            raise forms.ValidationError("At least one is needed.")

    with translation.override("en"):
        html = drawn("components/form_errors.html", "components_form_errors", form=Form({"title": "", "days": "0"}))

    lines = [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in re.findall(r"<li>.*?</li>", html, re.DOTALL)]
    assert lines == ["“Title” is empty. Fill it in.", "Days: At least one is needed."]
    assert re.findall(r'href="#([^"]+)"', html) == ["id_title", "id_days"]
