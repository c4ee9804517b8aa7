"""What becomes of a mail the moment it is fetched: kept once with one inbox row, and recognised when seen again."""

import json
import random
import time
from typing import Any

import pytest

from intake import mailroom
from intake.envelope import ANGLED, BARE, BLANK, END, FOLDED, envelope
from intake.mailroom import Place, fetched

PLACE = Place("post", "INBOX", 7, 0)


def mail(
    number: int = 1, *, ident: str | None = "1@example.net", text: str = "The pump leaks.", trace: str = ""
) -> bytes:
    head = f"Message-ID: <{ident}>\r\n" if ident else ""
    return (
        f"{trace}From: Mei <Mei@Example.net>\r\n{head}Date: Mon, 5 Jan 2026 08:00:00 +0000\r\n"
        f"Subject: pump {number}\r\n\r\n{text}\r\n"
    ).encode()


def rows(unit):
    return [
        (row.source, row.outside_id, row.lane, json.loads(row.raw))
        for row in unit.inbox.claim("t", mailroom.DAY, 99)
    ]


async def test_a_mail_is_kept_raw_with_the_one_row_that_handles_it(archive: Any):
    raw = mail(trace="Received: by us\r\n") + b"\x00\xff"
    new = await archive.do(mailroom.keep, fetched(PLACE, 12, raw, 999))
    again = await archive.do(mailroom.keep, fetched(PLACE, 12, raw, 999))
    assert (new, again) == (True, False)
    kept = await archive.ask(lambda unit: unit.mails.at("post", "INBOX", 7, 12))
    assert await archive.ask(lambda unit: unit.mails.raw(kept.id)) == raw
    assert (kept.message_id, kept.size, kept.whole, kept.twin_of) == ("1@example.net", 999, True, None)
    assert await archive.do(rows) == [("mail:post", "INBOX:7:12", "mail:mei@example.net", {"mail": kept.id})]
    assert (await archive.ask(lambda unit: unit.mails.by_inbox(kept.inbox_id))) == kept


async def test_the_same_mail_twice_is_a_twin_and_handled_once(archive: Any):
    first = mail(trace="Received: from a\r\nX-Spam: no\r\n")
    second = mail(trace="Received: from b\r\n\tby c\r\nDKIM-Signature: v=1\r\nDelivered-To: x@y.z\r\n")
    taken = await archive.do(
        mailroom.take, PLACE, [fetched(PLACE, 1, first, 1), fetched(PLACE, 2, second, 1)], 2
    )
    assert taken.new == 1
    assert taken.twins == ((taken.keys[2], taken.keys[1]),)
    twin = await archive.ask(lambda unit: unit.mails.get(taken.keys[2]))
    assert (twin.twin_of, twin.inbox_id) == (taken.keys[1], None)
    assert len(await archive.do(rows)) == 1


@pytest.mark.parametrize(
    "other",
    [
        mail(text="Another text."),
        mail(2),
        mail().replace(b"Mei@", b"eve@"),
        mail().replace(b"\r\n\r\n", b"\r\nContent-Type: text/html\r\n\r\n"),
    ],
)
async def test_a_used_message_id_suppresses_no_other_mail(archive: Any, other: bytes):
    assert await archive.do(mailroom.keep, fetched(PLACE, 1, mail(), 1))
    assert await archive.do(mailroom.keep, fetched(PLACE, 2, other, 1))
    assert len(await archive.ask(lambda unit: unit.mails.recent())) == 2


async def test_equal_mails_without_message_id_are_two(archive: Any):
    raw = mail(ident=None)
    assert await archive.do(mailroom.keep, fetched(PLACE, 1, raw, 1))
    assert await archive.do(mailroom.keep, fetched(PLACE, 2, raw, 1))


