"""What systemd is told by a process that it started with Type=notify: that it is ready, and, for WatchdogSec, that it goes on."""

import os
import socket
from contextlib import suppress


def tell_systemd(word: str) -> None:
    """`READY=1`, `WATCHDOG=1`; nothing where no systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract one
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.sendto(word.encode(), address)
