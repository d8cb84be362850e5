"""Addresses of what set-up made for browsers: sheets, scripts, the sprite and the typeface, under names that carry a hash of
their content (`tools/bundles.mjs`). What has such a name never changes, and a browser keeps it for good."""

import json
import re
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

ROOM = "vendor/bundles"
FOLDER = Path(__file__).resolve().parents[2] / "static" / ROOM
_HASHED = re.compile(rf"/{ROOM}/[\w.-]+-[0-9a-f]{{10}}\.\w+$")


class NotMade(Exception):
    """Set-up has not run, or before this name was there."""


@lru_cache(maxsize=1)
def made() -> dict[str, str]:
    """{name: file name with its hash}, as set-up left it before this process began."""
    try:
        return json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotMade("Styles and scripts are not there yet: run `make setup`.") from error


def bundle_address(name: str) -> str:
    """`bundle_address("portal.js")`: where a browser finds it."""
    try:
        return static(f"{ROOM}/{made()[name]}")
    except KeyError as error:
        raise NotMade(
            f"{name} is not among the styles and scripts: name it in tools/bundles.mjs, run `make setup`."
        ) from error


def never_changes(path: str, url: str) -> bool:
    """WhiteNoise asks which addresses a browser may keep for good (WHITENOISE_IMMUTABLE_FILE_TEST)."""
    return _HASHED.search(url) is not None
