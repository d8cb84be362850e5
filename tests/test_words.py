"""One word for one thing: what locale/fa/words.toml gives up stands nowhere in what the portal says by itself."""

import pytest
from django.conf import settings

from sajad_portal import translations
from sajad_portal.words import given_up, read_words, words_path

LIST = """
[[word]]
thing = "a file"
keep = "فایل"
refuse = ["پرونده*", "پوشه"]
except = ["پرونده‌های مشاوره"]
"""
# Persian that lies beside the catalogue: what the shipped form says, pages of the web server.
BESIDE = (
    "reports/xlsform/sample_form.py",
    "reports/demo/papers.py",
    "reports/demo/kinds.py",
    "reports/demo/stories.py",
)
PAGES_OF_THE_WEB_SERVER = "deploy/nginx/errors/*.html"


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.toml"
    path.write_text(LIST, "utf-8")
    return read_words(path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("پرونده پذیرفته نشد", ["پرونده"]),
        ("پرونده‌هایش و پروندهٔ دیگر", ["پرونده‌هایش", "پروندهٔ"]),
        ("یک پوشه و پوشه‌ای دیگر", ["پوشه", "پوشه"]),
        ("پوشهٔ هرزنامه", []),
        ("سرپرونده", []),
        ("آمار پرونده‌های مشاوره", []),
        ("فایل %(پرونده)s <i class='پرونده'>", []),
    ],
)
def test_a_word_that_was_given_up_is_found_whole_and_outside_its_exceptions(words, text, found):
    assert [word for word, keep in given_up(text, words)] == found


def test_the_word_to_write_is_told_with_the_one_that_was_given_up(words):
    assert list(given_up("پرونده", words)) == [("پرونده", "فایل")]


def test_a_message_with_a_word_that_was_given_up_is_named(tmp_path, monkeypatch):
    (tmp_path / "locale/fa/LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    words_path().write_text(LIST, "utf-8")
    (tmp_path / "locale/fa/LC_MESSAGES/django.po").write_text('msgid "The file"\nmsgstr "پرونده"\n', "utf-8")

    assert translations.words_given_up() == ["“پرونده” was given up, write “فایل”: 'The file' → 'پرونده'"]


def test_no_message_of_the_portal_uses_a_word_that_was_given_up():
    assert translations.words_given_up() == []


def test_no_text_beside_the_catalogue_uses_a_word_that_was_given_up():
    paths = [settings.BASE_DIR / name for name in BESIDE] + sorted(settings.BASE_DIR.glob(PAGES_OF_THE_WEB_SERVER))
    assert len(paths) > len(BESIDE)
    assert [(path.name, *found) for path in paths for found in given_up(path.read_text("utf-8"))] == []


def test_every_word_that_is_kept_may_be_written():
    refused = {word.thing: list(given_up(word.keep)) for word in read_words(words_path())}
    assert {thing: found for thing, found in refused.items() if found} == {}
