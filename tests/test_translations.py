"""The Persian catalogue is complete by test, not by hope."""

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from sajad_portal import translations


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house with one template and one module; returns its folder."""
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "units").mkdir()
    (tmp_path / "locale" / "fa" / "LC_MESSAGES").mkdir(parents=True)
    return tmp_path


def store(**strings: str) -> None:
    catalogue = Catalog(locale="fa")
    for msgid, string in strings.items():
        catalogue.add(msgid, string)
    with translations.catalogue_path().open("wb") as file:
        translations.write_po(file, catalogue)


def test_messages_of_templates_and_of_python_are_found(house):
    (house / "templates" / "page.html").write_text(
        "<p>\n    {{ _('Plain') }} {% set kept = _('Kept') %}</p>\n"
        "  {% trans trimmed n=rows, who=name %}\n    {{ who }} has {{ n }} row\n"
        "  {% pluralize n %}\n    {{ who }} has {{ n }} rows\n  {% endtrans %}\n"
        "{{ _('Filtered')|upper }} {{ pgettext('state', 'Open') }}"
    )
    (house / "units" / "templates").mkdir()
    (house / "units" / "templates" / "mail.txt").write_text(
        "{% blocktranslate trimmed with who=name %}Dear {{ who }},{% endblocktranslate %}"
    )
    (house / "units" / "models.py").write_text(
        "name = gettext_lazy('Lazy')\nmany = ngettext('%(n)s a', '%(n)s b', n)\n"
    )

    found = {(message.context, message.id) for message in translations.wanted() if message.id}

    assert found == {
        (None, "Plain"),
        (None, "Kept"),
        (None, ("%(who)s has %(n)s row", "%(who)s has %(n)s rows")),
        (None, "Filtered"),
        (None, "Dear %(who)s,"),
        ("state", "Open"),
        (None, "Lazy"),
        (None, ("%(n)s a", "%(n)s b")),
    }


@pytest.mark.parametrize(
    ("string", "complaint"),
    [
        ("", "missing"),
        ("%(other)s سطر", "placeholders differ"),
        ("%(n)s گزارش‌ي", "Arabic"),
    ],
)
def test_a_string_that_is_not_ready_is_named_with_its_place(house, string, complaint):
    (house / "units" / "models.py").write_text("text = gettext('%(n)s rows')\n")
    store(**{"%(n)s rows": string})

    (problem,) = translations.catalogue_problems()

    assert problem.startswith(complaint)
    assert "units/models.py:1" in problem


def test_a_sound_string_is_no_problem(house):
    (house / "units" / "models.py").write_text("text = gettext('%(n)s rows')\n")
    store(**{"%(n)s rows": "%(n)s سطر"})

    assert translations.catalogue_problems() == []


def test_what_nothing_asks_for_is_stale_and_an_update_drops_it(house):
    (house / "units" / "models.py").write_text("text = gettext('Wanted')\n")
    store(Wanted="خواسته", Unwanted="ناخواسته")
    assert translations.stale() == ["Unwanted"]

    assert translations.update() == (0, 1)

    assert translations.stale() == []
    assert translations.catalogue_problems() == []


def test_the_compiled_catalogue_is_stale_once_its_source_changes(house):
    store(Wanted="خواسته")
    assert translations.is_stale()

    translations.compile_catalogue()

    assert not translations.is_stale()
