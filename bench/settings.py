"""The production settings, and one address more: a view that does nothing, behind all middleware."""

from sajad_portal.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
