"""What browsers load: made at set-up, kept for good, and of each kind of page only its own."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.urls import reverse

from sajad_portal.lib import bundles
from tests.calls import published_call, report_of
from tools import typeface

BASE = Path(settings.BASE_DIR)
TEMPLATES = {path: path.read_text("utf-8") for path in (BASE / "templates").rglob("*.html")}
NAMED = re.compile(r"""\bbundle\(['"]([^'"]+)['"]\)""")
LOADED = re.compile(r"vendor/bundles/([\w.-]+?)-[0-9a-f]{10}(\.\w+)")
EVERY_PAGE = {"portal.rtl.css", "theme.js", "portal.js", "mark.svg", "Vazirmatn-fa.woff2"}


def loaded(answer) -> set[str]:
    """What the browser is told to fetch; icons are there on every page."""
    head = re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)
    return {stem + ending for stem, ending in LOADED.findall(head)} - {"icons.svg"}


def test_a_page_names_only_what_is_made_and_nothing_is_made_for_nobody():
    named = {name for text in TEMPLATES.values() for name in NAMED.findall(text)}
    # The whole typeface is named by the sheet alone, the sprite by every icon.
    assert named | {"Vazirmatn-wght.woff2", "icons.svg"} == set(bundles.made())


def test_a_name_has_the_hash_of_its_content_and_compressed_copies_say_the_same():
    for name, file in bundles.made().items():
        path = bundles.FOLDER / file
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest()[:10] in file, name
        assert bundles.never_changes(str(path), f"/static/{bundles.ROOM}/{file}")
        if path.suffix != ".woff2":  # which is compressed already
            assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == content, name
            assert brotli.decompress(Path(f"{path}.br").read_bytes()) == content, name


@pytest.mark.parametrize(
    "address",
    [
        "/static/portal.js",
        "/static/css/02-base.css",
        "/static/vendor/bundles/manifest.json",
        "/static/vendor/icons.svg",
    ],
)
def test_what_may_change_under_its_name_is_not_kept_for_good(address):
    assert not bundles.never_changes("", address)


def test_a_name_that_is_not_made_says_what_to_do():
    with pytest.raises(bundles.NotMade, match="tools/bundles.mjs"):
        bundles.bundle_address("nothing.js")


@pytest.mark.django_db
def test_each_kind_of_page_loads_what_every_page_has_and_its_own(cast, client, client_for):
    sara, laleh = client_for(cast.sara), client_for(cast.laleh)
    call = published_call(cast)
    report = report_of(call, cast.a)
    entry = reverse("reports:report_edit", args=[report.tracking_code, "housing"])

    assert loaded(client.get("/sign-in/")) == EVERY_PAGE
    assert loaded(sara.get("/desk/")) == EVERY_PAGE
    assert loaded(sara.get(entry)) == EVERY_PAGE | {"report.css", "entry.js"}
    assert loaded(sara.get(reverse("reports:report", args=[report.tracking_code]))) == EVERY_PAGE | {
        "report.css",
        "papers.js",
    }
    assert loaded(laleh.get(reverse("reports:call", args=[call.pk]))) == EVERY_PAGE | {"lists.js"}
    assert loaded(laleh.get("/units/")) == EVERY_PAGE | {"units.css"}


def test_charts_are_loaded_where_a_chart_is_and_nowhere_else():
    with_charts = {
        path for path, text in TEMPLATES.items() if "components/chart.html" in text and path.name != "chart.html"
    }
    loading = {path for path, text in TEMPLATES.items() if "bundle('charts.js')" in text}
    assert with_charts == loading
    assert len(loading) > 4


def test_no_page_loads_a_sheet_or_script_past_the_bundles():
    past = [path.name for path, text in TEMPLATES.items() if re.search(r"""\bstatic\(['"][^'"]+\.(css|js|svg)""", text)]
    assert past == ["docs.html"]  # the description of the interface, by Swagger UI's own files


# ------------------------------------------------------------------------------------------------- what was left out
def classes(css: str) -> set[str]:
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", css, flags=re.DOTALL)))


@pytest.fixture(scope="module")
def sheet() -> str:
    return (bundles.FOLDER / bundles.made()["portal.rtl.css"]).read_text("utf-8")


@pytest.fixture(scope="module")
def whole() -> str:
    return (BASE / "node_modules/bootstrap/dist/css/bootstrap.rtl.min.css").read_text("utf-8")


def test_no_class_of_bootstrap_that_a_template_or_script_names_was_left_out(sheet, whole):
    sources = [
        *TEMPLATES.values(),
        *(path.read_text("utf-8") for path in (BASE / "static").glob("**/*.js") if "vendor" not in path.parts),
    ]
    written = {
        word for text in sources for word in re.findall(r"[\w-]+", " ".join(re.findall(r"""["'`][^"'`]*["'`]""", text)))
    }
    put_together = {f"alert-{tone}" for tone in ("success", "info", "warning", "danger")}
    put_together |= {f"btn-{tone}" for tone in ("primary", "secondary", "danger", "outline-secondary")}

    assert (written | put_together) & classes(whole) - classes(sheet) == set()
    assert len(classes(whole) - classes(sheet)) > 500, "nothing is left out any more"


def test_a_sheet_that_every_page_waits_for_is_small():
    """Bytes, not time: 21 kB of gzip are half a second on a line of 400 kbit/s."""
    sizes = {
        name: (bundles.FOLDER / f"{bundles.made()[name]}.gz").stat().st_size for name in ("portal.rtl.css", "portal.js")
    }
    assert sizes["portal.rtl.css"] < 24_000
    assert sizes["portal.js"] < 27_000
    assert (bundles.FOLDER / bundles.made()["Vazirmatn-fa.woff2"]).stat().st_size < 50_000


def test_the_first_part_of_the_typeface_is_the_one_that_the_sheet_asks_for():
    (said,) = re.findall(
        r"Vazirmatn-fa\.woff2.*?unicode-range: ([^;]+);",
        (BASE / "static/css/01-tokens.css").read_text("utf-8"),
        re.DOTALL,
    )
    ranges = [part.strip().removeprefix("U+").split("-") for part in said.split(",")]
    assert tuple((int(part[0], 16), int(part[-1], 16)) for part in ranges) == typeface.RANGES


def test_the_manifest_is_whole_json_with_a_name_each():
    made = json.loads((bundles.FOLDER / "manifest.json").read_text("utf-8"))
    assert len(set(made.values())) == len(made) > 15
