"""`make deploy-test`. Root on Debian with the packages that it names; nothing of this machine is changed.

tests/deploying/story.py                       builds a release of the last commit
tests/deploying/story.py --bundle FILE.tar.gz  takes one that is built
… --before FILE.tar.gz                         upgrades from that release; else from the same one under an earlier name
"""

import argparse
import json
import re
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(BASE))

from tests.deploying import readme  # noqa: E402 the path must be set first
from tests.deploying.machine import Machine  # noqa: E402

HERE = Path(__file__).resolve().parent
PASSWORD, DATABASE_PASSWORD = "a-first-day-of-the-portal", "a-password-of-the-database"  # noqa: S105
SETTINGS = {
    "SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": f"postgres://portal:{DATABASE_PASSWORD}@127.0.0.1:5432/portal", "EMAIL_URL": "smtp://mail.example.ir:25",
}  # fmt: skip
EDITOR = "#!/usr/bin/python3\nimport re, sys\ntext = open(sys.argv[1]).read()\nfor key, value in {settings!r}.items():\n    text, n = re.subn(f'(?m)^{{key}}=.*$', lambda _m: f'{{key}}={{value}}', text)\n    assert n == 1, key\nopen(sys.argv[1], 'w').write(text)\n"
MANAGE = 'manage() { ENV_FILE=/etc/portal/portal.env /opt/portal/current/.venv/bin/python /opt/portal/current/manage.py "$@"; }; '
times: list[tuple[str, float]] = []


@contextmanager
def timed(what: str) -> Iterator[None]:
    print(f"deploy-test: {what} …", flush=True)
    began = time.monotonic()
    yield
    times.append((what, time.monotonic() - began))


class Operator:
    """Types what deploy/README.md says, with what is theirs in place of VERSION and the rest."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.answers: dict[str, list[tuple[str, str]]] = {
            "createuser": [("role", DATABASE_PASSWORD), ("again", DATABASE_PASSWORD)],
            "createadmin": [
                ("User name", "admin"), ("First name", "Admin"), ("Last name", "Portal"), ("National code", ""), ("E-mail", ""),
                ("[Pp]assword|گذرواژه", PASSWORD), (".", PASSWORD),
            ],
        }  # fmt: skip

    def does(self, part: str, **theirs: str) -> str:
        said, where = "", "/root"
        for command in readme.of(part):
            line = command.line
            for word, own in theirs.items():
                line = line.replace(word, own)
            if moved := re.match(r"cd (\S+) && ", line):
                where = moved[1]
            said += self.types(line, root=command.root, where=where)
        return said

    def types(self, line: str, *, root: bool, where: str = "/root") -> str:
        if root:
            whole = f"cd {where} && {line}"
        else:
            self.machine.write(f"cd /opt/portal/current 2>/dev/null; {MANAGE}{line}\n", "/tmp/line")  # noqa: S108 the machine's own
            whole = "chmod 0644 /tmp/line && su portal -c 'bash /tmp/line'"
        asked = next((answers for word, answers in self.answers.items() if word in line), None)
        return self.machine.typed(whole, asked) if asked else self.machine.run(whole)[1]

    def status(self, path: str = "/sign-in/") -> str:
        return self.machine.run(
            f"curl -s -o /tmp/page -w '%{{http_code}}' --cacert /etc/ssl/portal/fullchain.pem https://portal.example.ir{path}", check=False
        )[1]  # fmt: skip

    def page(self, path: str = "/sign-in/") -> str:
        assert self.status(path) == "200", f"{path}: {self.status(path)}"
        return self.machine.run("cat /tmp/page")[1]


# ------------------------------------------------------------------------------------------------- what is brought
def built(folder: Path) -> Path:
    """What `make release` makes of the last commit."""
    source = folder / "checkout"
    subprocess.run(["git", "clone", "-q", BASE, source], check=True)
    shutil.copytree(BASE / "static" / "vendor", source / "static" / "vendor", dirs_exist_ok=True)
    for compiled in (BASE / "locale").rglob("*.mo"):
        shutil.copyfile(compiled, source / compiled.relative_to(BASE))
    for shared in (".venv", "node_modules"):
        (source / shared).symlink_to((BASE / shared).resolve())
    subprocess.run([sys.executable, "tools/release.py", "--out", folder, "--version", "next"], cwd=source, check=True)
    return folder / "portal-next.tar.gz"


def renamed(bundle: Path, name: str, folder: Path) -> Path:
    """The same release under another name."""
    sys.path.insert(0, str(BASE / "tools"))
    import release

    with tarfile.open(bundle) as archive:
        archive.extractall(folder / name, filter="data")
    (found,) = (folder / name).iterdir()
    tree = found.rename(folder / name / f"portal-{name}")
    (tree / "SHA256SUMS").unlink()
    release.add_hashes(tree)
    return release.pack(tree, folder, 0)


def version_of(bundle: Path) -> str:
    return bundle.name.removesuffix(".tar.gz").removeprefix("portal-")


def bring(machine: Machine, bundle: Path) -> str:
    for path in (bundle, bundle.with_name(f"{bundle.name}.sha256")):
        machine.put(path, f"/tmp/{path.name}")
    return version_of(bundle)


def bring_packages(machine: Machine, bundle: Path, folder: Path) -> None:
    """Of Debian's packages what this machine has not, as its mirror would hand it out: the machine has no way out."""
    with tarfile.open(bundle) as archive:
        (listed,) = [name for name in archive.getnames() if name.endswith("/debian-packages.txt")]
        names = archive.extractfile(listed).read().decode().split()
    (folder / "debs" / "partial").mkdir(parents=True)
    command = [
        "apt-get",
        "-qq",
        "-y",
        "--no-install-recommends",
        "--download-only",
        "-o",
        f"Dir::Cache::archives={folder / 'debs'}",
    ]
    subprocess.run([*command, "install", *names, "postgresql", "redis-server"], check=True, stdout=subprocess.DEVNULL)
    for deb in sorted((folder / "debs").glob("*.deb")):
        machine.put(deb, f"/var/cache/apt/archives/{deb.name}")


