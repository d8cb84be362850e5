"""The report of a period as PDF: laid out in parts, so that it is known how far it is and memory stays flat."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.language import current_language
from sajad_portal.lib.pdf import pdf_of_parts
from units.models import Person

from .content import MOST_PROFILES, content_of, profiles_of

SHEET = "css/pdf/period_report.css"
TEMPLATE = "reports/period_report/pdf.html"
# Pages that are laid out together.
AT_ONCE = 12


def make_paper(person: Person, parameters: dict, path: Path, progress) -> None:
    """Write the PDF to `path`, with what the person may see, in the active language."""
    content = content_of(person, parameters["call"], current_language())
    total = min(len(content.results), MOST_PROFILES) + len(content.chapters) + 2
    progress(0, total)
    path.write_bytes(pdf_of_parts(TEMPLATE, _parts(person, content, progress, total), SHEET))


def _parts(person: Person, content, progress, total: int) -> Iterator[dict]:
    base = {"content": content, "made_on": tehran_date(database_now()), "part": ""}
    yield {**base, "part": "front", "ranked": content.ranked}
    done = 2
    progress(done, total)
    for chapter in content.chapters:
        yield {**base, "part": "chapter", "chapter": chapter}
        done += 1
        progress(done, total)
    profiles = profiles_of(person, content, current_language())
    while some := list(islice(profiles, AT_ONCE)):
        yield {**base, "part": "profiles", "profiles": some}
        done += len(some)
        progress(min(done, total), total)