async def test_after_another_uidvalidity_every_known_mail_is_recognised_once(archive: Any):
    nameless, named = mail(ident=None), mail()
    for uid, raw in enumerate([nameless, nameless, named], 1):
        await archive.do(mailroom.keep, fetched(PLACE, uid, raw, 1))
    for validity in (8, 9):
        place = Place("post", "INBOX", validity, 0, 0, 5)
        found = [nameless, named, nameless, named, nameless]
        taken = await archive.do(
            mailroom.take, place, [fetched(place, uid, raw, 1) for uid, raw in enumerate(found, 1)], 5
        )
        # Under 8 a third nameless one is new; under 9 it is known like the others.
        assert (taken.new, len(taken.twins)) == ((1, 4) if validity == 8 else (0, 5))
    assert await archive.ask(lambda unit: unit.inbox.counts()) == {"new": 4}
    late = Place("post", "INBOX", 9, 5, 0, 5)
    assert await archive.do(mailroom.keep, fetched(late, 6, nameless, 1))
    other = Place("post", "Other", 9, 0, 0, 5)
    assert await archive.do(mailroom.keep, fetched(other, 1, nameless, 1), rescan=True)


async def test_the_cursor_moves_with_the_mails_or_not_at_all(archive: Any):
    await archive.do(mailroom.begin, "post", "INBOX", 7, 0, 0)

    def half(unit):
        mailroom.take(unit, PLACE, [fetched(PLACE, 1, mail(), 1)], 1)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        await archive.do(half)
    assert (await archive.ask(mailroom.resume, "post", "INBOX", 7)).last == 0
    assert await archive.ask(lambda unit: unit.mails.recent()) == ()
    await archive.do(mailroom.take, PLACE, [fetched(PLACE, 1, mail(), 1)], 4)
    assert (await archive.ask(mailroom.resume, "post", "INBOX", 7)).last == 4
    assert await archive.ask(mailroom.resume, "post", "INBOX", 8) is None
    assert await archive.ask(mailroom.missing, Place("post", "INBOX", 7, 4, 0), [1, 2, 4, 5]) == (2, 4)


@pytest.mark.parametrize(
    ("field", "sender"),
    [
        ("From: Mei <MEI@example.NET>", "mei@example.net"),
        ("FROM:\tmei@example.net", "mei@example.net"),
        ('From: "mei@bank.example" <eve@evil.example>', "eve@evil.example"),
        ("From: =?gb2312?B?wu0=?=\r\n <mei@example.net>", "mei@example.net"),
        ("From: mei@example.net (Mei)", "mei@example.net"),
        ("From : <mei@example.net>", "mei@example.net"),
        ("From: undisclosed", ""),
        ("From: <>", ""),
        ("From: <" + "a" * 400 + "@example.net>", ""),
        ('From: "', ""),
        ("Subject: x", ""),
    ],
)
def test_the_senders_address_is_the_lane(field: str, sender: str):
    assert envelope(f"Received: x\r\n{field}\r\n\r\nFrom: no@where.example".encode()).sender == sender


def test_no_bytes_whatever_stop_the_mailroom():
    chance = random.Random(3)
    pieces = [
        b"\r\n",
        b"\n",
        b"From:",
        b"<",
        b">",
        b"@",
        b"a",
        b"Message-ID:",
        b"\x00",
        b"\xff",
        b" ",
        b"\r",
        b":",
    ]
    for _ in range(3000):
        raw = b"".join(chance.choice(pieces) for _ in range(chance.randrange(40)))
        seal = envelope(raw)
        assert len(seal.digest) == 64
        assert seal.sender.isprintable()
        assert not any(char.isspace() for char in seal.sender + seal.message_id)
    for huge in (
        b"a" * 3_000_000,
        b"From: " + b"<" * 2_000_000,
        b"\n" * 300_000,
        b"x:" * 900_000,
        b"x: y\r\n" * 200_000,
    ):
        assert envelope(huge).digest


def test_no_pattern_takes_long_over_anything():
    for pattern in (ANGLED, BARE, BLANK, END, FOLDED):
        for pump in ("a", "<", "<a", "a@", "@", " ", "\r\n", "\r", "\n ", "a.", "a b", ":", "a:"):
            text = (pump * (100_000 // len(pump))) + "!"
            subject = text if isinstance(pattern.pattern, str) else text.encode()
            begun = time.process_time()
            for _ in pattern.finditer(subject):
                pass
            assert time.process_time() - begun < 0.05, (pattern.pattern, pump)
