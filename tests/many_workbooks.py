"""The way of a small workbook that somebody else might have written: imported, filled in, sent, reviewed, returned, corrected, announced,
contested, printed and exported. What a `Book` says is held against each step of it."""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.actions.drafts import save_section
from reports.actions.evidence import add_evidence
from reports.actions.forms import confirm_form
from reports.actions.judging import judge_answers
from reports.actions.objections import accept_result_offer, contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import TypedFinding, hand_in_review
from reports.actions.sign_off import request_sign_off
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row
from reports.models import FormVersion, Report
from reports.queries import form_of
from reports.queries.drafts import assess, collect
from reports.queries.findings import reviewed_indicators
from reports.rules.exports import REPORTS_CSV
from reports.xlsform.indicator import ALONE
from reports.xlsform.writer import SheetRows, write_workbook
from sajad_portal.lib.clock import database_now

from .calls import published_call, report_of
from .exports import made, read
from .people import Cast
from .reviews import assign, review_of, verify

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
REMARK = "با سامانه نمی‌خواند"


@dataclass(frozen=True)
class Book:
    """`rows` to `sheets` are the workbook, `beside` the files with it. `answers` are typed, `files` {question: (name, content)} and
    `table` {table: rows} too; what stands after `# held against` is asserted."""

    fault: str
    rows: list[dict]
    choices: list[dict] = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    sheets: dict[str, list[dict]] = field(default_factory=dict)
    survey: str = "survey"
    beside: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    table: dict[str, list[dict]] = field(default_factory=dict)
    # held against
    shows: tuple[str, ...] = ()  # on the pages of entry, after what is in `answers`; `hides` on none
    hides: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()  # their headings, in order
    missing: tuple[str, ...] = ()  # before anything is answered
    bad: dict[str, tuple[str, str]] = field(default_factory=dict)  # {question: (typed, part of the refusal)}
    values: dict[str, str] = field(default_factory=dict)  # of the submitted revision
    reads: tuple[str, ...] = ()  # in the review
    told: tuple[tuple[str, ...], ...] = ()  # notes from reading: words that stand together in one
    waits_for: tuple[str, ...] = ()  # of what has to be confirmed: types

    def data(self) -> bytes:
        def sheet(rows: list[dict]) -> SheetRows:
            return SheetRows(list(dict.fromkeys(key for row in rows for key in row)), rows)

        settings = {"form_title": f"فرم {self.fault}", "form_id": self.fault.replace(" ", "_"), **self.settings}
        sheets = {self.survey: sheet(self.rows)}
        if self.choices:
            sheets["choices"] = sheet(self.choices)
        sheets |= {name: sheet(rows) for name, rows in self.sheets.items()}
        return write_workbook({**sheets, "settings": sheet([settings])})


def q(kind: str, name: str, label: str | None = None, **cells) -> dict:
    return {"type": kind, "name": name, "label": name if label is None else label, **cells}


def group(name: str, rows: list[dict], label: str | None = None, kind: str = "group", **cells) -> list[dict]:
    return [q(f"begin_{kind}", name, label, **cells), *rows, {"type": f"end_{kind}"}]


def choices(name: str, *pairs: tuple[str, str], **cells) -> list[dict]:
    return [{"list_name": name, "name": one, "label": label, **cells} for one, label in pairs]