# ------------------------------------------------------------------------------------------------------- the story
def installed(operator: Operator, bundle: Path) -> None:
    machine, version = operator.machine, bring(operator.machine, bundle)
    machine.write(EDITOR.format(settings=SETTINGS), "/usr/local/bin/editor")
    machine.run("chmod 0755 /usr/local/bin/editor; install -d /etc/ssl/portal")
    machine.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=portal.example.ir -addext subjectAltName=DNS:portal.example.ir "
        "-keyout /etc/ssl/portal/privkey.pem -out /etc/ssl/portal/fullchain.pem 2>/dev/null"
    )
    machine.put(HERE / "mailbox.py", "/root/mailbox.py")
    machine.put(HERE / "visitor.py", "/root/visitor.py")
    machine.run("setsid python3 /root/mailbox.py > /dev/null 2>&1 < /dev/null &")
    for part in ("Machine", "Settings", "Release", "First account, first day", "Units"):
        with timed(f"{part} (version {version})"):
            operator.does(part, VERSION=version)
    assert 'name="password"' in operator.page(), "the sign-in page"


def first_day(operator: Operator) -> None:
    """The sample file as it is shipped, up to where seats wait for their people."""
    machine = operator.machine
    machine.run("install -d -o portal -g portal /srv/first && cp /opt/portal/current/deploy/*.sample.* /srv/first/")
    for name in ("workflow", "directive", "bylaw"):
        machine.write(
            "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
            f"/srv/first/{name}.sample.pdf",
        )
    machine.run("chown -R portal: /srv/first")
    operator.types("manage setup /srv/first/setup.sample.yaml --language en", root=False)
    assert "DORM" in operator.types(
        "manage shell -c \"from units.models import Unit; print(list(Unit.objects.values_list('code', flat=True)))\"",
        root=False,
    )


