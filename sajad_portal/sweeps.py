"""Every how many seconds each sweep looks at the database; beat's timetable is made of it.

A message that waited longer than its period is dropped: the next one does the same work, and a worker that was down for a day is
not met by a day of messages.
"""

SWEEPS = {
    "reports.tasks.record_openings": 30,
    "reports.tasks.record_closings": 30,
    "reports.tasks.record_lapsed_corrections": 60,
    "reports.tasks.record_final_results": 60,
    "sla.tasks.record_dispute_ends": 60,
    "sla.tasks.settle_unknown": 30,
    "sla.tasks.reconcile_lately": 3600,
    "reports.tasks.follow_payments": 60,
    "reports.tasks.announce_ordered": 30,
    "reports.tasks.make_exports": 30,
    "reports.tasks.remove_exports": 3600,
    "reports.tasks.remove_orphans": 21_600,
    "reports.tasks.store_intervals": 60,
    "reports.tasks.remind": 900,
    "reports.tasks.seal_rows": 120,
    "reports.tasks.mail_head": 1800,
    "reports.tasks.remove_passed": 43_200,
    "reports.tasks.tell_programs": 30,
    "sla.tasks.remind_of_dispute_ends": 900,
    "units.tasks.say_alive_as_worker": 20,
    "units.tasks.send_notices": 20,
    "units.tasks.send_digests": 600,
    "units.tasks.tidy": 43_200,
}

# Under which name the end of a sweep stands among the heartbeats (ten letters).
PARTS = {
    "reports.tasks.record_openings": "openings",
    "reports.tasks.record_closings": "closings",
    "reports.tasks.record_lapsed_corrections": "lapses",
    "reports.tasks.record_final_results": "finals",
    "sla.tasks.record_dispute_ends": "disputes",
    "sla.tasks.settle_unknown": "unknown",
    "sla.tasks.reconcile_lately": "reconcile",
    "reports.tasks.follow_payments": "payments",
    "reports.tasks.announce_ordered": "announce",
    "reports.tasks.make_exports": "exports",
    "reports.tasks.remove_exports": "old-export",
    "reports.tasks.remove_orphans": "orphans",
    "reports.tasks.store_intervals": "intervals",
    "reports.tasks.remind": "remind",
    "reports.tasks.seal_rows": "seal",
    "reports.tasks.mail_head": "mail-head",
    "reports.tasks.remove_passed": "passed",
    "reports.tasks.tell_programs": "programs",
    "sla.tasks.remind_of_dispute_ends": "remind-end",
    "units.tasks.say_alive_as_worker": "alive",
    "units.tasks.send_notices": "notices",
    "units.tasks.send_digests": "digests",
    "units.tasks.tidy": "tidy",
}
