from django.core.management.base import BaseCommand, CommandError

from sajad_portal import translations


class Command(BaseCommand):
    help = "The Persian catalogue: compile it, check that it is complete, or bring it in step with the code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["compile", "check", "update"])

    def handle(self, *args, action: str, **options):
        {"compile": self.compile, "check": self.complete, "update": self.update}[action]()

    def compile(self):
        self.stdout.write(f"{translations.compile_catalogue()} messages compiled")

    def complete(self):
        problems = translations.catalogue_problems()
        stale = translations.stale()
        if stale:
            self.stdout.write(f"{len(stale)} stale messages (`make messages` drops them): {'; '.join(stale[:5])}")
        for line in translations.words_given_up():
            self.stdout.write(line)
        if problems:
            raise CommandError("\n".join([*problems, f"{len(problems)} messages are not ready in Persian"]))
        self.stdout.write(f"{len(translations.wanted())} messages, all in Persian")

    def update(self):
        added, dropped = translations.update()
        self.stdout.write(f"{added} messages added, {dropped} dropped")
