"""Makes a release that installs where there is no internet: `make release`, then `deploy/portal-release install` on the host.

    tools/release.py [--out DIR] [--version NAME] [--wheels DIR]

One file, portal-VERSION.tar.gz, and its hash: the source as committed, the wheels that it runs on, what set-up and collectstatic make of
its static files, compiled translations, the Debian packages that papers need, a list of hashes and one of materials. Of what is
not committed nothing comes along. Run by the checkout's own Python; needs PyPI and npm where set-up has not been there before.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from packaging.markers import Marker

sys.path.insert(0, str(Path(__file__).resolve().parent))
from setup import BASE, PYTHON, SYSTEM_LIBRARIES, VENDOR, find_node

PYTHONS = ("3.11", "3.13")
PLATFORMS = (
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_5_x86_64",
    "manylinux1_x86_64",
)
# What no host runs.
LEFT_OUT = ("tests", "bench", ".ci", ".pre-commit-config.yaml", "requirements-dev.in", "requirements-dev.txt")
COLLECTED = "static-collected"
# Beside those of papers, what a host calls: names as on Debian.
PROGRAMS = ("python3-venv", "postgresql-client", "nginx-light", "rsync")


def run(*command: str | Path, cwd: Path = BASE, **options) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd, **options)


def said_by(*command: str, **environment: str) -> str:
    return subprocess.run(
        command, check=True, cwd=BASE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ).stdout.strip()


def make(out: Path, version: str, wheels: Path | None) -> Path:
    if changed := said_by("git", "status", "--porcelain", "--untracked-files=no"):
        sys.exit(f"release: not committed, so it would not be in it:\n{changed}")
    commit = said_by("git", "rev-parse", "HEAD")
    version = version or f"{said_by('git', 'log', '-1', '--format=%cd', '--date=format:%Y%m%d-%H%M')}-{commit[:8]}"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portal-release-") as scratch:
        tree = Path(scratch) / f"portal-{version}"
        tree.mkdir()
        add_source(tree)
        shutil.copytree(VENDOR, tree / "static" / "vendor")
        for compiled in (BASE / "locale").rglob("*.mo"):
            shutil.copyfile(compiled, tree / compiled.relative_to(BASE))
        collect_static(tree, Path(scratch) / "var")
        add_wheels(tree / "wheels", wheels)
        add_materials(tree / "materials")
        packages = sorted({*SYSTEM_LIBRARIES.values(), *PROGRAMS})
        (tree / "debian-packages.txt").write_text("\n".join(packages) + "\n")
        (tree / "RELEASE.json").write_text(
            json.dumps({"version": version, "commit": commit, "pythons": PYTHONS, "machine": "x86_64"}, indent=1) + "\n"
        )
        add_hashes(tree)
        return pack(tree, out, int(said_by("git", "log", "-1", "--format=%ct")))


def add_source(tree: Path) -> None:
    spec = [".", *(f":(exclude){name}" for name in LEFT_OUT)]
    archive = subprocess.Popen(["git", "archive", "HEAD", "--", *spec], cwd=BASE, stdout=subprocess.PIPE)
    with tarfile.open(fileobj=archive.stdout, mode="r|") as source:
        source.extractall(tree, filter="data")
    if archive.wait():
        sys.exit("release: git archive failed")


def collect_static(tree: Path, scratch: Path) -> None:
    """With production's settings and keys of the moment: names with hashes, compressed copies, and the list of both. Neither the
    database nor Redis is asked."""
    environment = {
        "PATH": os.environ["PATH"], "READ_DOT_ENV": "0", "VAR_DIR": str(scratch), "ALLOWED_HOSTS": "portal.example.ir",
        "SITE_URL": "https://portal.example.ir", "EMAIL_URL": "dummymail://",
        "SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0",
    }  # fmt: skip
    run(PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "0", cwd=tree, env=environment)
    shutil.move(scratch / "staticfiles", tree / COLLECTED)
    for left in tree.rglob("__pycache__"):
        shutil.rmtree(left)


def add_wheels(target: Path, given: Path | None) -> None:
    """For each Python, exactly what requirements.txt names, by its hashes; nothing that would be built on the host."""
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    source = ["--no-index", "--find-links", given] if given else []
    for python in PYTHONS:
        wanted = target.parent / f"requirements-{python}.txt"
        wanted.write_text(requirements_for(python, (BASE / "requirements.txt").read_text("utf-8")))
        run(
            PYTHON, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-input", "--require-hashes",
            "--only-binary", ":all:", "--implementation", "cp", "--python-version", python, *platforms, *source,
            "-r", wanted, "-d", target,
        )  # fmt: skip
        wanted.unlink()


def requirements_for(python: str, text: str) -> str:
    """The pins that hold for any patch of this Python, without their conditions: pip would ask those of the Python that packs."""
    blocks = re.split(r"\n(?=\S)", text.strip())
    return "\n".join(kept for block in blocks if (kept := _pin_for(python, block))) + "\n"


def _pin_for(python: str, block: str) -> str:
    pin, condition, rest = re.fullmatch(r"([^;\\\n]*?)(?: ; ([^\\\n]*?))?( \\\n.*)?", block, re.DOTALL).groups(
        default=""
    )
    if not condition:
        return block
    hosts = [
        {
            "python_version": python, "python_full_version": f"{python}.{patch}", "sys_platform": "linux", "platform_machine": "x86_64",
            "platform_system": "Linux", "os_name": "posix", "implementation_name": "cpython", "platform_python_implementation": "CPython",
        }
        for patch in (0, 99)
    ]  # fmt: skip
    return pin + rest if any(Marker(condition).evaluate(host) for host in hosts) else ""


def add_materials(target: Path) -> None:
    """What it is made of, as CycloneDX: the Python packages, and what the pages bring to browsers."""
    target.mkdir()
    run(PYTHON, "-m", "cyclonedx_py", "requirements", "requirements.txt", "--output-format", "JSON",
        "--output-reproducible", "-o", target / "python.cdx.json")  # fmt: skip
    node, npm = find_node()
    path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
    told = json.loads(said_by(*npm, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", PATH=path))
    del told["serialNumber"], told["metadata"]["timestamp"]  # the same release has the same list
    told["metadata"]["component"]["name"] = "sajad-portal"
    (target / "browser.cdx.json").write_text(json.dumps(told, indent=1) + "\n")


def add_hashes(tree: Path) -> None:
    """As `sha256sum -c` reads them."""
    lines = []
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(tree)}\n")
    (tree / "SHA256SUMS").write_text("".join(lines))


def pack(tree: Path, out: Path, at: int) -> Path:
    """The same tree makes the same file: nobody's name, the time of the commit."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = at
        return member

    target = out / f"{tree.name}.tar.gz"
    half = target.with_suffix(".part")
    with (
        half.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=at, compresslevel=6) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in sorted(tree.rglob("*")):
            archive.add(path, arcname=f"{tree.name}/{path.relative_to(tree)}", recursive=False, filter=plain)
    with half.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    half.rename(target)
    target.with_name(f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n")
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=BASE / "dist")
    parser.add_argument("--version", default="", help="default: the time and the hash of the commit")
    parser.add_argument("--wheels", type=Path, help="take the wheels from this folder, not from PyPI")
    given = parser.parse_args()
    try:
        made = make(given.out.resolve(), given.version, given.wheels and given.wheels.resolve())
    except subprocess.CalledProcessError as failure:
        sys.exit(f"release: {' '.join(failure.cmd)} ended with {failure.returncode}; nothing was made.")
    print(f"release: {made} ({made.stat().st_size // 1024 // 1024} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
