"""A sheet as people read it: heads and values in words of the order's language. The codebook, a line a column in the order of
the sheet, says which code each stands for; the CSV and the JSON lines hold the codes."""

from collections import Counter
from collections.abc import Sequence

from sajad_portal.lib.language import current_language
from sajad_portal.lib.streams import FileColumn

from .columns import Layout

BETWEEN = {"fa": "، "}


class Spoken:
    """`heads`: the columns under their labels, and under label and code where two are labelled alike; `row`: its cells in words."""

    def __init__(self, layout: Layout):
        language = current_language()
        entries = layout.entries
        labels = [entry.label[language].strip() or entry.column.name for entry in entries]
        times = Counter(labels)
        self.heads = [
            FileColumn(label if times[label] == 1 else f"{label} ({entry.column.name})", entry.column.number)
            for label, entry in zip(labels, entries, strict=True)
        ]
        self._between = BETWEEN.get(language, ", ")
        self._coded = [
            (n, {value: label[language] or value for value, label in entry.values.items()}, entry.several)
            for n, entry in enumerate(entries)
            if entry.values
        ]

    def row(self, cells: Sequence[str]) -> list[str]:
        said = list(cells)
        for n, words, several in self._coded:
            if value := said[n]:
                said[n] = (
                    self._between.join(words.get(v, v) for v in value.split()) if several else words.get(value, value)
                )
        return said
