"""`createadmin`: the first account. It sets the portal up and gives no verdict."""

import getpass
import os

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from sajad_portal.lib.errors import Refused
from units.actions.people import NewPerson, create_person

QUESTIONS = (
    ("username", "ADMIN_USERNAME", "User name (Latin letters)"),
    ("first_name", "ADMIN_FIRST_NAME", "First name"),
    ("last_name", "ADMIN_LAST_NAME", "Last name"),
    ("national_code", "ADMIN_NATIONAL_CODE", "National code (may stay empty)"),
    ("email", "ADMIN_EMAIL", "E-mail (may stay empty)"),
)
NEEDED = {"username", "first_name", "last_name"}


class Command(BaseCommand):
    help = (
        "Makes an administrator. What is not given as an option or in the environment (ADMIN_USERNAME, …, "
        "ADMIN_PASSWORD) is asked for. The password is never an option: a process list would show it."
    )

    def add_arguments(self, parser):
        for name, variable, _question in QUESTIONS:
            parser.add_argument(f"--{name.replace('_', '-')}", default=None, help=f"or {variable} in the environment")
        parser.add_argument("--no-input", action="store_true", help="ask nothing; fail where something is missing")
        parser.add_argument("--language", choices=["fa", "en"], default="fa", help="of the account and of what is said")

    def handle(self, *args, **options):
        with translation.override(options["language"]):
            self._create(options)

    def _create(self, options: dict) -> None:
        told = {name: self._answer(name, variable, question, options) for name, variable, question in QUESTIONS}
        if missing := sorted(NEEDED - {name for name, value in told.items() if value}):
            raise CommandError(f"Missing: {', '.join(missing)}.")
        password = os.environ.get("ADMIN_PASSWORD", "") or self._ask_password(options)
        try:
            person = create_person(
                new=NewPerson(**told, language=options["language"]), by=None, password=password, superuser=True
            )
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages), returncode=2) from weak
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(f"{person.username}: {person.get_full_name()}")

    def _answer(self, name: str, variable: str, question: str, options: dict) -> str:
        given = options[name] if options[name] is not None else os.environ.get(variable)
        if given is not None or options["no_input"]:
            return given or ""
        return input(f"{question}: ").strip()

    def _ask_password(self, options: dict) -> str:
        if options["no_input"]:
            raise CommandError("Missing: ADMIN_PASSWORD in the environment.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ.")
        if not password:
            raise CommandError("An administrator needs a password.")
        return password
