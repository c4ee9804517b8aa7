"""The same crowd and the same kills against a plain polling bot: it must lose updates, or the test above is blind."""

import contextlib
import os
import random
import sqlite3
import sys
from pathlib import Path

import pytest
from crash_load import Crowd, live
from crash_service import Backlog, Callout

from simulator.telegram import TelegramSimulator

KILLS = 8
pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


class PlainBot(Callout):
    """The textbook's bot in place of the service."""

    def command(self) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("plain_bot.py"))]

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PLAIN_BOT_TOKEN": self.sim.token,
            "PLAIN_BOT_URL": self.sim.api_url,
            "PLAIN_BOT_FILE": str(self.path),
        }

    def seen(self) -> set[int]:
        """The updates it wrote down."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as sql:
            tables = sql.execute("SELECT name FROM sqlite_master").fetchall()
            return {row[0] for row in sql.execute("SELECT update_id FROM seen")} if tables else set()

    def backlog(self) -> Backlog:
        return Backlog(self.sim.pending, 0, 0, 0)

    def files_waiting(self) -> int:
        return 0


async def test_a_plain_polling_bot_loses_updates_under_the_same_load(tmp_path: Path) -> None:
    chance = random.Random(20)
    async with TelegramSimulator(seed=20) as sim:
        crowd = Crowd(sim, chance, customers=40, engineers=4)
        bot = PlainBot(tmp_path, sim)
        try:
            for number in range(KILLS):
                bot.start()
                await live(crowd, bot, chance, (number + 1) * 40)
                bot.kill()
            bot.start()
            await crowd.settle()
            await bot.quiet(60)
            bot.stop()
        finally:
            bot.close()
        lost = crowd.ledger.updates.keys() - bot.seen()
        print(f"plain bot: {len(lost)} of {len(crowd.ledger)} updates lost in {KILLS} kills")
        assert lost
