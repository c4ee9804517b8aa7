"""The service is killed while mails arrive over a line that breaks: none is lost, none counts twice (F1, F9)."""

import asyncio
import os
import random
from pathlib import Path

import pytest
from mail_storm import OFFICE, SENDERS, Left, MailCallout, Writers

from simulator.mail import MailSimulator, SmtpFault
from simulator.telegram import TelegramSimulator
from storage.records.people import Role

KILLS = int(os.environ.get("CRASH_MAIL_KILLS", "30"))
SEED = int(os.environ.get("CRASH_SEED", "20"))
MAILS = int(os.environ.get("CRASH_MAILS", "2000"))
pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """The whole storm, played once."""
    return asyncio.run(play(tmp_path_factory.mktemp("mailstorm")))


async def play(folder: Path) -> Left:
    chance = random.Random(SEED)
    accounts = dict.fromkeys([OFFICE, *SENDERS], "secret")
    async with (
        TelegramSimulator(seed=SEED) as sim,
        MailSimulator(accounts, seed=SEED, tls=False, dmarc=True) as post,
    ):
        service = MailCallout(folder, sim, post)
        otto = sim.add_person("Otto")
        await service.employ([(otto, (Role.DISPATCHER, Role.MANAGER))], None)
        otto.start()
        post.imap_faults(400)
        writers = Writers(post, chance)
        try:
            for number in range(KILLS):
                service.start()
                await storm(service, writers, chance, (number + 1) * MAILS // KILLS)
                if number == KILLS // 2:
                    await post.reset_uidvalidity(OFFICE)
                service.kill()
            post.imap.clear()
            service.start()
            await service.quiet(400)
            await everything_fetched(service, post)
            await service.quiet(100)
            code = service.stop()
        finally:
            service.close()
        assert code == 0, service.last_words()
        return Left(writers, service).read()


async def storm(service: MailCallout, writers: Writers, chance: random.Random, until: int) -> None:
    """Mails up to that many, while the service works, with a dropped letter now and then; then a random moment."""
    post = service.post
    while writers.number < until:
        assert service.running, service.last_words()
        if chance.random() < 0.02:
            post.smtp.order(SmtpFault("DOT", "drop", keep=chance.random() < 0.5))
        await writers.write()
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.0 + 2.0 * chance.random())


async def everything_fetched(service: MailCallout, post: MailSimulator) -> None:
    async with asyncio.timeout(200):
        while True:
            seen = [mail.flags for mail in await post.stored(OFFICE)]
            if all("\\Seen" in flags for flags in seen):
                return
            await asyncio.sleep(0.3)


def test_the_storm_was_real(left: Left) -> None:
    print(left.figures())
    assert len(left.service.killed) == KILLS and len(left.writers.sent) >= MAILS * 0.85
    assert {"new", "reply", "same id", "no id", "machine", "bulk", "broken"} <= set(
        left.writers.kinds.values()
    )
    outcomes = {outcome[0].split(" ")[1] for outcome in left.became().values() if outcome}
    assert {"ticket", "entry", "rejected:"} <= outcomes


def test_no_mail_is_lost(left: Left) -> None:
    assert left.lost() == []


def test_every_mail_is_exactly_one_thing(left: Left) -> None:
    assert left.not_one_thing() == []
    assert left.doubled() == []


def test_a_letter_that_went_out_twice_is_marked_and_bears_the_same_id(left: Left) -> None:
    assert left.unmarked() == []
    assert left.unsent() == []
