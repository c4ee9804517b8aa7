"""Every mail of a folder is kept exactly once, whatever the server, the line and the clock do meanwhile."""

import asyncio
import logging
import random
import time
from typing import Any

import pytest
from collector_house import KINDS, collector, kept, letter, running, settled, told, until
from imap_script import Fault, Manners, Server

from storage.records.people import Person


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
