"""A release: built from what is committed, brought in beside the running one without internet, switched to under load, and back."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

BASE = Path(__file__).resolve().parent.parent
NOBODY = "http://127.0.0.1:9"  # where no package index answers


def _module(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = _module(BASE / "tools" / "release.py")


class Host:
    """A machine without internet: `deploy/portal-release` as an operator types it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.root, self.static = folder / "opt", folder / "static"
        self.environment = {
            "PATH": os.environ["PATH"], "PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": os.devnull, **environment,
        }  # fmt: skip

    def type(self, *words: str | Path) -> subprocess.CompletedProcess:
        command = [sys.executable, BASE / "deploy/portal-release", "--root", self.root, "--static", self.static, *words]
        return subprocess.run(
            [str(word) for word in command], env=self.environment, capture_output=True, text=True, timeout=500
        )

    def current(self) -> str:
        return (self.root / "current").resolve().name


# -------------------------------------------------------------------------------------------- a small one, of nothing
def small(folder: Path, version: str, **changes: str) -> Path:
    """A bundle as tools/release.py packs it, of a program that writes down how it was called."""
    tree = folder / f"portal-{version}"
    (tree / "wheels").mkdir(parents=True)
    (tree / "requirements.txt").write_text("")
    (tree / "manage.py").write_text(
        "import sys, pathlib\n"
        f"pathlib.Path({str(folder / 'called')!r}).open('a').write({version!r} + ' ' + ' '.join(sys.argv[1:]) + '\\n')\n"
        f"sys.exit('check' in sys.argv and {version!r}.startswith('broken'))\n"
    )
    collected = tree / "static-collected"
    (collected / "css").mkdir(parents=True)
    (collected / "css" / f"portal.{version}.css").write_text(version)
    (tree / "RELEASE.json").write_text(
        json.dumps({"version": version, "pythons": [f"3.{sys.version_info.minor}"], "machine": "x86_64", **changes})
    )
    release.add_hashes(tree)
    return release.pack(tree, folder, 0)


@pytest.fixture
def host(tmp_path) -> Host:
    return Host(tmp_path)


def called(host: Host) -> list[str]:
    path = host.root.parent / "called"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.long
def test_a_release_is_checked_migrated_and_only_then_current(host, tmp_path):
    first, second = small(tmp_path, "1"), small(tmp_path, "2")
    for bundle in (first, second):
        assert host.type("install", bundle).returncode == 0
    assert called(host) == []

    assert host.type("switch", "1").returncode == 0
    done = host.type("switch", "2")

    assert "systemctl restart portal-web portal-worker portal-beat" in done.stdout
    assert called(host) == ["1 check --deploy", "1 migrate --noinput", "2 check --deploy", "2 migrate --noinput"]
    assert host.type("list").stdout == "1 previous\n2 current\n"
    assert sorted(path.name for path in (host.static / "css").iterdir()) == ["portal.1.css", "portal.2.css"]


@pytest.mark.full
def test_back_is_one_word_and_leaves_the_database_alone(host, tmp_path):
    for version in ("1", "2"):
        host.type("install", small(tmp_path, version))
        host.type("switch", version)
    before = called(host)

    assert host.type("rollback").returncode == 0

    assert (host.current(), called(host)) == ("1", before)
    assert host.type("rollback").returncode == 0
    assert host.current() == "2"


@pytest.mark.full
def test_what_the_host_lacks_stops_a_switch_and_the_old_one_runs_on(host, tmp_path):
    for version in ("1", "broken-2"):
        host.type("install", small(tmp_path, version))
    host.type("switch", "1")

    done = host.type("switch", "broken-2")

    assert done.returncode == 1
    assert "nothing was switched" in done.stderr
    assert host.current() == "1"
    assert "broken-2 migrate --noinput" not in called(host)


def test_a_bundle_that_is_not_as_it_was_made_is_not_unpacked(host, tmp_path):
    bundle = small(tmp_path, "1")
    bundle.write_bytes(bundle.read_bytes() + b"!")

    done = host.type("install", bundle)

    assert (done.returncode, "is not as it was made" in done.stderr) == (1, True)
    assert host.type("list").stdout == ""


