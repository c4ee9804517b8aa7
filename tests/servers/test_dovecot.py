"""The collector on a real Dovecot: woken by it, refused by it, renumbered by it, and never losing or doubling a mail."""

import asyncio
import statistics
import time
from typing import Any

import pytest
from collecting import MEI, SUPPORT, MailArchive, account, until
from postfix import written

from dispatch.ports import Refused
from intake.imap import connect

TIMED = 22
MOST = 1.0  # seconds, the median (Must show 6)


async def test_a_mail_that_is_sent_is_kept_within_a_second(servers: Any, kept: MailArchive) -> None:
    mailbox = account(servers.dovecot, servers.authority, poll_seconds=600.0)  # only IDLE can be so quick
    took: list[float] = []
    async with kept.collecting(mailbox) as collector:
        await until(lambda: kept.noted("mail.compared"))
        for number in range(TIMED):
            await asyncio.sleep(0.05)  # the collector goes back to waiting
            begun = time.monotonic()
            await asyncio.to_thread(servers.postfix.submit, MEI, SUPPORT, written(number, "It is stuck."))
            while len(kept.noted("mail.kept")) <= number:
                assert time.monotonic() - begun < 20
                await asyncio.sleep(0.002)
            took.append(time.monotonic() - begun)
        assert collector.trouble is None
    print(
        f"mail to committed inbox on Dovecot, login and submission included, {TIMED} mails: "
        f"median {statistics.median(took):.3f} s, longest {max(took):.3f} s"
    )
    assert await kept.rows() == TIMED
    assert statistics.median(took) <= MOST


async def test_a_server_that_somebody_else_has_signed_is_refused_in_one_sentence(servers: Any) -> None:
    with pytest.raises(Refused) as refused:
        await connect(account(servers.dovecot, servers.stranger))
    said = str(refused.value)
    assert said.startswith(f"The certificate of 127.0.0.1:{servers.dovecot.port} is not accepted (")
    assert said.endswith("set ca_file to the CA that signed it, or host to the name it is made for")
    assert "Login" not in servers.dovecot.said()[-300:]


async def test_a_wrong_password_is_told_in_one_sentence(servers: Any) -> None:
    with pytest.raises(Refused) as refused:
        await connect(account(servers.dovecot, servers.authority, password="lifts go down"))
    assert str(refused.value) == (
        f"The mailbox support ({SUPPORT} at 127.0.0.1) refuses the login (AUTHENTICATIONFAILED): "
        "check user and password"
    )


async def test_a_mail_is_kept_byte_for_byte(servers: Any, kept: MailArchive) -> None:
    plain = b"From: mei@callout.test\nSubject: plain\nMessage-ID: <1@callout.test>\n\nStuck.\n.\n..two\n"
    foreign = "From: Méi <mei@callout.test>\nSubject: 电梯坏了\n\n卡在三楼。\n".encode("gbk", "replace")
    long = b"From: mei@callout.test\nX-Long: " + b"a" * 5000 + b'\n\n"quoted" {17}\n) * OK done\n'
    servers.dovecot.put(SUPPORT, [plain, foreign, long, b"no header at all", b"\n"])
    async with kept.collecting(account(servers.dovecot, servers.authority)):
        found = [await kept.raw(mail) for mail in await kept.count(5)]
    # IMAP's line ends are CR LF, whatever the store's are (RFC 3501, 2.2).
    assert found[:3] == [raw.replace(b"\n", b"\r\n") for raw in (plain, foreign, long)]
    assert found[3].rstrip() == b"no header at all"
    assert found[4].strip() == b""


async def test_of_a_mail_that_is_too_big_the_beginning_is_kept(servers: Any, kept: MailArchive) -> None:
    big = written(1, "Stuck.\n" + "x" * 70 * 60_000)
    servers.dovecot.put(SUPPORT, [big, written(2, "Small.")])
    async with kept.collecting(account(servers.dovecot, servers.authority, max_bytes=1_000_000)):
        first, second = await kept.count(2)
    assert (first.whole, second.whole) == (False, True)
    assert first.size > len(big)
    raw = await kept.raw(first)
    assert len(raw) == 300_000
    assert raw.startswith(b"From: Mei <mei@callout.test>\r\n")


