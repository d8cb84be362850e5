"""What is measured, as a form's definition keeps it."""

from dataclasses import dataclass

from .labels import Text, text_in
from .markup import unmarked

# Begins the code under which a question of no indicator is judged: no indicator's code and no question's name has it.
ALONE = "q:"


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
        """Whether it is a question of no indicator (`judged_alone`)."""
        return self.code.startswith(ALONE)

    @property
    def evidence_keys(self) -> tuple[str, ...]:
        """Under what its files are kept: its own code, and the file questions among its inputs."""
        return (self.code, *(f"file:{name}" for name in self.inputs.values()))
