"""The same load and the same kills for a plain polling bot: it must lose updates, or the tests of Callout are blind."""

import asyncio
import contextlib
import os
import random
import sqlite3
import sys
from pathlib import Path
from typing import TypeVar

import pytest
from crash_evidence import Evidence
from crash_service import Backlog, Callout, Ledger

from simulator.telegram import Person, TelegramSimulator

KILLS = 6
BURST = 80
Bot = TypeVar("Bot", bound=Callout)
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


async def test_a_plain_polling_bot_loses_updates(tmp_path: Path) -> None:
    ledger, bot = await bursts(PlainBot, tmp_path)
    lost = ledger.updates.keys() - bot.seen()
    print(f"plain bot: {len(lost)} of {len(ledger)} updates lost in {KILLS} kills")
    assert lost


async def test_callout_loses_none_under_the_same_load(tmp_path: Path) -> None:
    ledger, service = await bursts(Callout, tmp_path)
    assert Evidence(ledger, service, service.audit()).read().lost() == []


async def bursts(kind: type[Bot], folder: Path) -> tuple[Ledger, Bot]:
    """Ten people write and press at once while the bot is up, and it is killed in the middle of its work."""
    chance = random.Random(20)
    async with TelegramSimulator(seed=20, answer_seconds=150) as sim:
        ledger, bot = Ledger(sim), kind(folder, sim)
        people = [sim.add_person(f"Mei {number}", language_code="en") for number in range(10)]
        try:
            for _ in range(KILLS):
                calls = len(sim.calls)
                bot.start()
                while not any(call.method == "getUpdates" for call in sim.calls[calls:]):
                    assert bot.running, bot.last_words()
                    await asyncio.sleep(0.01)
                for number in range(BURST):
                    act(chance.choice(people), number, chance)
                await asyncio.sleep(chance.uniform(0.05, 0.5))
                bot.kill()
            bot.start()
            await bot.quiet(120)
            bot.stop()
        finally:
            bot.close()
    return ledger, bot


def act(person: Person, number: int, chance: random.Random) -> None:
    """Press a button, if there is one, or write."""
    buttons = [
        (message["message_id"], button["callback_data"])
        for message in person.messages()[-3:]
        for row in message.get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
        if "callback_data" in button
    ]
    if buttons and chance.random() < 0.4:
        person.press(*chance.choice(buttons))
    else:
        person.say(f"Pump {number} leaks")
