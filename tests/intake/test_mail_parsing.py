"""The child that reads mails: what kills it becomes a sentence, the next mail is read as if nothing had been."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from intake.mail import Mail
from intake.message import read
from intake.parsing import Parser, Unparsable

LETTER = (
    "From: 梅 <mei@example.org>\r\nTo: help@example.org\r\nDate: Mon, 2 Mar 2026 08:00:00 +0800\r\n"
    "Subject: 三楼空调不制冷\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n请尽快派人。\r\n"
    "--b\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
).encode()


def children() -> set[int]:
    """Processes we are the parent of."""
    tasks = Path("/proc/self/task")
    found = set()
    for task in tasks.iterdir():
        found |= {int(each) for each in (task / "children").read_text().split()}
    return found


def told(process: int, what: str) -> str:
    """What the kernel says about a process."""
    return Path(f"/proc/{process}/{what}").read_text()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_mail_comes_back_from_the_child_as_it_was_read() -> None:
    async with Parser() as parser:
        mail = await parser.read(LETTER)
    assert mail == read(LETTER)
    assert mail.headers.subject == "三楼空调不制冷"
    assert mail.attachments[0].content.startswith(b"\x89PNG")


async def test_a_hundred_mails_at_once_share_two_children() -> None:
    async with Parser(size=2) as parser:
        before = children()
        mails = await asyncio.gather(*(parser.read(LETTER + b"%d" % n) for n in range(100)))
        assert len(children() - before) + len(before) <= 2 + len(before)
    assert {mail.headers.from_addr for mail in mails} == {"mei@example.org"}


async def test_closing_leaves_no_child_and_no_descriptor() -> None:
    async with Parser() as parser:
        await parser.read(LETTER)
    before, open_before = children(), descriptors()
    for _ in range(3):
        async with Parser() as parser:
            await parser.read(LETTER)
    assert children() == before
    assert descriptors() <= open_before


async def test_a_child_that_dies_is_replaced() -> None:
    async with Parser(size=1) as parser:
        before = children()
        await parser.read(LETTER)
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        assert (await parser.read(LETTER)).headers.from_name == "梅"


async def test_a_service_manager_that_stops_everybody_makes_no_mail_unreadable() -> None:
    async with Parser(size=1) as parser:
        before = children()
        await parser.read(LETTER)
        (child,) = children() - before
        os.kill(child, signal.SIGTERM)
        assert (await parser.read(LETTER)).headers.from_name == "梅"
        assert child in children()


async def test_closing_in_mid_mail_does_not_blame_the_mail() -> None:
    parser = Parser(size=1)
    await parser.read(LETTER)
    task = asyncio.create_task(parser.read(LETTER + b"x\n" * 10_000_000))
    for _ in range(3):  # it is being written by now; the child has not seen the end of it
        await asyncio.sleep(0)
    await parser.close()
    with pytest.raises(RuntimeError, match="closed"):
        await task


async def test_a_caller_that_goes_away_while_a_child_starts_leaves_none_behind() -> None:
    before = children()
    async with Parser(size=1) as parser:
        task = asyncio.create_task(parser.read(LETTER))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await parser.read(LETTER)) == read(LETTER)
    assert children() == before


async def test_a_mail_that_needs_too_much_memory_is_refused_and_the_next_one_read() -> None:
    async with Parser(size=1, memory=150 << 20) as parser:
        with pytest.raises(Unparsable, match="memory"):
            await parser.read(LETTER + b"x" * (120 << 20))
        assert (await parser.read(LETTER)).headers.from_name == "梅"


async def test_a_mail_that_needs_too_much_time_is_refused_and_the_next_one_read() -> None:
    async with Parser(size=1, patience=0.0) as hasty:
        with pytest.raises(Unparsable, match="does not answer"):
            await hasty.read(LETTER)
        hasty.patience = 30.0
        assert (await hasty.read(LETTER)).headers.from_name == "梅"


async def test_a_stuck_child_is_ended_by_the_kernel_after_its_seconds() -> None:
    async with Parser(size=1, cpu=-1) as parser:  # the second it is given is over before it starts
        with pytest.raises(Unparsable, match="time"):
            for _ in range(3_000):
                await parser.read(LETTER + b"x\n" * 50_000)


async def test_a_reader_whose_caller_went_away_is_not_asked_again() -> None:
    async with Parser(size=1) as parser:
        before = children()
        await parser.read(LETTER)
        (first,) = children() - before
        task = asyncio.create_task(parser.read(LETTER * 2_000))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await parser.read(LETTER)) == read(LETTER)
        assert first not in children()


async def test_a_child_knows_nothing_of_our_secrets_and_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_BOT_TOKEN", "123:very-secret")
    async with Parser(size=1) as parser:
        before = children()
        await parser.read(LETTER)
        (child,) = children() - before
        environment, limits, status = (told(child, what) for what in ("environ", "limits", "status"))
    assert "secret" not in environment
    assert limits.count(str(600 << 20)) == 2
    assert "Max file size             0 " in limits
    ignored = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    assert int(ignored.split()[1], 16) & (1 << (signal.SIGTERM - 1)) == 0


async def test_a_mail_of_25_mb_is_read_within_the_limits() -> None:
    photo = b"QUJD" * 18 + b"\r\n"
    raw = LETTER.replace(b"iVBORw0KGgo=\r\n", photo * (25_000_000 // len(photo)))
    async with Parser() as parser:
        mail: Mail = await parser.read(raw)
    assert mail.attachments[0].size > 18_000_000