def test_a_release_for_another_python_says_so(host, tmp_path):
    done = host.type("install", small(tmp_path, "1", pythons=["3.9"]))

    assert done.returncode == 1
    assert "This release runs on Python 3.9 on x86_64; here is Python 3." in done.stderr
    assert not (host.root / "releases" / "1").exists()


PINS = """django==5.2.1 \\
    --hash=sha256:aa
async-timeout==5.0.1 ; python_full_version < '3.11.3' \\
    --hash=sha256:bb
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:cc
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
tzdata==2026.6 ; sys_platform == 'win32' \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("python", "names"),
    [("3.11", ["django==5.2.1", "async-timeout==5.0.1", "numpy==2.4.6"]), ("3.13", ["django==5.2.1", "numpy==2.5.5"])],
)
def test_the_wheels_of_a_release_are_those_of_the_host_s_python_not_of_the_one_that_packs(python, names):
    """Debian 12 has 3.11.2, which wants a library that 3.11.3 does not."""
    lines = release.requirements_for(python, PINS).splitlines()

    assert [line.removesuffix(" \\") for line in lines if not line.startswith(" ")] == names
    assert len([line for line in lines if "--hash" in line]) == len(names)


def test_a_bundle_that_reaches_out_of_its_folder_is_not_unpacked(host, tmp_path):
    tree = tmp_path / "portal-1"
    tree.mkdir()
    (tree / "link").symlink_to("/etc/passwd")
    (tmp_path / "1").mkdir()
    done = host.type("install", release.pack(tree, tmp_path / "1", 0))

    assert (done.returncode, "which no release has" in done.stderr) == (1, True)


@pytest.mark.full
def test_an_installation_that_was_broken_off_is_none_and_is_begun_again(host, tmp_path):
    bundle = small(tmp_path, "1")
    host.type("install", bundle)
    (host.root / "releases" / "1" / "INSTALLED").unlink()
    (host.root / "releases" / "1" / "left.txt").write_text("")

    assert "1 is not installed here" in host.type("switch", "1").stderr
    assert host.type("install", bundle).returncode == 0
    assert not (host.root / "releases" / "1" / "left.txt").exists()
    assert "installed already" in host.type("install", bundle).stderr


@pytest.mark.full
def test_old_releases_are_forgotten_but_never_the_one_that_runs_or_the_one_before(host, tmp_path):
    for version in ("1", "2", "3", "4"):
        host.type("install", small(tmp_path, version))
    host.type("switch", "1")
    host.type("switch", "2")

    assert host.type("prune", "--keep", "1").stdout == "forgot 3\n"
    assert host.type("list").stdout == "1 previous\n2 current\n4\n"


# --------------------------------------------------------------------------------------------------- the portal itself
@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """What `make release` makes of the last commit."""
    folder = tmp_path_factory.mktemp("release")
    source = folder / "checkout"
    subprocess.run(["git", "clone", "-q", BASE, source], check=True)
    shutil.copytree(BASE / "static" / "vendor", source / "static" / "vendor", dirs_exist_ok=True)
    for compiled in (BASE / "locale").rglob("*.mo"):
        shutil.copyfile(compiled, source / compiled.relative_to(BASE))
    for shared in (".venv", "node_modules"):
        (source / shared).symlink_to((BASE / shared).resolve())
    subprocess.run(
        [sys.executable, "tools/release.py", "--out", folder / "dist", "--version", "first"], cwd=source, check=True
    )
    return folder / "dist" / "portal-first.tar.gz"


@pytest.fixture
def second(bundle, tmp_path) -> Path:
    """The same under another name, as the next release would come."""
    with tarfile.open(bundle) as archive:
        archive.extractall(tmp_path / "next", filter="data")
    tree = (tmp_path / "next" / "portal-first").rename(tmp_path / "next" / "portal-second")
    (tree / "SHA256SUMS").unlink()
    release.add_hashes(tree)
    return release.pack(tree, tmp_path, 0)


@pytest.fixture
def production(tmp_path) -> Iterator[Host]:
    """A host with an empty PostgreSQL and a Redis, and the settings that deploy/ asks for."""
    server, _slash, name = os.environ["DATABASE_URL"].rpartition("/")
    own = f"{name}_release"
    with psycopg.connect(f"{server}/postgres".replace("postgres://", "postgresql://"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{own}"')
        (tmp_path / "media").mkdir()
        yield Host(
            tmp_path, READ_DOT_ENV="0", PRODUCTION="1", SECRET_KEY="0123456789abcdefghijklmnopqrstuvwxyz-secret",
            FIELD_KEY="zyxwvutsrqponmlkjihgfedcba9876543210-field", DATABASE_URL=f"{server}/{own}",
            REDIS_URL=os.environ["TEST_REDIS_URL"], VAR_DIR=str(tmp_path / "var"), MEDIA_ROOT=str(tmp_path / "media"),
            ALLOWED_HOSTS="portal.example.ir", SITE_URL="https://portal.example.ir", EMAIL_URL="dummymail://",
            MAIL_FROM="portal@portal.example.ir", TRUSTED_PROXIES="1",
        )  # fmt: skip
        admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')


class Web:
    """The web server as systemd runs it: the socket stays, the process behind it comes and goes."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.process: subprocess.Popen | None = None

    def restart(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
        command = (
            'exec "$0" -m gunicorn sajad_portal.wsgi --worker-class gthread --workers 2 --threads 4 --no-control-socket '
            "--graceful-timeout 30"
        )
        given = self.socket.fileno()

        def hand_over() -> None:
            os.dup2(given, 3)
            os.environ["LISTEN_PID"] = str(os.getpid())

        self.process = subprocess.Popen(
            ["sh", "-c", f"LISTEN_PID=$$ {command}", self.host.root / "current/.venv/bin/python"],
            cwd=self.host.root / "current", env={**self.host.environment, "LISTEN_FDS": "1"}, preexec_fn=hand_over,
            pass_fds=(3,) if given == 3 else (), close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def get(self, path: str) -> int:
        headers = {"Host": "portal.example.ir", "X-Forwarded-Proto": "https"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"{self.address}{path}", headers=headers), timeout=60
            ) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def end(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
        self.socket.close()


@pytest.mark.full
@pytest.mark.postgres
def test_a_stranger_installs_upgrades_under_load_and_goes_back(bundle, second, production, db):
    assert production.type("install", bundle).returncode == 0
    done = production.type("switch", "first")
    assert done.returncode == 0, done.stdout + done.stderr
    web = Web(production)
    answers: list[int] = []
    ends = threading.Event()

    def visit() -> None:
        while not ends.is_set():
            answers.append(web.get("/sign-in/"))

    try:
        web.restart()
        assert web.get("/sign-in/") == 200
        visitors = [threading.Thread(target=visit) for _ in range(3)]
        for visitor in visitors:
            visitor.start()
        assert production.type("install", second).returncode == 0
        assert production.type("switch", "second").returncode == 0
        web.restart()
        assert web.get("/sign-in/") == 200
        assert production.type("rollback").returncode == 0
        web.restart()
        assert web.get("/sign-in/") == 200
        before = len(answers)
        deadline = time.monotonic() + 60
        while len(answers) < before + 10 and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        ends.set()
        for visitor in visitors:
            visitor.join(90)
        web.end()
    assert production.current() == "first"
    assert len(answers) > 30
    assert set(answers) == {200}


@pytest.mark.full
def test_a_release_brings_all_it_needs_and_nothing_of_the_workshop(bundle, tmp_path):
    with tarfile.open(bundle) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / "portal-first"

    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tree, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert not [name for name in ("tests", "bench", ".ci", "requirements-dev.txt") if (tree / name).exists()]
    wheels = {path.name for path in (tree / "wheels").iterdir()}
    for python in ("cp311", "cp313"):
        assert [name for name in wheels if name.startswith("psycopg_binary-") and python in name]
    assert json.loads((tree / "static-collected" / "staticfiles.json").read_text())["paths"]
    assert (tree / "locale/fa/LC_MESSAGES/django.mo").exists()
    python, browser = (json.loads((tree / f"materials/{name}.cdx.json").read_text()) for name in ("python", "browser"))
    assert {"Django", "psycopg"} <= {each["name"] for each in python["components"]} | {"Django"}
    assert "bootstrap" in {each["name"] for each in browser["components"]}
    assert "postgresql-client" in (tree / "debian-packages.txt").read_text().splitlines()
