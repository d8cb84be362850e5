"""Settings of how long what passes is kept, in days. Imported by settings.py; what each rules stands in reports/queries/keeping.py."""

from .environment import env, refused

# {key: (days, at least, at most)}. At least: as long as somebody may still ask what became of it.
_BOUNDS = {
    "KEEP_NOTICES_DAYS": (400, 180, 3650),
    "KEEP_EXPORTS_DAYS": (180, 30, 3650),
    "KEEP_CLAIMS_DAYS": (90, 30, 3650),
}


def _days(key: str) -> int:
    """0 keeps for good."""
    standard, least, most = _BOUNDS[key]
    days = env.int(key, default=standard)
    if days and not least <= days <= most:
        raise refused(f"{key} is 0 (for good) or a number of days from {least} to {most}.")
    return days


KEEP_NOTICES_DAYS = _days("KEEP_NOTICES_DAYS")
KEEP_EXPORTS_DAYS = _days("KEEP_EXPORTS_DAYS")
KEEP_CLAIMS_DAYS = _days("KEEP_CLAIMS_DAYS")
