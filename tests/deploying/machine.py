"""A machine that is a folder: this one's programs, none of its data, a network of its own without a way out, and an init that
starts units. What is written there is gone with it. Root on Linux only (overlay, namespaces)."""

import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ("postgresql", "redis-server", "nginx-light", "openssl", "curl", "iproute2", "python3-venv")
# What this machine holds and an empty one does not.
OURS = (
    "opt", "srv", "root", "home", "tmp", "mnt", "var/lib/postgresql", "etc/postgresql", "var/lib/redis", "run", "var/log",
    "etc/nginx/conf.d", str(HERE.parents[1]).split("/")[1],
)  # fmt: skip
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LAYOUT = """
set -e
mount --make-rprivate /
mount -t tmpfs -o size=8g none {folder}
mkdir {folder}/up {folder}/work {folder}/root
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/up,workdir={folder}/work {folder}/root
ip link set lo up
cd {folder}/root
for each in {gone}; do test -d $each && mount -t tmpfs -o mode=0755 none $each; done
mkdir -m 0755 -p opt srv home root run/postgresql run/redis var/lib/postgresql var/log/nginx var/log/postgresql etc/nginx/conf.d etc/systemd/system
chmod 1777 tmp
chown postgres: var/lib/postgresql run/postgresql var/log/postgresql
mount -t proc proc proc
mount --rbind /dev dev
cp {here}/init.py usr/local/sbin/portal-test-init
chmod 0755 usr/local/sbin/portal-test-init
ln -sf ../sbin/portal-test-init usr/local/bin/systemctl
echo '127.0.0.1 localhost portal.example.ir mail.example.ir' > etc/hosts
exec chroot . /usr/bin/python3 /usr/local/sbin/portal-test-init
"""


class Machine:
    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise SystemExit(
                "deploy-test: run it as root: it makes a machine of its own (overlay, namespaces) and leaves nothing."
            )
        if lacking := [name for name in PACKAGES if not Path(f"/var/lib/dpkg/info/{name}.list").exists()]:
            raise SystemExit(f"deploy-test: apt-get install --no-install-recommends {' '.join(lacking)}")
        self.folder = Path(tempfile.mkdtemp(prefix="portal-machine-"))
        gone = " ".join(dict.fromkeys(OURS))
        script = LAYOUT.format(folder=self.folder, gone=gone, here=HERE)
        self.first = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "bash", "-c", script],
            start_new_session=True,
        )
        self.inside = self._first_process()
        try:
            self._come_up()
        except BaseException:
            self.end()
            raise

    def _come_up(self) -> None:
        self._until(lambda: self.run("test -S /run/init.sock", check=False) == (0, ""))
        self.run("pg_createcluster 15 main -- -E UTF8 --locale=C.UTF-8 && systemctl start postgresql redis-server")

    def _first_process(self) -> int:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError, IndexError):
                return int(Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children").read_text().split()[0])
            time.sleep(0.1)
        raise SystemExit("deploy-test: the machine did not start")

    def _until(self, true) -> None:
        until = time.monotonic() + 60
        while not true():
            if time.monotonic() > until or self.first.poll() is not None:
                raise SystemExit("deploy-test: the machine did not come up")
            time.sleep(0.2)

    def command(self, line: str) -> list[str]:
        return [
            "nsenter", "--target", str(self.inside), "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd",
            "env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "bash", "-c", line,
        ]  # fmt: skip

    def run(self, line: str, *, check: bool = True, stdin: str | None = None) -> tuple[int, str]:
        done = subprocess.run(
            self.command(line),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            input=stdin or "",
            timeout=1500,
        )
        if check and done.returncode:
            raise SystemExit(f"deploy-test: this ended with {done.returncode}:\n  {line}\n{done.stdout}")
        return done.returncode, done.stdout

    def typed(self, line: str, answers: list[tuple[str, str]]) -> str:
        """At a terminal: each question is waited for and answered."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp("nsenter", self.command(line))
        said, left = "", list(answers)
        with suppress(OSError):
            while piece := os.read(terminal, 4096).decode("utf-8", "replace"):
                said += piece
                if left and re.search(left[0][0], said.rpartition("\n")[2]):
                    os.write(terminal, f"{left.pop(0)[1]}\n".encode())
                    said += "\n"
        _pid, status = os.waitpid(pid, 0)
        os.close(terminal)
        if os.waitstatus_to_exitcode(status) or left:
            raise SystemExit(f"deploy-test: this was not answered or failed:\n  {line}\n{said}")
        return said

    def put(self, source: Path, path: str) -> None:
        with source.open("rb") as file:
            subprocess.run(self.command(f"cat > {path}"), stdin=file, check=True)

    def write(self, text: str, path: str) -> None:
        self.run(f"cat > {path}", stdin=text)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.inside, signal.SIGKILL)
        self.first.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
