"""The words of a form: what its author marked is kept, what is hostile comes out as words."""

import pytest

from reports.xlsform import parse_form, with_answers, words_with_answers
from reports.xlsform.markup import unmarked, words_as_html
from tests.forms import EN, workbook


@pytest.mark.parametrize(
    ("written", "html", "plain"),
    [
        ("How many?", "How many?", "How many?"),
        ("**bold** and _leaning_", "<strong>bold</strong> and <em>leaning</em>", "bold and leaning"),
        ("name_of_thing and 1. first", "name_of_thing and 1. first", "name_of_thing and 1. first"),
        ("# Head\nline", "<strong>Head</strong><br>\nline", "Head\nline"),
        ("Choose:\n* one\n* two", "Choose:<br>\n• one<br>\n• two", "Choose:\n• one\n• two"),
        ("Name *", "Name *", "Name *"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d", "a < b & c > d"),
        ("<b>x</b><br/>y", "<b>x</b><br>y", "x\ny"),
        ("<p>one</p><h3>two</h3>three", "one<br><strong>two</strong><br>three", "one\ntwo\nthree"),
        ("write <name> here", "write &lt;name&gt; here", "write <name> here"),
        ("\\*not\\*", "*not*", "*not*"),
        ("<span style='color:red'>red</span>", "red", "red"),
        (
            "[text](https://example.org/a)",
            '<a href="https://example.org/a" target="_blank" rel="noopener noreferrer">text</a>',
            "text",
        ),
    ],
)
def test_what_an_author_marks_is_seen_and_a_list_says_the_same_words(written, html, plain):
    assert (words_as_html(written), unmarked(written)) == (html, plain)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//x>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<b onmouseover=alert(1)>x</b>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<iframe src=//x></iframe>",
        "<style>*{display:none}</style>",
        "<p style='position:fixed'>x</p>",
        "<b <script>alert(1)</script>>x",
        '<a title="><script>alert(1)</script>">x</a>',
        "**<img src=x onerror=alert(1)>**",
        "<form action=//x><input name=a></form>",
    ],
)
def test_hostile_markup_comes_out_as_words(hostile):
    import nh3

    html = words_as_html(hostile)
    allowed = {"b", "strong", "em", "a", "br"}
    again = nh3.clean(html, tags=allowed, attributes={"a": {"href", "target"}}, url_schemes={"https"})
    assert again == html
    assert "href" not in html


def test_an_answer_in_a_label_is_words_whatever_is_in_it():
    rows = [{"type": "text", "name": "a", EN: "A"}, {"type": "note", "name": "n", EN: "**Hello** ${a}"}]
    definition = parse_form(workbook(rows))
    note = definition.own_question("n")
    answers = {"a": "<b>**x**</b>"}
    html = words_with_answers(note.written_label("en"), definition, answers, "en")
    assert html == "<strong>Hello</strong> &lt;b&gt;**x**&lt;/b&gt;"
    assert with_answers(note.label_in("en"), definition, answers, "en") == "Hello <b>**x**</b>"
