"""What a thousand tests would do again and again, done once a process. None of it changes what is tested."""

from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings
from django.utils.translation import get_language

from reports.actions import forms as form_verbs
from reports.xlsform import FormDefinition, parse_form


@cache
def _parsed(data: bytes, file_name: str, language: str | None) -> FormDefinition:
    return parse_form(data, file_name=file_name)


@pytest.fixture(scope="session", autouse=True)
def _a_workbook_is_read_once() -> Iterator[None]:
    """Importing the same bytes under the same name in the same language gives the same frozen definition."""
    with pytest.MonkeyPatch.context() as patch:

        def parse(data, *, file_name, files=None):
            if files:
                return parse_form(data, file_name=file_name, files=files)
            return _parsed(bytes(data), file_name, get_language())

        patch.setattr(form_verbs, "parse_form", parse)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_not_listed_for_each_client() -> None:
    """WhiteNoise lists every static file when a client is made; a live server has Django's own handler for them."""
    settings.WHITENOISE_USE_FINDERS = False
