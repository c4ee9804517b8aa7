"""A process that collects a mailbox with many mails in it, and tells how long it took and how much memory it used."""

import asyncio
import json
import sys
import time
from pathlib import Path

from collecting import BRISK, SUPPORT
from dovecot import PEOPLE

from callout.clock import SystemClock
from intake.collector import Collector
from intake.mailbox import Account
from storage.database import SqliteStore
from storage.records.policy import Policy

GAP = 0.05  # seconds between two looks at the event loop


def resident() -> int:
    """Bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def peak() -> int:
    """The most bytes it ever held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


async def _longest_gap(gaps: list[float]) -> None:
    while True:
        begun = time.monotonic()
        await asyncio.sleep(GAP)
        gaps.append(time.monotonic() - begun - GAP)


async def collect(folder: Path, port: int, authority: str, count: int) -> dict[str, float]:
    """Until `count` mails are kept."""
    account = Account("support", "127.0.0.1", SUPPORT, port=port, password=PEOPLE[SUPPORT], ca_file=authority)
    store = SqliteStore(folder / "backlog.db", SystemClock().now, policy=Policy())
    kept = 0
    done = asyncio.Event()

    def note(event: str, **ids: int) -> None:
        nonlocal kept
        kept += ids["n"] if event == "mail.kept" else 0
        if kept >= count:
            done.set()

    async with store.open():
        collector = Collector(account, store, SystemClock(), pace=BRISK, note=note)
        before, begun, gaps = resident(), time.monotonic(), [0.0]
        stopping = asyncio.Event()
        watching = asyncio.create_task(_longest_gap(gaps))
        running = asyncio.create_task(collector.run(stopping))
        await done.wait()
        took = time.monotonic() - begun
        watching.cancel()
        stopping.set()
        await running
        rows = await store.read(lambda unit: sum(unit.inbox.counts().values()))
    return {"seconds": took, "before": before, "peak": peak(), "rows": rows, "gap": max(gaps)}


if __name__ == "__main__":
    place, port, authority, count = sys.argv[1:]
    print(json.dumps(asyncio.run(collect(Path(place), int(port), authority, int(count)))))
