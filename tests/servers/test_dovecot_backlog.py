"""Five thousand mails have waited: they are taken without a hang, and without the memory growing with them."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from collecting import SUPPORT

WAITING = 5_000
BIG = 25  # of them, of some megabytes each
MEGABYTE = 1024 * 1024
GROWTH = 64 * MEGABYTE  # bytes; the mails themselves are more
HERE = Path(__file__).resolve().parent


def mails() -> list[bytes]:
    """Most of them are short; some are big."""
    words = b"The lift between the third and the fourth floor is stuck.\n"
    short, big = words * 40, words * (4 * MEGABYTE // len(words))
    head = b"From: Mei <mei@callout.test>\nSubject: Lift %d\nMessage-ID: <%d.waiting@callout.test>\n\n"
    every = WAITING // BIG
    return [head % (number, number) + (big if number % every == 7 else short) for number in range(WAITING)]


@pytest.mark.timeout(180)
async def test_five_thousand_waiting_mails_are_taken_and_memory_stays_bounded(
    servers: Any, tmp_path: Path
) -> None:
    waiting = mails()
    total = sum(map(len, waiting))
    servers.dovecot.put(SUPPORT, waiting)
    del waiting
    command = ("backlog.py", str(tmp_path), str(servers.dovecot.port), str(servers.authority), str(WAITING))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        cwd=HERE,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    found = json.loads(out)
    growth = found["peak"] - found["before"]
    print(
        f"{WAITING} waiting mails ({total / MEGABYTE:.0f} MB) on Dovecot: taken in {found['seconds']:.1f} s, "
        f"memory {found['before'] / MEGABYTE:.0f} MB, at its peak {growth / MEGABYTE:.0f} MB more, "
        f"longest gap of the loop {found['gap'] * 1000:.0f} ms"
    )
    assert found["rows"] == WAITING
    assert growth < GROWTH < total