async def test_kept_mails_are_marked_as_read_and_nothing_else_happens_to_them(
    servers: Any, kept: MailArchive
) -> None:
    servers.dovecot.put(SUPPORT, [written(number, "Stuck.") for number in range(3)])
    async with kept.collecting(account(servers.dovecot, servers.authority)):
        await kept.count(3)
        await until(lambda: all(path.name.endswith(":2,S") for path in servers.dovecot.letters(SUPPORT)))
    assert len(servers.dovecot.letters(SUPPORT)) == 3


async def test_kept_mails_are_moved_to_the_folder_that_is_set(servers: Any, kept: MailArchive) -> None:
    servers.dovecot.put(SUPPORT, [written(number, "Stuck.") for number in range(3)])
    async with kept.collecting(account(servers.dovecot, servers.authority, done_folder="Callout/Done")):
        await kept.count(3)
        await until(lambda: len(servers.dovecot.letters(SUPPORT, "Callout/Done")) == 3)
        await asyncio.to_thread(servers.postfix.submit, MEI, SUPPORT, written(4, "Stuck again."))
        await kept.count(4)
        await until(lambda: len(servers.dovecot.letters(SUPPORT, "Callout/Done")) == 4)
        await until(lambda: not servers.dovecot.letters(SUPPORT))
    assert await kept.rows() == 4


async def test_a_renumbered_mailbox_doubles_nothing_and_hides_nothing(
    servers: Any, kept: MailArchive
) -> None:
    nameless = b"From: mei@callout.test\nSubject: no id\n\nStuck.\n"
    servers.dovecot.put(SUPPORT, [written(number, "Stuck.") for number in range(20)] + [nameless])
    mailbox = account(servers.dovecot, servers.authority)
    async with kept.collecting(mailbox):
        before = await kept.count(21)
        await until(lambda: all(path.name.endswith(":2,S") for path in servers.dovecot.letters(SUPPORT)))
    await asyncio.to_thread(servers.dovecot.renumber, SUPPORT)
    servers.postfix.submit(MEI, SUPPORT, written(99, "New."))
    await until(lambda: len(servers.dovecot.letters(SUPPORT)) == 22)
    async with kept.collecting(mailbox):
        await kept.count(43)
        await until(lambda: kept.noted("mail.uidvalidity"))
    after = await kept.mails()
    assert len({mail.uidvalidity for mail in after}) == 2
    assert [mail.twin_of for mail in after[21:]].count(None) == 1
    assert await kept.rows() == len(before) + 1


async def test_the_comparison_finds_a_mail_that_was_lost_here(servers: Any, kept: MailArchive) -> None:
    servers.dovecot.put(SUPPORT, [written(number, "Stuck.") for number in range(5)])
    mailbox = account(servers.dovecot, servers.authority)
    async with kept.collecting(mailbox):
        lost = (await kept.count(5))[2]
    assert await kept.collector(mailbox).reconcile() == 0

    with kept.store._engine.begin() as sql:  # behind everybody's back
        sql.exec_driver_sql("DELETE FROM mails WHERE id = ?", (lost.id,))
        sql.exec_driver_sql("DELETE FROM inbox WHERE id = ?", (lost.inbox_id,))
    assert await kept.collector(mailbox).reconcile() == 1
    assert [mail.uid for mail in await kept.mails()].count(lost.uid) == 1
    assert await kept.rows() == 5
    assert kept.noted("mail.missing") == [
        {"n": 1, "first": lost.uid, "account": "support", "folder": "INBOX"}
    ]
    assert await kept.collector(mailbox).reconcile() == 0


async def test_a_server_that_is_started_again_is_found_again(servers: Any, kept: MailArchive) -> None:
    mailbox = account(servers.dovecot, servers.authority)
    async with kept.collecting(mailbox) as collector:
        await until(lambda: kept.noted("mail.compared"))
        await asyncio.to_thread(servers.dovecot.stop)
        servers.postfix.deliver(MEI, SUPPORT, written(1, "While it was away."))
        await until(lambda: collector.trouble)
        await asyncio.to_thread(servers.dovecot.start)
        await asyncio.to_thread(servers.postfix.flush)
        await kept.count(1)
        await until(lambda: collector.trouble is None)
    assert await kept.rows() == 1
