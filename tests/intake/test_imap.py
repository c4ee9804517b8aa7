"""What somebody sees who reads a mailbox over IMAP: good servers, bad ones, and none at all."""

import asyncio
import time
from datetime import date

import pytest
from imap_house import FAST, SAMPLE, entered
from imap_script import Fault, Manners, Server

from intake.imap import connect
from intake.imap_wire import slices
from intake.mailbox import Account, Broken, Declined, Pace


async def test_a_mail_comes_byte_by_byte_as_it_lies_on_the_server():
    async with Server() as server:
        uids = [
            server.arrive(SAMPLE),
            server.arrive(SAMPLE + b"* 1 FETCH (UID 1)\r\n" * 3),
            server.arrive(b""),
        ]
        box = await entered(server)
        opened = await box.open("INBOX")
        assert (opened.uidvalidity, opened.exists, opened.uidnext) == (7, 3, 4)
        assert await box.uids_after(0) == tuple(uids)
        sizes = await box.sizes(uids)
        assert sizes == {uid: len(server.folders["INBOX"][uid]) for uid in uids}
        assert [await box.body(uid, sizes[uid]) for uid in uids] == list(server.folders["INBOX"].values())
        assert await box.beginning(1, 20) == SAMPLE[:20]
        await box.close()


async def test_the_last_mail_is_not_new_only_because_the_server_names_it():
    async with Server() as server:
        server.arrive(SAMPLE)
        box = await entered(server)
        await box.open("INBOX")
        assert await box.uids_after(1) == ()
        assert await box.uids_since(date(2026, 1, 5)) == (1,)
        assert server.commands[-1] == "UID SEARCH SINCE 5-Jan-2026"
        await box.close()


async def test_what_the_server_says_unasked_confuses_nobody():
    chatter = (
        b"* 2 FETCH (FLAGS (\\Seen))\r\n* 5 EXPUNGE\r\n* 1 RECENT\r\n* OK [ALERT] be (quick\r\n* 9 EXISTS\r\n"
    )
    async with Server(Manners(chatter=chatter)) as server:
        first, second = server.arrive(SAMPLE), server.arrive(SAMPLE + b"two")
        box = await entered(server)
        await box.open("INBOX")
        assert await box.sizes([first, second]) == {first: len(SAMPLE), second: len(SAMPLE) + 3}
        assert await box.body(second, 100) == SAMPLE + b"two"
        assert await box.body(first, 100) == SAMPLE
        await box.close()


async def test_a_thousand_lines_in_one_answer_are_read():
    flags = b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n" % n for n in range(1, 3001))
    async with Server() as server:
        uid = server.arrive(SAMPLE)
        box = await entered(server)
        await box.open("INBOX")
        server.manners.chatter = flags
        assert await box.body(uid, len(SAMPLE)) == SAMPLE
        await box.close()
    lines = b"a\r\n" * 250 + b"rest"
    assert b"".join(slices(lines)) == lines
    assert max(piece.count(b"\n") for piece in slices(lines)) == 100


async def test_a_mail_that_is_gone_is_none_and_no_error():
    async with Server() as server:
        uid = server.arrive(SAMPLE)
        box = await entered(server)
        await box.open("INBOX")
        del server.folders["INBOX"][uid]
        assert await box.body(uid, 10) is None
        assert await box.sizes([uid]) == {}
        await box.close()


@pytest.mark.parametrize("literal", [-5, 5, -70, 400])
async def test_a_literal_of_another_size_than_announced_is_never_taken_for_a_mail(literal: int):
    async with Server(Manners(literal=literal, crooked=1)) as server:
        uid = server.arrive(SAMPLE)
        box = await entered(server)
        await box.open("INBOX")
        with pytest.raises(Broken):
            await box.body(uid, len(SAMPLE))
        await box.close()


async def test_a_server_that_sends_more_than_it_announced_is_left():
    async with Server() as server:
        uid = server.arrive(SAMPLE + b"x" * 6_000_000)
        box = await entered(server)
        await box.open("INBOX")
        with pytest.raises(Broken, match="more than it had announced"):
            await box.body(uid, 100)
        await box.close()


