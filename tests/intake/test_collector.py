"""Every mail of a folder is kept exactly once, whatever the server, the line and the clock do meanwhile."""

import asyncio
import logging
import random
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from imap_script import Fault, Manners, Server

from callout.clock import SystemClock
from intake import mailroom
from intake.collector import HOPELESS, Collector
from intake.mailbox import Account, Pace
from storage.records.people import Person

QUICK = Pace(answer=0.25, thinking=0.25, goodbye=0.1, first=0.01, longest=0.03, refused=0.03, healthy=9)
KINDS = ("drop", "eof", "drop", "eof", "stall")


def letter(number: int, *, ident: bool = True, size: int = 0) -> bytes:
    head = f"Message-ID: <{number}@example.net>\r\n" if ident else ""
    text = f"From: Mei <mei{number % 7}@example.net>\r\n{head}Subject: pump {number}\r\n\r\nIt leaks. {number}\r\n"
    return text.encode() + b"x" * size


class Notes(list[tuple[str, dict[str, Any]]]):
    """The log lines a collector has written."""

    def __call__(self, event: str, **ids: Any) -> None:
        self.append((event, ids))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [ids for name, ids in self if name == event]


def collector(archive: Any, server: Server, name: str = "post", **more: Any) -> Collector:
    facts = {"password": "right", "poll_seconds": 0.1, **more}
    account = Account(name, "127.0.0.1", "office@example.org", server.port, "none", **facts)
    return Collector(
        account, archive.store, SystemClock(), pace=QUICK, note=Notes(), chance=random.Random(1).random
    )


@asynccontextmanager
async def running(*collectors: Collector) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(each.run(stopping)) for each in collectors]
    try:
        yield
    finally:
        stopping.set()
        begun = time.monotonic()
        await asyncio.gather(*tasks)
        assert time.monotonic() - begun < 1.0


async def kept(archive: Any, name: str = "post") -> list[tuple[int, bytes]]:
    """(UID, raw) of the mails of that account that have an inbox row, oldest first."""

    def ask(unit: Any) -> list[tuple[int, bytes]]:
        mine = [mail for mail, _, _ in unit.mails.recent(5000) if mail.account == name and mail.inbox_id]
        return [(mail.uid, unit.mails.raw(mail.id)) for mail in reversed(mine)]

    return await archive.ask(ask)


async def until(condition: Callable[[], Any], seconds: float = 4.0) -> None:
    end = time.monotonic() + seconds
    while not (await found if asyncio.iscoroutine(found := condition()) else found):
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.01)


async def settled(archive: Any, server: Server, name: str = "post", count: int = 0) -> None:
    """Everything that lies on the server is kept and marked."""

    async def done() -> bool:
        lies = server.folders["INBOX"]
        marked = all("\\Seen" in server.flags.get(uid, ()) for uid in lies)
        return marked and len(await kept(archive, name)) >= (count or len(lies))

    await until(done)


async def settled_at(archive: Any, count: int) -> None:
    async def done() -> bool:
        return len(await kept(archive)) == count

    await until(done)


async def test_what_lies_there_and_what_comes_is_kept_in_order_and_then_marked_as_read(archive: Any):
    async with Server() as server:
        for number in range(30):
            server.arrive(letter(number))
        mine = collector(archive, server, poll_seconds=30)
        async with running(mine):
            await settled(archive, server)
            begun = time.monotonic()
            server.arrive(letter(99))
            await until(lambda: server.flags.get(31))
            assert time.monotonic() - begun < 1.0
        assert await kept(archive) == [(uid, raw) for uid, raw in server.folders["INBOX"].items()]
        assert server.connections == 1
        assert mine.trouble is None


async def test_a_mail_is_marked_only_after_the_commit(archive: Any):
    async with Server() as server:
        server.arrive(letter(1))
        seen: list[int] = []

        def look(verb: str) -> None:
            if verb == "UID STORE":
                with archive.store._engine.connect() as connection:
                    seen.append(connection.exec_driver_sql("select count(*) from mails").scalar() or 0)

        server.before = look
        async with running(collector(archive, server)):
            await settled(archive, server)
        assert seen == [1]