def operator_waits(machine: Machine) -> None:
    """Until the portal that was started last has shown its page."""
    machine.run(
        "timeout 120 sh -c 'until curl -sf -o /dev/null --cacert /etc/ssl/portal/fullchain.pem https://portal.example.ir/sign-in/; do sleep 1; done'"
    )


@contextmanager
def visited(machine: Machine, least: int) -> Iterator[None]:
    """People look at the portal all the while; nobody may get an error."""
    machine.run("rm -f /root/enough")
    process = subprocess.Popen(
        machine.command("python3 /root/visitor.py /root/enough"), stdout=subprocess.PIPE, text=True
    )
    try:
        yield
        operator_waits(machine)
    finally:
        machine.run("touch /root/enough")
        said, _nothing = process.communicate(timeout=120)
    answers = json.loads(said)
    print(f"deploy-test: answers meanwhile: {answers}", flush=True)
    assert set(answers) == {"200"}, answers
    assert answers["200"] >= least, answers


def newest_seal(operator: Operator) -> str:
    """NUMBER:SHA256, as it is public."""
    line = "from reports.queries.seals import last_seal as s; print(f'{s().number}:{s().sha256}')"
    return operator.types(f'manage runsweep seal > /dev/null; manage shell -v 0 -c "{line}"', root=False).split()[-1]


COUNTED = "SELECT (SELECT count(*) FROM units_unit), (SELECT count(*) FROM units_person), (SELECT count(*) FROM units_membership)"


def figures(said: str) -> dict[str, str]:
    """What `checkinvariants` counted, without the Events that a restore adds."""
    found = dict(re.findall(r"(\w+)=(\d+)", said))
    return {noun: count for noun, count in found.items() if noun != "event"}


def lost_and_brought_back(operator: Operator) -> None:
    machine = operator.machine
    with timed("backup"):
        operator.does("Backup")
    seal = newest_seal(operator)
    counted = sql(machine, COUNTED)
    before = figures(operator.types("manage checkinvariants", root=False))
    sql(machine, "DROP TABLE units_notice CASCADE")
    with timed("restore"):
        operator.does("Bring a backup back", **{"NUMBER:SHA256": seal})
    assert 'name="password"' in operator.page(), "the sign-in page after the restore"
    after = figures(operator.types("manage checkinvariants --files", root=False))
    assert after == before
    assert sql(machine, COUNTED) == counted
    operator.types("manage verifyaudit", root=False)


def sql(machine: Machine, line: str) -> str:
    return machine.run("su postgres -c 'psql -qAt portal'", stdin=line)[1].strip()


def told(operator: Operator, before: Path, after: Path) -> None:
    machine = operator.machine
    installed(operator, before)
    with timed("first day: setup FILE.yaml"):
        first_day(operator)
    version = bring(machine, after)
    with visited(machine, 5), timed(f"upgrade to {version} under load"):
        operator.does("The next version", VERSION=version)
        assert machine.run("readlink /opt/portal/current")[1].strip().endswith(version)
    with visited(machine, 3), timed("back to the version before, under load"):
        operator.does("Back to the version before")
        assert machine.run("readlink /opt/portal/current")[1].strip().endswith(version_of(before))
    with visited(machine, 3), timed("restart under load"):
        operator.types("systemctl restart portal-web", root=True)
    lost_and_brought_back(operator)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--before", type=Path)
    given = parser.parse_args()
    machine, began = Machine(), time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="portal-deploy-") as scratch:
            with timed("make release" if given.bundle is None else "the release that was given"):
                after = given.bundle.resolve() if given.bundle else built(Path(scratch))
                before = given.before.resolve() if given.before else renamed(after, "before", Path(scratch))
                bring_packages(machine, before, Path(scratch))
            told(Operator(machine), before, after)
    except BaseException:
        print(machine.run("tail -n 15 /var/log/portal-*.log /var/log/nginx/error.log", check=False)[1])
        raise
    finally:
        machine.end()
        for what, seconds in times:
            print(f"{seconds / 60:6.1f} min  {what}")
    print(f"green after {(time.monotonic() - began) / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
