#!/usr/bin/python3
"""What systemd is on a real host, for the commands of deploy/README.md on a machine that is a folder: starts the portal's units by
their own files (user, settings, socket that stays open, READY=1), and Debian's servers. Run by the machine's python3 as its first
process; `systemctl` (a link to this file) talks to it."""

import json
import os
import pwd
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

DOOR = "/run/init.sock"
UNITS = Path("/etc/systemd/system")
# name: start, stop (what does not run is stopped), restart
SERVERS = {
    "postgresql": ("pg_ctlcluster 15 main start", "pg_ctlcluster 15 main stop -m fast || true", "pg_ctlcluster 15 main restart -m fast"),
    "redis-server": ("redis-server --daemonize yes --dir /tmp --save ''", "redis-cli shutdown nosave || true", "true"),
    "nginx": ("nginx", "nginx -s quit || true", "nginx -s reload || nginx"),
}  # fmt: skip


class Unit:
    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen | None = None
        self.socket: socket.socket | None = None

    def said(self, key: str, default: str = "") -> str:
        text = (UNITS / self.name).read_text("utf-8").replace("\\\n", " ")
        found = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
        return found[-1] if found else default

    # ------------------------------------------------------------------------------------------------ sockets
    def listen(self) -> None:
        if self.socket is None:
            host, _colon, port = self.said("ListenStream").rpartition(":")
            self.socket = socket.create_server((host, int(port)), backlog=int(self.said("Backlog", "128")))

    def hang_up(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    # ----------------------------------------------------------------------------------------------- services
    def start(self, given: "Unit | None") -> None:
        if self.process is not None and self.process.poll() is None:
            return
        who = pwd.getpwnam(self.said("User"))
        told = f"/run/notify-{self.name}"
        Path(told).unlink(missing_ok=True)
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.bind(told)
        os.chmod(told, 0o777)
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": who.pw_dir,
            "USER": who.pw_name,
            "LANG": "C.UTF-8",
            "NOTIFY_SOCKET": told,
        }
        for line in Path(self.said("EnvironmentFile")).read_text("utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith(("#", ";")):
                key, _is, value = line.partition("=")
                environment[key.strip()] = value.strip().strip("'\"")
        for pair in shlex.split(self.said("Environment")):
            key, _is, value = pair.partition("=")
            environment[key] = value
        if given is not None and given.socket is not None:
            environment["LISTEN_FDS"] = "1"
        taken = given.socket.fileno() if given is not None and given.socket is not None else None
        log = open(f"/var/log/{self.name}.log", "ab")  # noqa: SIM115 the service's for as long as it lives
        command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *shlex.split(self.said("ExecStart"))]

        def into_place() -> None:
            if taken is not None:
                os.dup2(taken, 3)
            os.umask(int(self.said("UMask", "0022"), 8))
            os.initgroups(who.pw_name, who.pw_gid)
            os.setgid(who.pw_gid)
            os.setuid(who.pw_uid)

        self.process = subprocess.Popen(
            command, cwd=self.said("WorkingDirectory"), env=environment, stdout=log, stderr=log, preexec_fn=into_place,
            close_fds=False, start_new_session=True,
        )  # fmt: skip
        self._wait_until_ready(ear, float(self.said("TimeoutStartSec", "180")))

    def _wait_until_ready(self, ear: socket.socket, patience: float) -> None:
        ear.settimeout(1)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
            try:
                if b"READY=1" in ear.recv(4096):
                    threading.Thread(target=self._listen_on, args=(ear, self.process), daemon=True).start()
                    return
            except TimeoutError:
                continue
        raise RuntimeError(f"{self.name} was not ready in {patience:g} s")

    def _listen_on(self, ear: socket.socket, process: subprocess.Popen) -> None:
        """A watchdog that nobody hears would fill the socket."""
        while process.poll() is None:
            try:
                ear.recv(4096)
            except TimeoutError:
                continue
        ear.close()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(float(self.said("TimeoutStopSec", "90")))
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process = None


known: dict[str, Unit] = {}


def unit(name: str) -> Unit:
    name = name if "." in name else f"{name}.service"
    if not (UNITS / name).exists():
        raise RuntimeError(f"Unit {name} not found.")
    return known.setdefault(name, Unit(name))


def act(verb: str, name: str) -> None:
    if (server := name.removesuffix(".service")) in SERVERS:
        command = SERVERS[server][{"start": 0, "stop": 1}.get(verb, 2)]
        with open(f"/var/log/{server}.start", "w+") as said:  # a server that stays would keep a pipe open
            done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            said.seek(0)
            if done.returncode:
                raise RuntimeError(f"{command}: {said.read()}")
        return
    found = unit(name)
    if found.name.endswith(".socket"):
        found.hang_up() if verb == "stop" else found.listen()
        return
    if verb in ("stop", "restart"):
        found.stop()
    if verb in ("start", "restart"):
        given = known.get(found.name.replace(".service", ".socket"))
        if wanted := found.said("Requires"):
            given = unit(wanted)
            given.listen()
        found.start(given)


def serve() -> None:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(DOOR)
    door.listen()
    while True:
        caller, _address = door.accept()
        with caller, caller.makefile("rw") as line:
            verb, names = json.loads(line.readline())
            try:
                for name in names:
                    act(verb, name)
                said = ""
            except Exception as error:  # the operator reads it
                said = str(error)
            line.write(json.dumps(said) + "\n")


def main(words: list[str]) -> int:
    """systemctl."""
    now = "--now" in words
    verb, *names = [word for word in words if not word.startswith("-")]
    if verb == "daemon-reload" or (verb == "enable" and not now):
        return 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(DOOR)
        with door.makefile("rw") as line:
            line.write(json.dumps(["start" if verb == "enable" else verb, names]) + "\n")
            line.flush()
            said = json.loads(line.readline())
    print(said, end="\n" if said else "", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if Path(sys.argv[0]).name == "systemctl" else serve())