@pytest.mark.parametrize("part", range(10))
async def test_nothing_is_lost_and_nothing_doubled_wherever_the_line_breaks(archive: Any, part: int):
    """200 runs of two faults each: a reset, an end or a stall after k bytes of the server's, k by chance."""
    chance = random.Random(part)
    async with Server() as server:
        for number in range(3):
            server.arrive(letter(number))
        async with running(collector(archive, server, "whole")):
            await settled(archive, server, "whole")
            await asyncio.sleep(0.02)
        length = server.sent
        for scenario in range(20):
            name = f"post{scenario}"
            server.flags.clear()
            server.faults = [
                Fault(chance.choice(KINDS), chance.randrange(length + 1)),
                Fault(chance.choice(KINDS[:4]), chance.randrange(length + 1)),
            ]
            mine = collector(archive, server, name)
            async with running(mine):
                await settled(archive, server, name)
                await until(lambda: not server.faults)
            assert await kept(archive, name) == list(server.folders["INBOX"].items())
            assert mine.note.func.of("mail.missing") == []
        assert await archive.ask(lambda unit: unit.inbox.counts()) == {"new": 3 * 21}


async def test_a_stall_is_noticed_and_the_pauses_grow(archive: Any):
    async with Server(Manners(silent={"UID SEARCH"})) as server:
        mine = collector(archive, server)
        async with running(mine):
            await asyncio.sleep(1.2)
            assert mine.trouble == "SEARCH: no answer within 0.25 s"
            server.manners.silent.clear()
            server.arrive(letter(1))
            await settled(archive, server)
            await until(lambda: mine.trouble is None)
    assert [note["failures"] for note in mine.note.func.of("mail.away")][:3] == [1, 2, 3]
    assert server.connections <= 6


async def test_nobody_there_is_no_hot_loop_and_a_bad_password_no_end(
    archive: Any, cast: dict[str, Person], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with Server() as server:
        port = server.port
    mine = collector(archive, server, password="wrong4711")
    async with running(mine):
        await asyncio.sleep(0.3)
        assert 5 < len(mine.note.func.of("mail.away")) < 31
        server.port = port
        server.arrive(letter(1))
        await server.start()
        await until(lambda: len(mine.note.func.of("mail.refused")) > 2)
        assert mine.trouble is not None and "check user and password" in mine.trouble
        server.manners.password = "wrong4711"
        await settled(archive, server)
        await until(lambda: mine.trouble is None)
    await server.stop()
    assert await archive.ask(told) == ["mail_refused"]
    assert "4711" not in caplog.text + str(mine.note.func)


async def test_after_another_uidvalidity_nothing_is_lost_and_nothing_doubled(archive: Any):
    async with Server() as server:
        for number in range(12):
            server.arrive(letter(number, ident=number % 3 > 0))
        mine = collector(archive, server)
        async with running(mine):
            await settled(archive, server)
        server.renumber()
        late = [server.arrive(letter(50)), server.arrive(letter(51, ident=False))]
        server.faults = [Fault("drop", 900), Fault("eof", 2500)]
        async with running(mine):
            await settled(archive, server, count=14)
            again = server.arrive(letter(51, ident=False))
            await until(lambda: "\\Seen" in server.flags.get(again, ()))
        assert [uid for uid, _ in await kept(archive)] == [*range(1, 13), *late, again]
        assert await archive.ask(lambda unit: unit.inbox.counts()) == {"new": 15}
        assert len(await archive.ask(lambda unit: unit.mails.recent(99))) == 12 + 15


async def test_two_mails_of_one_message_id_are_both_handled_and_a_copy_once(archive: Any):
    async with Server() as server:
        for raw in (letter(1), letter(1).replace(b"leaks", b"burns"), letter(1)):
            server.arrive(raw)
        mine = collector(archive, server)
        async with running(mine):
            await until(lambda: "\\Seen" in server.flags.get(3, ()))
        assert [uid for uid, _ in await kept(archive)] == [1, 2]
        assert mine.note.func.of("mail.twin") == [
            {"account": "post", "folder": "INBOX", "mail": 3, "same_as": 1}
        ]


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


def told(unit: Any) -> list[str]:
    rows = unit.connection.exec_driver_sql("select payload from outbox where kind = 'notice'").all()
    return [key for key in ("mail_gap", "mail_refused", "mail_stuck") for row in rows if f'"{key}"' in row[0]]


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
