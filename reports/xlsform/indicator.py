"""What is measured, as a form's definition keeps it."""

from dataclasses import dataclass

from .labels import Text, text_in
from .markup import unmarked
from .tables import ROW, TABLE, bare, row_of

# Begins the code under which a question of no indicator is judged: no indicator's code and no question's name has it.
ALONE = "q:"
# What is reviewed and is no indicator is called by these.
NOT_CODES = (ALONE, ROW, TABLE)


@dataclass(frozen=True)
class Indicator:
    """What is measured. `code` is its identity across form versions; numbers are decimal strings, "" if not given.

    In the workbook the rows of one indicator share `bind::sajad:indicator`. Its inputs say which part they are in
    `bind::sajad:role`. All other attributes stand on its head row: the calculate of a ratio, else the value question;
    a timeliness indicator's head is a note. (An attribute on another row of the indicator is accepted; two rows that
    differ are refused.)
    """

    code: str
    label: Text
    section: str
    inputs: dict[str, str]
    ratio: str = ""
    weight: str = "0"
    standard: str = ""
    floor: str = ""
    direction: str = "up"
    unit: str = ""
    unit_en: str = ""
    evidence: str = ""
    evidence_en: str = ""
    score: str = "default"
    bands: str = ""
    levels: str = ""  # of `levels` and `rubric`: `full=100|what it means; none=0`
    aggregate: str = "none"
    scale: str = "1"
    weightby: str = ""
    source: str = ""
    row: int = 0

    def label_in(self, language: str) -> str:
        return unmarked(text_in(self.label, language)) or self.code

    def unit_in(self, language: str) -> str:
        return (self.unit_en if language == "en" else "") or self.unit

    def evidence_in(self, language: str) -> str:
        return (self.evidence_en if language == "en" else "") or self.evidence

    @property
    def value_question(self) -> str:
        """The question whose value is the indicator's actual performance: the ratio, or the value input."""
        return self.ratio or self.inputs.get("value", "")

    @property
    def is_judged(self) -> bool:
        """Whether its points are the reviewer's own."""
        return self.score in ("manual", "rubric")

    @property
    def is_alone(self) -> bool:
        """Whether it is accepted or remarked on and has no score: a question of no indicator (`judged_alone`), a table, a row."""
        return self.code.startswith(NOT_CODES)

    @property
    def is_rows(self) -> bool:
        """Whether it is a table or a row of one (`JudgedRows`)."""
        return self.code.startswith((ROW, TABLE))

    @property
    def evidence_keys(self) -> tuple[str, ...]:
        """Under what its files are kept: its own code, and the file questions among its inputs."""
        return (self.code, *(f"file:{name}" for name in self.inputs.values()))

    def has_file(self, key: str) -> bool:
        """Whether a file that is kept under this key is of it."""
        return key in self.evidence_keys


@dataclass(frozen=True)
class JudgedRows(Indicator):
    """A whole table (`table:KEY`), or a row of one with the tables inside it (`row:KEY@ROW`), as what a reviewer accepts or remarks
    on. It has no inputs: what is claimed is everything that `holds` says.

    `table`: its key; `tables` with those inside its rows; `questions` of all of these; `within`: the row, "" of a whole table.
    """

    table: str = ""
    tables: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    within: str = ""

    def holds(self, name: str) -> bool:
        """Whether a name of an answer or of a row (`row:KEY@ROW`) stands in it."""
        row = row_of(name)
        if not row or (self.within and not f"{row}.".startswith(f"{self.within}.")):
            return False
        base = bare(name)
        return base.removeprefix(ROW) in self.tables if base.startswith(ROW) else base in self.questions

    def has_file(self, key: str) -> bool:
        return key.startswith("file:") and self.holds(key.removeprefix("file:"))
