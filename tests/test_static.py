"""Stylesheets name files that are there: the manifest step of a production release stops at the first that is not."""

import re
from pathlib import Path

from django.conf import settings

STATIC = Path(settings.BASE_DIR, "static")


def test_every_file_that_a_stylesheet_names_lies_where_the_manifest_looks_for_it():
    named = [
        (sheet, address)
        for sheet in STATIC.glob("css/**/*.css")
        for address in re.findall(r"""url\(["']?([^"')#?]+)""", sheet.read_text())
        if not address.startswith(("data:", "#"))
    ]

    lost = [
        f"{sheet.relative_to(STATIC)}: {address}" for sheet, address in named if not (sheet.parent / address).exists()
    ]

    assert named, "no stylesheet names a file any more"
    assert lost == []
