"""Pages on paper: a template and a sheet become a PDF. Nothing is fetched but our own static files."""

from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

STATIC = Path(settings.BASE_DIR, "static")


def pdf_of(template: str, context: dict, sheet: str) -> bytes:
    """Render `template` and lay it out with `sheet` (a path below static/).

    WeasyPrint is imported here: it loads Pango, which a process that prints nothing does without.
    """
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class OwnFiles(URLFetcher):
        """A letter carries people's words; should markup ever slip in, it still reads no file and calls no address."""

        def fetch(self, url, headers=None):
            if not url.startswith(STATIC.as_uri() + "/") or ".." in url or "%2e" in url.lower():
                raise ValueError(f"Not one of our static files: {url}")
            return super().fetch(url, headers)

    fetcher, fonts = OwnFiles(allowed_protocols=("file",)), FontConfiguration()
    css = CSS(filename=str(STATIC / sheet), base_url=STATIC.as_uri() + "/", font_config=fonts, url_fetcher=fetcher)
    html = HTML(string=render_to_string(template, context), base_url=STATIC.as_uri() + "/", url_fetcher=fetcher)
    return html.write_pdf(stylesheets=[css], font_config=fonts)