async def test_after_any_failure_the_connection_is_of_no_more_use():
    async with Server(Manners(silent={"UID FETCH"})) as server:
        uid = server.arrive(SAMPLE)
        box = await entered(server)
        await box.open("INBOX")
        begun = time.monotonic()
        with pytest.raises(Broken, match="no answer within"):
            await box.body(uid, 10)
        assert 0.3 < time.monotonic() - begun < 1.0
        with pytest.raises(Broken):
            await box.uids_after(0)
        assert time.monotonic() - begun < 1.0
        await box.close()


@pytest.mark.parametrize("kind", ["drop", "eof"])
async def test_a_lost_line_is_noticed_at_once_also_while_waiting_for_news(kind: str):
    patient = Pace(answer=20, thinking=20, goodbye=0.2)
    async with Server() as server:
        box = await entered(server, patient)
        await box.open("INBOX")
        await box.close()
        length = server.sent
        for more in (-60, 1):  # in mid-command, and in IDLE
            server.faults.append(Fault(kind, length + more - len("* BYE\r\nXXXX3 OK done\r\n")))
            begun = time.monotonic()
            with pytest.raises(Broken):
                box = await entered(server, patient)
                await box.open("INBOX")
                asyncio.get_running_loop().call_later(0.1, server.arrive, SAMPLE)
                await box.idle(10)
                await box.uids_after(0)
            assert time.monotonic() - begun < 1.0
            await box.close()


async def test_news_wake_who_waits_and_silence_ends_in_time():
    async with Server() as server:
        box = await entered(server)
        await box.open("INBOX")
        assert await box.idle(0.05) is False
        asyncio.get_running_loop().call_later(0.05, server.arrive, SAMPLE)
        begun = time.monotonic()
        assert await box.idle(5) is True
        assert time.monotonic() - begun < 0.5
        assert await box.uids_after(0) == (1,)
        await box.close()


async def test_a_server_that_stalls_after_done_is_left_and_one_without_idle_is_waited_for():
    async with Server(Manners(capabilities="IMAP4rev1")) as server:
        box = await entered(server)
        await box.open("INBOX")
        assert await box.idle(0.05) is False
        assert not any(command.startswith("IDLE") for command in server.commands)
        await box.close()
    async with Server(Manners(silent={"IDLE"})) as server:
        box = await entered(server)
        await box.open("INBOX")
        with pytest.raises(Broken, match="no answer"):
            await box.idle(0.05)
        await box.close()
    async with Server(Manners(answers={"IDLE": "NO not now"})) as server:
        box = await entered(server)
        await box.open("INBOX")
        with pytest.raises(Declined):
            await box.idle(0.05)
        await box.close()


async def test_bye_instead_of_an_answer_or_a_greeting_is_a_broken_line():
    async with Server(Manners(bye_after=4)) as server:
        box = await entered(server)
        await box.open("INBOX")
        with pytest.raises(Broken):
            await box.uids_after(0)
        await box.close()

    def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* BYE full\r\n")
        writer.close()

    meet = await asyncio.start_server(turn_away, "127.0.0.1", 0)
    async with meet:
        port = meet.sockets[0].getsockname()[1]
        with pytest.raises(Broken):
            await connect(Account("x", "127.0.0.1", "u", port=port, security="none"), FAST)


async def test_marking_and_moving_and_what_happens_without_the_extensions():
    async with Server() as server:
        uids = [server.arrive(SAMPLE) for _ in range(3)]
        box = await entered(server)
        await box.open("INBOX")
        await box.seen(uids[:1])
        assert server.flags == {1: {"\\Seen"}}
        await box.move(uids[1:], "Erledigt & fertig 完成")
        assert list(server.folders["INBOX"]) == [1]
        assert list(server.folders["Erledigt &- fertig &W4xiEA-"]) == [2, 3]
        await box.close()
        server.manners.capabilities = "IMAP4rev1"
        box = await entered(server)
        await box.open("INBOX")
        await box.move([1], "Erledigt & fertig 完成")
        assert server.flags[1] == {"\\Seen", "\\Deleted"}
        assert not any("EXPUNGE" in command for command in server.commands)
        server.manners.answers = {"UID STORE": "NO [READ-ONLY] no"}
        with pytest.raises(Declined, match="READ-ONLY"):
            await box.seen([1])
        assert await box.uids_after(0) == (1,)  # a no is no broken line
        await box.close()
