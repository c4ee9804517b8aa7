"""A server of its own for the tests: its folder, its ports, a process in the foreground that ends by its pid."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE = 20.0  # seconds for a server to come up or to end


def missing() -> str:
    """Why the real servers cannot be used here; empty when they can."""
    if os.geteuid() != 0:
        return "Dovecot and Postfix change to users of their own, and only root may do that"
    wanted = ("dovecot", "doveadm", "postconf", "openssl")
    lacking = [name for name in wanted if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    if lacking or not Path("/usr/lib/dovecot/lmtp").exists():
        return (
            "Dovecot and Postfix are not installed (on Debian: dovecot-imapd dovecot-lmtpd postfix openssl)"
        )
    version = subprocess.run(
        ("/usr/sbin/dovecot", "--version"), check=True, capture_output=True, text=True
    ).stdout
    return (
        ""
        if version.startswith("2.3.")
        else f"The configuration is one for Dovecot 2.3, not {version.strip()}"
    )


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def listens(port: int) -> bool:
    """Whether somebody answers on that port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Until that is so; AssertionError with `what` when it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class Daemon:
    """A process in the foreground, with all of its children in a group of their own."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.command = tuple(command)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ports: Sequence[int]) -> None:
        """Start it and wait until it listens on all of `ports`."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        wait_for(lambda: self._ended() or all(map(listens, ports)), f"{self.command[0]} does not listen")
        assert not self._ended(), f"{self.command[0]} has ended: {self.said()}"

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def said(self) -> str:
        """What stands in its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self) -> None:
        """End it, first politely, then its whole group."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(5)
        self.process = None
