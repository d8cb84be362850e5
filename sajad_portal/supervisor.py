"""Starts a few processes, keeps them running, and leaves none behind.

Children are forked from a process that has loaded the portal already: they start at once and share its memory. Each
leads a process group of its own, so that Ctrl-C reaches the supervisor only, and asks the kernel to be told when the
supervisor dies (PR_SET_PDEATHSIG), so that even `kill -9` of the supervisor ends it.
"""

import contextlib
import ctypes
import multiprocessing
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG = 1
# Loaded before any fork: between the fork and its first own step a child may do next to nothing.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_fork = multiprocessing.get_context("fork")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
class ChildProcess:
    name: str
    work: Callable[[], object]
    process: BaseProcess | None = None
    started: float = 0.0
    wait: float = 0.0  # before the next start
    due: float = 0.0  # when that start is
    groups: list[int] = field(default_factory=list)  # of all its lives: each may have left members

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.exitcode is None


class Supervisor:
    """Single-threaded, and without an open connection: it forks."""

    def __init__(self, say: Callable[[str], None]):
        self.say = say
        self.children: list[ChildProcess] = []
        # A plain number: a lock taken in a signal's handler waits for ever when a second signal interrupts it.
        self._signals = 0
        self._terminal: select.poll | None = None

    def listen(self) -> None:
        """End on Ctrl-C, SIGTERM and a closed terminal; a second Ctrl-C does not wait."""
        for number in SIGNALS:
            # `nohup` ignores SIGHUP on purpose: leave it so. A script's `&` ignores SIGINT without meaning it.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and os.isatty(0):
            self._terminal = select.poll()
            self._terminal.register(0, 0)  # hang-ups are always told

    def _terminal_is_gone(self) -> bool:
        """Only a session's leader is told by signal; `make`, started as one by a window or by ssh, keeps it to itself."""
        return self._terminal is not None and bool(self._terminal.poll(0))

    def _on_signal(self, number: int, frame) -> None:
        self._signals += 1

    @property
    def stopping(self) -> bool:
        return self._signals > 0

    def add(self, name: str, work: Callable[[], object]) -> None:
        child = ChildProcess(name, work)
        self.children.append(child)
        self._start(child)

    def _start(self, child: ChildProcess) -> None:
        child.process = _fork.Process(target=_live, args=(child.work, os.getpid()), name=child.name)
        child.process.start()
        child.started = time.monotonic()
        child.groups.append(child.process.pid or 0)

    def pause(self, seconds: float) -> bool:
        """Sleep, but no longer than until the end is asked for; whether it was."""
        last = time.monotonic() + seconds
        while not self.stopping and (left := last - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        return self.stopping

    def look_after(self) -> None:
        """Start again what died: at once after a long life, else after 1, 2, 4 … 30 seconds."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due:
                    self._start(child)
            elif not child.runs:
                steady = now - child.started > STEADY
                child.wait = 0.0 if steady else min(LONGEST_WAIT, max(1.0, child.wait * 2))
                self.say(f"{child.name} ended ({_reason(child.process)}); starting it again in {child.wait:.0f} s")
                child.due, child.process = now + child.wait, None

    def run(self) -> None:
        while not self.pause(0.3) and not self._terminal_is_gone():
            self.look_after()
        self.end()

    def end(self) -> None:
        """End every child: a request first, then force; the group too, for whatever a child started."""
        for child in self.children:
            if child.process is not None and child.runs:
                child.process.terminate()
        last = time.monotonic() + GRACE
        patience = self._signals + 2  # a terminal that closes and a make that ends tell us the same thing twice
        while any(child.runs for child in self.children) and time.monotonic() < last and self._signals < patience:
            time.sleep(0.05)
        for child in self.children:
            for group in filter(None, child.groups):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)
            if child.process is not None:
                child.process.join()


def _live(work: Callable[[], object], parent: int) -> None:
    os.setpgid(0, 0)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    end_with_parent(parent)
    work()


def _reason(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}"