class Way:
    """One report on the book's form, from the import on."""

    def __init__(self, book: Book, cast: Cast, client_for) -> None:
        self.book, self.cast, self.client_for = book, cast, client_for

    # ---------------------------------------------------------------------------------------------------- import, entry
    def import_it(self) -> None:
        """Through the page, as a coordinator does it; the page of the version is there at once."""
        upload = SimpleUploadedFile("of-others.xlsx", self.book.data())
        files = [SimpleUploadedFile(name, data) for name, data in self.book.beside.items()]
        client = self.client_for(self.cast.laleh)
        answer = client.post(reverse("reports:form_import"), {"workbook": upload, "files": files})
        assert answer.status_code == 302, [e["message"] for e in answer.context["refusal"].errors]
        self.version = FormVersion.objects.latest("pk")
        self.form = form_of(self.version)
        for words in self.book.told:
            assert [w for w in self.version.summary["warnings"] if all(word in w for word in words)], words
        assert tuple(item.type for item in self.form.needs_confirmation) == self.book.waits_for
        if self.book.waits_for:
            assert self.version.confirmed_at is None
            confirm_form(version=self.version, by=self.cast.laleh)
            self.version.refresh_from_db()
        assert client.get(answer.url).status_code == 200
        assert client.get(reverse("reports:form_preview", args=[self.version.pk])).status_code == 200

    def fill_in(self) -> None:
        self.call = published_call(self.cast, form_version=self.version)
        self.report = report_of(self.call, self.cast.a)
        self._answers_that_are_refused()
        before = [problem.question for problem in assess(self.report, collect(self.report), database_now()).problems]
        assert [name for name in before if name] == list(self.book.missing)
        for table, rows in self.book.table.items():
            for cells in rows:
                self._row(table, cells)
        self._save(self.book.answers)
        for name, (file, content) in self.book.files.items():
            add_evidence(
                report=self.report,
                indicator=f"file:{name}",
                upload=SimpleUploadedFile(file, content),
                by=self.cast.sara,
            )
        self._look_at_entry()

    def _row(self, table: str, cells: dict, around: str = "") -> None:
        row = add_row(report=self.report, table=table, around=around, by=self.cast.sara)
        inner = {name: value for name, value in cells.items() if isinstance(value, list)}
        self._save({f"{name}@{row}": value for name, value in cells.items() if name not in inner})
        for name, rows in inner.items():
            for each in rows:
                self._row(name, each, row)

    def _save(self, answers: dict[str, str]) -> None:
        sections: dict[str, dict[str, str]] = {}
        for name, typed in answers.items():
            section = self.form.own_question(name).section
            sections.setdefault(section, {})[name] = typed
        for section, changes in sections.items():
            outcome = save_section(
                report=self.report, section=section, base_version=99, changes=changes, by=self.cast.sara
            )
            assert not outcome.errors, outcome.errors

    def _answers_that_are_refused(self) -> None:
        """At once, or as what is wrong with the draft; and it can be emptied again."""
        for name, (typed, words) in self.book.bad.items():
            section = self.form.own_question(name).section
            save = {"report": self.report, "section": section, "base_version": 99, "by": self.cast.sara}
            outcome = save_section(changes={name: typed}, **save)
            told = [str(error) for error in outcome.errors.values()]
            told += [p.message for p in assess(self.report, collect(self.report), database_now()).problems if p.question == name]  # fmt: skip
            assert [text for text in told if words in text], (name, told)
            save_section(changes={name: ""}, **save)

    def _look_at_entry(self) -> None:
        client = self.client_for(self.cast.sara)
        pages = []
        for page in self.form.pages:
            answer = client.get(reverse("reports:report_edit", args=[self.report.tracking_code, page.key]))
            if answer.status_code == 404:
                continue  # none of it applies
            assert answer.status_code == 200
            pages.append((page, seen(answer) + answer.content.decode()))
        whole = " ".join(text for _page, text in pages)
        lacks, has = ([t for t in self.book.shows if t not in whole], [t for t in self.book.hides if t in whole])
        assert (lacks, has) == ([], []), (lacks, has)
        if self.book.pages:
            labels = tuple(page.label_in("fa") for page, _text in pages)
            assert labels == self.book.pages, labels
        assert max((len(page.names) for page, _text in pages), default=0) <= 60
        assert max((len(text) for _page, text in pages), default=0) < 400_000

    # ---------------------------------------------------------------------------------------------------- sent, reviewed
    def send(self) -> None:
        problems = assess(self.report, collect(self.report), database_now()).problems
        assert [(problem.question, problem.message) for problem in problems] == []
        request_sign_off(report=self.report, by=self.cast.sara, note="")
        revision = submit_report(report=self.report, by=self.cast.reza)
        self.report = report_of(self.call, self.cast.a)
        stored = {**revision.answers, **revision.values}
        assert {name: stored.get(name, "") for name in self.book.values} == self.book.values
        self.revision = revision

    def review(self) -> None:
        assign(self.cast, self.call)
        client = self.client_for(self.cast.omid)
        address = reverse("reports:report_review", args=[self.report.tracking_code])
        answer = client.get(address)
        assert answer.status_code == 200
        text = seen(answer)
        for code in re.findall(r'href="\?i=([^"&#]+)', text):
            if [each for each in self.book.reads if each not in text]:
                text += seen(client.get(address, {"i": unquote(code)}))
        assert [each for each in self.book.reads if each not in text] == []

    # --------------------------------------------------------------------------------------- returned, corrected, settled
    def correct(self) -> None:
        """The first thing that is judged comes back, is written again, and is sent again. (Tables come back in tests of their own.)"""
        self.remarked = next((each.code for each in reviewed_indicators(self.form, "")), "")
        if not self.remarked:
            return
        return_for_correction(report=self.report, remarks={self.remarked: REMARK}, by=self.cast.omid)
        self.report = report_of(self.call, self.cast.a)
        assert self.report.state == "returned"
        name = self.remarked.removeprefix(ALONE)
        if self.book.answers.get(name):
            self._save({name: self.book.answers[name]})
        submit_report(report=self.report, by=self.cast.reza)
        self.report = report_of(self.call, self.cast.a)
        assert self.report.revisions.count() == 2

    def announce(self) -> None:
        review = review_of(self.report, self.cast.omid)
        mine = reviewed_indicators(self.form, "")
        alone = {each.code: None for each in mine if each.is_alone}
        if alone:
            judge_answers(review=review, remarks=alone, by=self.cast.omid)
        for each in mine:
            if not each.is_alone:
                verify(review, each.code)
        hand_in_review(review=review, by=self.cast.omid)
        self.result = announce_result(report=self.report, by=self.cast.laleh)
        assert (self.result.total is None) == (not self.form.is_scored)
        reza = self.client_for(self.cast.reza)
        for name in ("report", "report_result", "letter_page"):
            answer = reza.get(reverse(f"reports:{name}", args=[self.report.tracking_code]))
            assert answer.status_code == 200, name
            if not self.form.is_scored:
                assert "از ۱۰۰" not in seen(answer), name

    def contest(self) -> None:
        """The unit contests; the provider offers the same with a word, and the unit takes it: a result of its own, a letter of its own."""
        dispute = contest_result(report=self.report, text="دلیل ما در پیوست است.", by=self.cast.reza)
        mine = [each for each in reviewed_indicators(self.form, "") if not each.is_alone]
        first = next((each.code for each in reviewed_indicators(self.form, "")), "")
        if not first:
            return
        found = self.result.score["findings"][first]
        verified = found["verified"] if not mine else dict(found["verified"])
        typed = {first: TypedFinding(verified=verified, reason="دیده شد و همان است.")}
        offer = offer_result(dispute=dispute, typed=typed, text="دیده شد.", by=self.cast.laleh)
        accept_result_offer(offer=offer, by=self.cast.reza)
        answer = self.client_for(self.cast.reza).get(reverse("reports:letter_page", args=[self.report.tracking_code]))
        assert answer.status_code == 200

    def export(self) -> None:
        export = made(self.cast.laleh, REPORTS_CSV, call=self.call.pk)
        row = next(row for row in read(export) if row["tracking_code"] == self.report.tracking_code)
        outside = {name: value for name, value in self.book.values.items() if "@" not in name and name in row}
        assert {name: row[name] for name in outside} == outside
        if not self.form.indicators:
            states = {each.code: row[f"{each.code}.state"] for each in self.form.judged}
            assert set(states.values()) == {"accepted"}, states
        asked = [question.name for question in self.form.questions if question.is_written and not question.table]
        assert [name for name in asked if name not in row and f"answer.{name}" not in row] == []


def seen(answer) -> str:
    """A page as one line of text with its tags; references are the letters that they stand for."""
    return " ".join(html.unescape(answer.content.decode()).split())


def fresh(report: Report) -> Report:
    return report_of(report.call, report.unit)
