"""Pages on paper: a template and a sheet become a PDF. Nothing is fetched but our own static files."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

STATIC = Path(settings.BASE_DIR, "static")


def pdf_of(template: str, context: dict, sheet: str) -> bytes:
    """Render `template` and lay it out with `sheet` (a path below static/)."""
    return pdf_of_parts(template, [context], sheet)


def pdf_of_parts(template: str, contexts: Iterable[dict], sheet: str) -> bytes:
    """One paper out of parts that are rendered and laid out one after the other, its pages numbered through.

    For long papers: `contexts` may take its time between two parts and say how far it is.
    WeasyPrint is imported here: it loads Pango, which a process that prints nothing does without.
    """
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class OwnFiles(URLFetcher):
        """A letter carries people's words; should markup ever slip in, it still reads no file and calls no address.

        A picture that stands in the paper itself (the logo, a PNG of ours) is fetched from nowhere.
        """

        def fetch(self, url, headers=None):
            if url.startswith("data:image/png;base64,"):
                return super().fetch(url, headers)
            if not url.startswith(STATIC.as_uri() + "/") or ".." in url or "%2e" in url.lower():
                raise ValueError(f"Not one of our static files: {url}")
            return super().fetch(url, headers)

    fetcher, fonts = OwnFiles(allowed_protocols=("file", "data")), FontConfiguration()
    base = STATIC.as_uri() + "/"
    css = CSS(filename=str(STATIC / sheet), font_config=fonts, url_fetcher=fetcher)
    parts, pages = [], 0
    for context in contexts:
        html = HTML(string=render_to_string(template, context), base_url=base, url_fetcher=fetcher)
        sheets = [css]
        if pages:
            sheets.append(CSS(string=f"@page :first {{ counter-reset: page {pages + 1} }}", font_config=fonts))
        parts.append(html.render(stylesheets=sheets, font_config=fonts))
        pages += len(parts[-1].pages)
    if len(parts) == 1:
        return parts[0].write_pdf()
    return parts[0].copy([page for part in parts for page in part.pages]).write_pdf()


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    """A paper of the portal's own on its way out: shown by the browser, kept by nobody between."""
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
