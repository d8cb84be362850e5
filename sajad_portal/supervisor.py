"""Starts a few processes, keeps them running, and leaves none behind.

Each child leads a process group of its own, so that Ctrl-C reaches the supervisor only, and asks the kernel to be
told when the supervisor dies (PR_SET_PDEATHSIG), so that even `kill -9` of the supervisor ends it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec a child may do next to nothing.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

LONGEST_WAIT = 30.0  # seconds between two starts of a child that keeps dying
STEADY = 60.0  # a child that ran this long starts again at once
GRACE = 8.0  # seconds a child has to end by itself


def end_with_parent(parent: int) -> None:
    """Ask for SIGTERM when `parent`, a process id, ends; end at once where it is gone already (Linux)."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    wait: float = 0.0  # before the next start
    due: float = 0.0  # when that start is
    groups: list[int] = field(default_factory=list)  # of earlier lives, which may have left members


class Supervisor:
    def __init__(self, say: Callable[[str], None], environment: dict[str, str]):
        self.say = say
        self.environment = environment
        self.children: list[Child] = []
        self._stop = threading.Event()
        self._signals = 0

    def listen(self) -> None:
        """End on Ctrl-C, SIGTERM and a closed terminal; a second Ctrl-C does not wait."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` ignores SIGHUP on purpose: leave it so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame) -> None:
        self._signals += 1
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def add(self, name: str, *command: str) -> None:
        child = Child(name, list(command))
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        parent = os.getpid()
        child.process = subprocess.Popen(  # noqa: S603 our own commands
            child.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=lambda: end_with_parent(parent),
        )
        child.started = time.monotonic()
        child.groups.append(child.process.pid)

    def alive(self, name: str) -> bool:
        return any(c.name == name and c.process is not None and c.process.poll() is None for c in self.children)

    def pause(self, seconds: float) -> bool:
        """Sleep, but no longer than until the end is asked for; whether it was."""
        return self._stop.wait(seconds)

    def look_after(self) -> None:
        """Start again what died: at once after a long life, else after 1, 2, 4 … 30 seconds."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due:
                    self._start(child)
            elif (status := child.process.poll()) is not None:
                steady = now - child.started > STEADY
                child.wait = 0.0 if steady else min(LONGEST_WAIT, max(1.0, child.wait * 2))
                child.due, child.process = now + child.wait, None
                self.say(f"{child.name} ended ({_reason(status)}); starting it again in {child.wait:.0f} s")

    def run(self) -> None:
        while not self.pause(0.3):
            self.look_after()
        self.end()

    def end(self) -> None:
        """End every child: a request first, then force; the group too, for whatever a child started."""
        asked = self._signals
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        last = time.monotonic() + GRACE
        while time.monotonic() < last and self._signals <= max(asked, 1):
            if all(child.process is None or child.process.poll() is not None for child in self.children):
                break
            time.sleep(0.05)
        for child in self.children:
            for group in child.groups:
                try:
                    os.killpg(group, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
            if child.process is not None:
                child.process.wait()


def _reason(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
