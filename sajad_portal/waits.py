"""How long the database may keep somebody waiting. Read by the settings; `.env.example` explains the keys.

A request has seconds, for its thread is one of sixteen; a sweep has minutes; what a person starts by hand (a migration, a
restore, a rebuild) takes the time it takes. Each bound is seconds, 0 is none.
"""

from pathlib import Path

from environ import Env

BOUNDS = ("DB_LOCK_TIMEOUT", "DB_STATEMENT_TIMEOUT", "DB_IDLE_TIMEOUT")
_DEFAULTS = {"web": (5, 30, 30), "worker": (15, 600, 60), "command": (60, 0, 0), "test": (60, 0, 0)}


def kind_of_process(arguments: list[str], *, testing: bool = False) -> str:
    """What runs: `web`, `worker` (beat too), `command` (manage.py) or `test`."""
    if testing:
        return "test"
    started = Path(arguments[0]) if arguments else Path()
    if "celery" in started.parts:  # .venv/bin/celery, and …/celery/__main__.py of `python -m celery`
        return "worker"
    return "command" if started.name in ("manage.py", "django-admin") else "web"


def bounds(env: Env, process: str) -> dict[str, int]:
    """Seconds for each of `BOUNDS`: a web server reads DB_LOCK_TIMEOUT, a worker DB_LOCK_TIMEOUT_WORKER, and so on."""
    suffix = "" if process == "web" else f"_{process.upper()}"
    return {
        key: env.int(key + suffix, default=standard) for key, standard in zip(BOUNDS, _DEFAULTS[process], strict=True)
    }


def silence(env: Env, process: str) -> int:
    """Seconds without a word after which the server is taken for dead, whatever its host says; 0: never.

    A living one breaks the silence when `statement_timeout` has passed: with the answer, or with the news that there is none.
    """
    longest = bounds(env, process)["DB_STATEMENT_TIMEOUT"]
    return env.int("DB_SILENCE_TIMEOUT", default=longest + 5 if longest else 0)


def postgres(env: Env, process: str) -> dict[str, object]:
    """`OPTIONS` of a PostgreSQL connection.

    `tcp_*` in `options` are the server's own: a client that vanished (a host without power says no goodbye) is given up
    after a minute and its locks are free; the kernel's default is two hours. The rest is how long we wait for the server.
    """
    limits = bounds(env, process)
    server = {
        "lock_timeout": f"{limits['DB_LOCK_TIMEOUT']}s",
        "statement_timeout": f"{limits['DB_STATEMENT_TIMEOUT']}s",
        "idle_in_transaction_session_timeout": f"{limits['DB_IDLE_TIMEOUT']}s",
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
    }
    return {
        "options": " ".join(f"-c {key}={value}" for key, value in server.items()),
        "connect_timeout": env.int("DB_CONNECT_TIMEOUT", default=5),
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
