"""What a collector does with big, unmarkable, unfetchable and missing mails, and with very many."""

import asyncio
import time
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from collector_house import QUICK, Notes, collector, kept, letter, running, settled, settled_at, told, until
from imap_script import Manners, Server

from callout.clock import SystemClock
from intake import mailroom
from intake.collector import HOPELESS, Collector
from intake.mailbox import Pace
from storage.records.people import Person


async def test_of_a_mail_that_is_too_big_the_beginning_is_kept(archive: Any):
    async with Server() as server:
        server.arrive(letter(1, size=400_000))
        server.arrive(letter(2))
        async with running(collector(archive, server, max_bytes=100_000)):
            await settled(archive, server)
        big, small = await kept(archive)
        assert big[1] == server.folders["INBOX"][1][:300_000]
        mails = await archive.ask(lambda unit: [mail for mail, _, _ in unit.mails.recent()])
        assert [(mail.whole, mail.size) for mail in mails] == [
            (True, len(small[1])),
            (False, 400_000 + len(letter(1))),
        ]


async def test_kept_mails_go_to_the_done_folder_and_a_server_that_will_not_is_left_in_peace(archive: Any):
    async with Server() as server:
        raw = [letter(number) for number in range(25)]
        for each in raw:
            server.arrive(each)
        mine = collector(archive, server, done_folder="Callout/Done")
        async with running(mine):
            await until(lambda: len(server.folders.get("Callout/Done", ())) == 25)
        assert server.folders["INBOX"] == {}
        server.manners.answers = {"UID MOVE": "NO [NOPERM] no"}
        for number in range(30, 40):
            server.arrive(letter(number))
        mine = collector(archive, server, done_folder="Callout/Done")
        async with running(mine):
            await settled_at(archive, 35)
            await until(lambda: mine.trouble is None)
        assert mine.note.func.of("mail.not_marked")
        assert server.connections == 2
        async with running(collector(archive, server)):
            await settled(archive, server, count=35)


@pytest.mark.parametrize("answer", ["NO [SERVERBUG] cannot", "BAD what"])
async def test_a_mail_the_server_cannot_hand_over_does_not_keep_the_others_waiting(
    archive: Any, cast: dict[str, Person], answer: str
):
    async with Server() as server:
        for number in range(4):
            server.arrive(letter(number))

        def spoil(verb: str) -> None:
            wanted = server.commands[-1].split(" ")
            bad = verb == "UID FETCH" and wanted[2] == "2" and "BODY" in server.commands[-1]
            server.manners.answers = {"UID FETCH": answer} if bad else {}

        server.before = spoil
        mine = collector(archive, server)
        async with running(mine):
            await until(lambda: {1, 3, 4} <= set(server.flags))
            await until(lambda: mine.trouble is None)
        assert [uid for uid, _ in await kept(archive)] == [1, 3, 4]
        assert len(mine.note.func.of("mail.set_aside")) == 1
        assert server.connections <= HOPELESS
        server.before = lambda _verb: setattr(server.manners, "answers", {})
        archive.clock.advance(timedelta(hours=25))
        async with running(mine):
            await settled(archive, server)
        assert sorted(uid for uid, _ in await kept(archive)) == [1, 2, 3, 4]


async def test_a_mail_that_was_missed_is_found_at_night_told_and_fetched(
    archive: Any, cast: dict[str, Person]
):
    async with Server() as server:
        for number in range(5):
            server.arrive(letter(number))
        mine = collector(archive, server)
        async with running(mine):
            await settled(archive, server)

        def forget(unit: Any) -> None:
            """Two of them are as if they had never been kept under their UIDs."""
            for uid in (1, 3):
                mail = unit.mails.at("post", "INBOX", 7, uid)
                unit.mails.update(mail, uid=uid + 1000)

        await archive.do(forget)
        assert await mine.reconcile() == 2
        assert await mine.reconcile() == 0
        assert mine.note.func.of("mail.missing") == [
            {"account": "post", "folder": "INBOX", "n": 2, "first": 1}
        ]
        keys = await archive.ask(told)
        assert keys == ["mail_gap"]
        archive.clock.advance(timedelta(hours=25))
        before = len(mine.note.func.of("mail.compared"))
        async with running(mine):
            await until(lambda: len(mine.note.func.of("mail.compared")) == before + 1)


async def test_two_thousand_waiting_mails_are_taken_without_a_hang(archive: Any):
    async with Server() as server:
        for number in range(2000):
            server.arrive(letter(number, ident=number % 5 > 0, size=2000))
        begun = time.monotonic()
        async with running(collector(archive, server)):
            await until(lambda: len(server.flags) == 2000, 60)
        assert time.monotonic() - begun < 30
        assert len(await kept(archive)) == 2000
        assert server.connections == 1


async def test_of_many_big_mails_few_are_in_memory_at_a_time(archive: Any):
    size = 4_000_000
    async with Server() as server:
        for number in range(8):
            server.arrive(letter(number, size=size))
        tracemalloc.start()
        try:
            async with running(collector(archive, server)):
                await until(lambda: len(server.flags) == 8)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 6 * size  # the library's copy, ours, the database's; and the one before on its way out


async def test_several_folders_and_accounts_do_not_know_one_another(archive: Any):
    async with Server() as server:
        server.arrive(letter(1))
        server.arrive(letter(2), "Faults")
        first, second = collector(archive, server, "a"), collector(archive, server, "b")
        third = Collector(
            second.account, archive.store, SystemClock(), folder="Faults", pace=QUICK, note=Notes()
        )
        async with running(first, second, third):
            await until(lambda: server.flags.keys() == {1, 2})
            await until(lambda: all(each.trouble is None for each in (first, second, third)))
            await until(lambda: server.commands.count("IDLE") >= 3)
        assert [uid for uid, _ in await kept(archive, "a")] == [1]
        assert sorted(uid for uid, _ in await kept(archive, "b")) == [1, 2]


async def test_of_a_used_mailbox_only_the_last_days_are_taken_when_that_is_wanted(archive: Any):
    async with Server() as server:
        for number in range(4):
            server.arrive(letter(number))
        asked: list[str] = []
        server.before = lambda verb: asked.append(server.commands[-1]) if verb == "UID SEARCH" else None
        async with running(collector(archive, server, first_days=3)):
            await settled(archive, server)
        assert any(" SINCE " in command for command in asked)
        assert len(await kept(archive)) == 4
    assert timedelta(days=7) == mailroom.WINDOW


async def test_a_server_that_announces_mail_all_the_time_makes_no_hot_loop(archive: Any):
    async with Server(Manners(chatter=b"* 9 EXISTS\r\n")) as server:
        server.arrive(letter(1))
        mine = collector(archive, server)
        mine.pace = Pace(first=0.2)
        async with running(mine):
            await settled(archive, server)
            before = len(server.commands)
            await asyncio.sleep(0.5)
            assert len(server.commands) - before < 15
