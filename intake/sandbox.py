"""The child that reads mails for us: a fresh interpreter with limits, mails on stdin, answers on stdout (S4)."""

import resource
import signal
import sys
import time
from typing import BinaryIO

from intake.message import read
from intake.wire import pack

LENGTH = 8  # bytes of a length, big-endian
NO_MEMORY = 70  # exit code; after it a process is in no state to tell more


def main(cpu: int, memory: int) -> None:
    """Answer until stdin ends: `cpu` seconds for each mail, `memory` bytes for the whole process.

    A question is a length and the mail; an answer is a length, a line of JSON, and the contents of the files.
    Past its time the process is killed by the kernel, which the other end sees as a closed pipe.
    """
    _confine(memory)
    for asked_to_stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(
            asked_to_stop, signal.SIG_IGN
        )  # a service manager asks everybody; we end when stdin does
    try:
        while _served(sys.stdin.buffer, sys.stdout.buffer, cpu):
            pass
    except (MemoryError, RecursionError):
        raise SystemExit(NO_MEMORY) from None


def _served(asked: BinaryIO, answers: BinaryIO, cpu: int) -> bool:
    head = asked.read(LENGTH)
    if not head:
        return False
    _allow(cpu)
    answer = pack(read(asked.read(int.from_bytes(head, "big"))))
    answers.write(len(answer[0]).to_bytes(LENGTH, "big"))
    answers.writelines(answer)
    answers.flush()
    return True


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))  # a mail is read, nothing is written
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _allow(cpu: int) -> None:
    """Count the seconds from here: the kernel knows only the sum of a process."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + cpu, hard))
