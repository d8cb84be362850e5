"""Everything that reads the code without running the portal.

    tools/lint.py                       look with every check
    tools/lint.py style "import law"    look with these
    tools/lint.py --fix                 put Python and templates into the house's format

Each check runs even where an earlier one failed; what failed is shown whole.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
PRODUCT = ["sajad_portal", "units", "sla", "reports"]
CODE = [
    "manage.py",
    *PRODUCT,
    "bank_simulator",
    "tests",
    "tools",
    *(["bench"] if list(BASE.glob("bench/*.py")) else []),
]
TEMPLATES = ["templates"]

EMBEDDED = {"DEMO": "1", "DEBUG": "0", "READ_DOT_ENV": "0"}
# As a production start would have it; nothing here connects.
PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "READ_DOT_ENV": "0",
    "SECRET_KEY": "lint-only-" + "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEY": "lint-only-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "MAIL_FROM": "portal@portal.example",
    "SITE_URL": "https://portal.example",
    "TRUSTED_PROXIES": "1",
}
DEPLOYMENT = ("--tag", "security", "--tag", "settings")


@dataclass
class Check:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def manage(*arguments: str) -> list[str]:
    return [PYTHON, "manage.py", *arguments]


def checks() -> list[Check]:
    return [
        Check("types", [str(BIN / "mypy"), *PRODUCT], EMBEDDED),
        Check("templates", [str(BIN / "djlint"), "--check", *TEMPLATES]),
        Check("import law", [str(BIN / "lint-imports")]),
        Check("format", [str(BIN / "ruff"), "format", "--check", *CODE]),
        Check("style", [str(BIN / "ruff"), "check", *CODE]),
        Check("migrations", manage("makemigrations", "--check", "--dry-run"), EMBEDDED),
        Check("migration rules", [PYTHON, "tools/migration_rules.py"], EMBEDDED),
        # Without what asks the servers (sajad_portal/checks.py).
        Check("deployment", manage("check", "--deploy", *DEPLOYMENT, "--fail-level", "WARNING"), PRODUCTION),
        Check("translations", manage("translations", "check"), EMBEDDED),
    ]


def fixes() -> list[Check]:
    return [
        Check("format", [str(BIN / "ruff"), "format", *CODE]),
        Check("style", [str(BIN / "ruff"), "check", "--fix", *CODE]),
        Check("templates", [str(BIN / "djlint"), "--reformat", "--quiet", "--warn", *TEMPLATES]),
    ]


def chosen(names: list[str], known: list[Check]) -> list[Check]:
    """Those of `known` that are named, in its order; all of them for no name. ValueError for a name that none of them has."""
    if strange := [name for name in names if name not in {check.name for check in known}]:
        raise ValueError(f"no check is called {', '.join(strange)}; there are: {', '.join(c.name for c in known)}")
    return [check for check in known if not names or check.name in names]


def run(check: Check, var: str) -> tuple[Check, int, str, float]:
    began = time.monotonic()
    environment = {**os.environ, "VAR_DIR": var, "NO_COLOR": "1", **check.environment}
    done = subprocess.run(
        check.command, cwd=BASE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return check, done.returncode, done.stdout, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("names", nargs="*", metavar="CHECK", help="the checks to run; all of them where none is named")
    given = parser.parse_args()
    fix = given.fix
    try:
        wanted = chosen(given.names, fixes() if fix else checks())
    except ValueError as error:
        parser.error(str(error))
    failed = []
    with tempfile.TemporaryDirectory(prefix="portal-lint-") as var, ThreadPoolExecutor(1 if fix else 2) as pool:
        for check, code, output, seconds in pool.map(lambda c: run(c, var), wanted):
            print(f"{'ok  ' if code == 0 else 'FAIL'} {check.name:<14} {seconds:.1f} s", flush=True)
            if code:
                failed.append(check.name)
                print(output.rstrip(), flush=True)
            elif check.name == "translations":
                print(f"     {output.strip()}", flush=True)
    if failed:
        print(f"lint: {', '.join(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
