"""Celery wrappers: doorbells for sweeps that may run twice, late, or never."""

from celery import shared_task

from .actions import dispute_ends, reconciliation, settling


@shared_task
def record_dispute_ends() -> int:
    return dispute_ends.record_dispute_ends()


@shared_task
def remind_of_dispute_ends() -> int:
    return dispute_ends.remind_of_dispute_ends()


@shared_task
def settle_unknown() -> int:
    return settling.settle_unknown()


@shared_task
def reconcile_lately() -> int:
    return reconciliation.reconcile_lately()
