"""Settings of the servers that the portal stands on: database, Redis, Celery. Imported by settings.py."""

from redis.backoff import NoBackoff
from redis.retry import Retry

from . import waits
from .environment import PROCESS, TESTING, VAR_DIR, env
from .sweeps import SWEEPS

# ------------------------------------------------------------------ database
DATABASES = {"default": env.database("DATABASE_URL") or env.db_url_config(f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["ATOMIC_REQUESTS"] = False
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # A write transaction takes the write lock at its start; otherwise read-then-write loses to "locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"]["ENGINE"] = "sajad_portal.postgres"
    DATABASES["default"]["SILENCE_TIMEOUT"] = waits.silence(env, PROCESS)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Many short statements, each on its own: compiling a status took 170 of the 310 ms that counting 10,000 units by it
    # took; a worker process for half a statement takes longer to start than the half; what is asked about is in memory, so
    # that ten thousand rows are sooner looked up than a table of a hundred thousand is read.
    _given = DATABASES["default"].get("OPTIONS", {})
    _ours = waits.postgres(env, PROCESS)
    _plans = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    # What DATABASE_URL says stands last, and so is heard.
    _told = f"{_ours['options']} {_plans} {_given.get('options', '')}".strip()
    # Values travel beside the statement, so that it can be prepared; what is prepared, lib/sql.py says.
    DATABASES["default"]["OPTIONS"] = {
        **_ours,
        **_given,
        "options": _told,
        "server_side_binding": True,
        "prepare_threshold": None,
    }
# Who owns the tables and migrates them, where the role that runs the portal is to own nothing (lib/roles.py); {}: one role.
MIGRATION_DATABASE = env.database("MIGRATION_DATABASE_URL")
# Seconds that one step of a migration waits for a lock, and how often it is tried again: while it waits, everybody behind it does.
MIGRATION_LOCK_TIMEOUT = env.int("DB_LOCK_TIMEOUT_MIGRATE", default=4)
MIGRATION_TRIES = env.int("MIGRATION_TRIES", default=15)
# How many threads of one web process may wait for locks on calls at a time; the others keep the pages going (lib/locks.py).
LOCK_WAITERS = env.int("DB_LOCK_WAITERS", default=2)
# A pooler gives each transaction another connection: a cursor that outlives its transaction is gone, and so is what was prepared,
# unless the pooler carries it along.
TRANSACTION_POOLING = env.bool("TRANSACTION_POOLING", default=False)
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = TRANSACTION_POOLING
PREPARE_STATEMENTS = env.bool("PREPARE_STATEMENTS", default=not TRANSACTION_POOLING)
# --------------------------------------------------------------------- Redis
REDIS_URL = env.redis("REDIS_URL")
# Before every key, so that a Redis may be shared.
REDIS_PREFIX = env("REDIS_PREFIX", default="portal-")
# Seconds that Redis has for one answer to a page; then the page does without.
REDIS_TIMEOUT = env.float("REDIS_TIMEOUT", default=0.5)
CACHES = {
    "default": (
        {
            "BACKEND": "sajad_portal.lib.caching.SoftRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
            "OPTIONS": {
                "socket_connect_timeout": REDIS_TIMEOUT,
                "socket_timeout": REDIS_TIMEOUT,
                "retry": Retry(NoBackoff(), 0),
            },
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# -------------------------------------------------------------------- celery
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL or "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = VAR_DIR / "queue"
    for _sub in ("in", "done"):
        (_queue / _sub).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "in"),
        "data_folder_out": str(_queue / "in"),
        "processed_folder": str(_queue / "done"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.2,
    }
else:
    # A message that a killed worker held comes back after ten minutes instead of an hour; the sweeps are sooner anyway.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": REDIS_PREFIX,
        "visibility_timeout": 600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,  # a worker listens a second at a time
        "socket_keepalive": True,
    }
    if PROCESS == "web":  # rings once, and goes on
        CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": REDIS_TIMEOUT * 2, "max_retries": 0}
# A doorbell that cannot be rung is not worth waiting for: the sweeps find the work in the database.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "Asia/Tehran"
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_BEAT_SCHEDULER = "sajad_portal.timetable:Timetable"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}} for task, seconds in SWEEPS.items()
}
