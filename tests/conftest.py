"""What every test may ask for, and what every test is held to.

Undefined template variables fail, tests that mean one database only are left out on the other, files go to a scratch folder.
What the database, the browser and the worker need is in plugins/.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import MethodType
from typing import NoReturn

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template.backends import jinja2
from django.template.base import Node
from django.test import Client
from django.test.signals import template_rendered
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import Environment

from sajad_portal.lib import clock as portal_clock
from sajad_portal.lib import doorbell

BASE = Path(__file__).resolve().parent.parent
NAMED_PARTS = ("browser", "redis", "postgres", "full")
# On PostgreSQL these rooms and files repeat what SQLite has shown of verbs, words, addresses and tables of rights. Its own are
# queries, races, faults, upgrades, attacks and the browser, in which every verb that matters is done there, and every race ends
# with the invariants. `make test-full` runs them there too.
REPEATED_ROOMS = {"actions", "views", "pages", "notices", "demo", "invariants", "rules"}
REPEATED_FILES = {
    "attacks/test_every_sentence.py", "attacks/test_guessing.py", "faults/test_forty_days.py", "lib/test_forms.py",
    "lib/test_lists.py", "reports/api/test_every_address.py", "reports/api/test_reading.py",
    "reports/files/test_workbook_cells.py", "reports/test_many_workbooks.py", "sla/test_agreement_clauses.py",
    "units/test_rules.py",
}  # fmt: skip
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

# A busy machine is no failure of what is tested. `make test` draws the same examples each time, so that it says of a change
# what it says of the change before; `make test-full` draws new ones.
hypothesis_settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("new" if os.environ.get("TEST_NEW_EXAMPLES") else "same")

# Playwright's event loop lives in the test's thread; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytest_plugins = [
    "tests.plugins.proof",
    "tests.plugins.window",
    "tests.people",
    "tests.calls",
    "tests.plugins.database",
    "tests.plugins.speed",
    "tests.plugins.browser",
    "tests.plugins.worker",
    "tests.plugins.bank",
]


def pytest_configure(config: pytest.Config) -> None:
    if given := os.environ.get("VAR_DIR"):
        scratch = Path(given)
    else:
        scratch = Path(tempfile.mkdtemp(prefix="portal-test-"))
        config.add_cleanup(lambda: shutil.rmtree(scratch, ignore_errors=True))
    settings.VAR_DIR = scratch
    settings.MEDIA_ROOT = scratch / f"media-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    settings.STATIC_ROOT = scratch / "staticfiles"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.BANK_URL = "http://127.0.0.1:9"  # nobody answers there; a test that pays asks for `bank`
    settings.SESSION_IDLE = timedelta()  # tests move the clock by days; those of inactivity set it
    settings.ORGANISATION_KEPT = 3600  # what `make_cast` warmed stays warm for a slow test
    settings.LOCK_WAITERS = 1000  # dozens of threads of one process wait for a call in the races
    settings.CELERY_TASK_ALWAYS_EAGER = True
    settings.CELERY_TASK_EAGER_PROPAGATES = True
    # Jinja2 refuses what is undefined by itself; Django's engine draws the mails and what is crispy's.
    django = next(engine for engine in settings.TEMPLATES if engine["BACKEND"].endswith("DjangoTemplates"))
    django["OPTIONS"]["string_if_invalid"] = _FailOnUndefined("%s")
    if settings.SQLITE:
        # A file, not memory: threads, WAL and "locked" then behave as they do in the embedded start.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(scratch / "test.sqlite3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = []
    for item in items:
        place = Path(item.path).relative_to(BASE / "tests")
        rooms = set(place.parts[:-1])
        if "browser" in rooms:
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("postgres" if settings.SQLITE else "sqlite") or _ran_on_sqlite(item):
            left_out.append(item)
        elif _is_shown_on_the_other(item, place):
            item.add_marker(pytest.mark.full)
        item.user_properties += [("part", name) for name in NAMED_PARTS if item.get_closest_marker(name)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def _is_shown_on_the_other(item: pytest.Item, place: Path) -> bool:
    if settings.SQLITE:
        return item.get_closest_marker("full_on_sqlite") is not None
    repeated = bool(REPEATED_ROOMS & set(place.parts[:-1])) or place.as_posix() in REPEATED_FILES
    return repeated and item.get_closest_marker("postgres") is None


def _ran_on_sqlite(item: pytest.Item) -> bool:
    """What may not touch a database (pytest-django forbids it) is the same on both, and runs on SQLite only."""
    if settings.SQLITE or any(item.get_closest_marker(name) for name in ("django_db", *NAMED_PARTS)):
        return False
    return not DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))


# ------------------------------------------------------------------------------------ templates
class UndefinedVariable(Exception):
    """A template of ours printed a variable that nobody gave it."""


class _FailOnUndefined(str):
    """Django asks `"%s" in string_if_invalid`, then formats it with the name of the missing variable."""

    def __mod__(self, variable: object) -> str:
        node = _node_being_rendered()
        origin = str(getattr(getattr(node, "origin", None), "name", ""))
        if origin.startswith(str(BASE)) and "/.venv/" not in origin:
            raise UndefinedVariable(f"{{{{ {variable} }}}} in {origin}:{node.token.lineno}")
        return ""


def _node_being_rendered() -> Node | None:
    frame = sys._getframe(2)
    while frame is not None and not isinstance(frame.f_locals.get("self"), Node):
        frame = frame.f_back
    return frame.f_locals["self"] if frame else None


@pytest.fixture(scope="session", autouse=True)
def _answers_have_their_context() -> Iterator[None]:
    """`client.get(…).context`: Django's client hears of it from Django's engine only."""
    render = jinja2.Template.render

    def told(self: jinja2.Template, context: dict | None = None, request: HttpRequest | None = None) -> str:
        context = {} if context is None else context
        text = render(self, context, request)  # which puts what every page gets into the context
        template_rendered.send(sender=self, template=self.template, context=dict(context))
        return text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Template, "render", told)
        yield


class Uncalled:
    """A method that a template names: to be called, never printed or asked whether it is so. Django called it by itself."""

    def __init__(self, method: Callable) -> None:
        self.__wrapped__ = method

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self.__wrapped__(*args, **kwargs)

    def _forgotten(self, *_args: object) -> NoReturn:
        raise UndefinedVariable(f"{self.__wrapped__.__qualname__} is not called")

    def __getattr__(self, name: str) -> object:
        return getattr(self.__wrapped__, name)

    __bool__ = __str__ = __html__ = __iter__ = __len__ = __eq__ = _forgotten
    __hash__ = None


@pytest.fixture(scope="session", autouse=True)
def _templates_call_methods() -> Iterator[None]:
    found = Environment.getattr

    def asked(self: Environment, thing: object, name: str) -> object:
        value = found(self, thing, name)
        return Uncalled(value) if isinstance(value, MethodType) else value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "getattr", asked)
        yield


# ---------------------------------------------------------------------------------- between tests
@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """No test may meet what another kept, nor a broker that did not answer it."""
    from units.queries.organisation import forget

    forget()
    yield
    cache.clear()
    forget()
    doorbell._silent_until = 0.0


# ----------------------------------------------------------------------------------------- time
class MovableClock:
    """Moves `database_now()` of this process; a live server and an embedded worker share the process, so they follow."""

    def __init__(self, stack: ExitStack):
        self._stack = stack

    def move(self, **by: float) -> None:
        """`clock.move(days=3)`; back with a negative number."""
        self._stack.enter_context(portal_clock.shifted(timedelta(**by)))

    def move_to(self, at: datetime) -> None:
        """Make the portal's time `at`, from where it runs on."""
        self._stack.enter_context(portal_clock.shifted(at - portal_clock.database_now()))

    def now(self) -> datetime:
        return portal_clock.database_now()


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    with ExitStack() as stack:
        yield MovableClock(stack)


# --------------------------------------------------------------------------------------- people
@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(sara).get(...)`: a browser without JavaScript in which that person is signed in."""

    def sign_in(person, **headers: str) -> Client:
        client = Client(headers=headers or None)
        client.force_login(person)
        return client

    return sign_in
