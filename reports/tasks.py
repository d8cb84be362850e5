"""Celery's doorbells. Each rings a sweep that is right without it."""

from celery import shared_task

from .actions import (
    announcement_orders,
    closing,
    deadline_reminders,
    exports,
    facts,
    files,
    keeping,
    payments,
    sealing,
    webhooks,
)
from .pages.export_files import MAKERS


@shared_task
def record_openings() -> int:
    return closing.record_openings()


@shared_task
def record_closings() -> int:
    return closing.record_closings()


@shared_task
def record_lapsed_corrections() -> int:
    return closing.record_lapsed_corrections()


@shared_task
def record_final_results() -> int:
    return closing.record_final_results()


@shared_task
def remind() -> int:
    return deadline_reminders.remind_of_deadlines()


@shared_task
def follow_payments() -> int:
    return payments.follow_payments()


@shared_task
def announce_ordered() -> int:
    return announcement_orders.announce_ordered()


@shared_task
def make_exports() -> int:
    return exports.make_exports(MAKERS)


@shared_task
def remove_exports() -> int:
    return exports.remove_exports()


@shared_task
def store_intervals() -> int:
    return facts.store_intervals()


@shared_task
def remove_orphans() -> int:
    return files.remove_orphans()


@shared_task
def seal_rows() -> int:
    return sealing.seal_rows()


@shared_task
def mail_head() -> int:
    return sealing.mail_head()


@shared_task
def remove_passed() -> int:
    return keeping.remove_passed()


@shared_task
def tell_programs() -> int:
    return webhooks.tell_programs()
