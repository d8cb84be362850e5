"""`rotatefieldkey`: after FIELD_KEY was changed, with the earlier one in FIELD_KEY_FALLBACKS."""

from django.core.management.base import BaseCommand, CommandError

from units.actions.field_keys import Rotation, rotate_factors, rotate_field_key

PORTION = 200


class Command(BaseCommand):
    help = (
        "Brings the stored national codes and the secrets of second factors under FIELD_KEY. Until it has ended, the earlier key stands in FIELD_KEY_FALLBACKS of "
        "every process, and codes are read and found under both. It may be stopped and run again at any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("--portion", type=int, default=PORTION, help="people that are changed in one transaction")

    def handle(self, *args, **options):
        if options["portion"] < 1:
            raise CommandError("--portion is 1 or more.")
        total = Rotation()
        while done := rotate_field_key(after=total.last, portion=options["portion"]):
            total += done
        self.stdout.write(
            f"{total.changed} national codes brought under FIELD_KEY, {total.kept} were under it already."
        )
        factors = Rotation()
        while done := rotate_factors(after=factors.last, portion=options["portion"]):
            factors += done
        self.stdout.write(f"{factors.changed} secrets of second factors too, {factors.kept} were under it already.")
        faults = []
        if factors.unread:
            faults.append(
                f"{len(factors.unread)} second factors cannot be read with FIELD_KEY or FIELD_KEY_FALLBACKS: {_listed(factors.unread)}. "
                "Add the key that they were stored under, and run this again."
            )
        if total.unread:
            faults.append(
                f"{len(total.unread)} cannot be read with FIELD_KEY or FIELD_KEY_FALLBACKS: people {_listed(total.unread)}. "
                "Add the key that they were stored under, and run this again."
            )
        if total.twice:
            faults.append(
                f"{len(total.twice)} stand for somebody who has an account under FIELD_KEY already: people {_listed(total.twice)}. "
                "Decide which account is right and close the other."
            )
        if faults:
            raise CommandError(" ".join(faults))
        self.stdout.write("FIELD_KEY_FALLBACKS may be taken away now.")


def _listed(ids: list[int]) -> str:
    return ", ".join(map(str, ids[:20])) + (" …" if len(ids) > 20 else "")
