"""What stands in a PDF, read back by a library that had no part in making it."""

import io
import re

from pypdf import PdfReader

# The library gives Persian digits as they lie on the paper, from the left of a line that is read from the right.
FIGURES = re.compile("[۰-۹٫٬/٪]{2,}")
ZWNJ = "\u200c"  # no glyph: a paper holds none


def text_of_pdf(data: bytes) -> str:
    """The words of all pages in one line, as `on_paper` writes them."""
    pages = PdfReader(io.BytesIO(data), strict=True).pages
    read = FIGURES.sub(lambda found: found[0][::-1], "\n".join(page.extract_text() for page in pages))
    return on_paper(read)


def on_paper(text: str) -> str:
    """A text as `text_of_pdf` has it: one blank between words, no joiners."""
    return " ".join(text.replace(ZWNJ, "").split())


def unsaid(data: bytes, *texts: str) -> list[str]:
    """Those of `texts` that the paper does not say; none is what a test wants."""
    read = text_of_pdf(data)
    return [text for text in texts if on_paper(text) not in read]
