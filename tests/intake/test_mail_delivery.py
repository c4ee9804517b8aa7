"""Letters on their whole way: slow domains, files of the archive, and the outbox with every fault on the line."""

import asyncio
import email
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_house import POLICY, MailHouse, open_store
from mail_post import Post, failure, parcel
from smtp_script import DROP, ScriptedServer

from callout.clock import HandClock
from dispatch import addresses, telling
from dispatch.delivery import Delivery
from dispatch.parcels import Parcel
from dispatch.ports import Receipt, Undelivered
from intake.domains import Domains
from storage.records.message import Audience, Entry, EntryFile, FileState, Sending
from storage.unit import UnitOfWork

VERBS = ("mail", "rcpt", "data", "dot")


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as listening:
        yield listening


# --- slow domains --------------------------------------------------------------------------------------------------


async def test_a_slow_domain_holds_up_nobody_else(server: ScriptedServer) -> None:
    server.order("rcpt", 0.5, times=100, to="@slow.example")
    async with Post(server, domains=Domains(at_once=2)) as sender:
        slow = [asyncio.ensure_future(sender.send(parcel(f"p{n}@slow.example", number=n))) for n in range(6)]
        await asyncio.sleep(0.1)
        before = asyncio.get_running_loop().time()
        await sender.send(parcel("mei@customer.example", number=99))
        assert asyncio.get_running_loop().time() - before < 0.3
        results = await asyncio.gather(*slow, return_exceptions=True)
    turned_away = [each for each in results if isinstance(each, Undelivered)]
    assert len(turned_away) == 4 and all(2 <= (each.retry_after or 0) < 3 for each in turned_away)
    assert not any(each.ambiguous or each.forever for each in turned_away)
    assert server.most_at_once["slow.example"] == 2


def test_a_crowd_before_a_slow_domain_knocks_less_often() -> None:
    domains = Domains(at_once=1)
    assert domains.enter("a.example", 0) is None
    waits = [domains.enter("a.example", number) for number in range(1, 1000)]
    assert waits[0] == 2 and waits[-1] == 60
    domains.leave("a.example")
    assert domains.enter("a.example", 5) is None
    assert 5 not in domains.waiting["a.example"]


# --- files ---------------------------------------------------------------------------------------------------------


def relayed(*files: EntryFile, age: timedelta = timedelta(0)) -> Parcel:
    now = datetime.now(UTC)
    entry = Entry(
        3, None, None, Audience.ALL, "text", "Look", {}, "telegram", "1", "1", None, None, now, None, files
    )
    base = parcel()
    job = replace(base.job, kind="relay", payload={"entry": 3}, created_at=now - age)
    return replace(base, job=job, entry=entry)


def stored(number: int, name: str, state: FileState = FileState.STORED, size: int | None = 4) -> EntryFile:
    return EntryFile(
        number, 3, number, "photo", f"r{number}", name, "image/jpeg", size, state, f"{number:064x}"
    )


async def test_files_of_the_archive_go_along(server: ScriptedServer) -> None:
    held = {f"{1:064x}": b"\xff\xd8\xff\xe0", f"{4:064x}": bytes(18 * 1024 * 1024)}
    files = (
        stored(1, "door.jpg"),
        stored(2, "gone.jpg"),
        stored(3, "huge.mp4", FileState.TOO_BIG),
        stored(4, "big.mp4", size=None),
        stored(5, "named big.mp4", size=30_000_000),
        stored(6, "failed.jpg", FileState.FAILED),
    )
    async with Post(server, fetch=lambda digest: _held(held, digest)) as sender:
        await sender.send(relayed(*files))
    message = email.message_from_bytes(server.taken[0].raw)
    assert [part.get_filename() for part in message.walk() if part.get_filename()] == ["door.jpg"]
    (text, *_) = message.get_payload()[0].get_payload()
    said = text.get_payload(decode=True).decode()
    assert "could not be fetched: gone.jpg, failed.jpg" in said
    assert "too large for a letter: huge.mp4, big.mp4, named big.mp4" in said


def _held(held: dict[str, bytes], digest: str) -> bytes:
    if digest not in held:
        raise FileNotFoundError(digest)
    return held[digest]


async def test_a_letter_waits_some_minutes_for_its_files_then_says_what_is_missing(
    server: ScriptedServer,
) -> None:
    late = stored(1, "late.jpg", FileState.WAITING)
    async with Post(server) as sender:
        waits = await failure(sender, relayed(late))
        assert waits.retry_after == 5 and not (waits.everywhere or waits.forever or waits.ambiguous)
        await sender.send(relayed(late, age=timedelta(minutes=6)))
    text = email.message_from_bytes(server.taken[0].raw).get_payload()[0].get_payload(decode=True).decode()
    assert "could not be fetched: late.jpg" in text


async def test_what_only_a_chat_can_show_is_not_sent_by_mail(server: ScriptedServer) -> None:
    async with Post(server) as sender:
        for kind in ("pin", "retire", "react", "answer", "say_edit"):
            assert await sender.send(replace(parcel(), job=replace(parcel().job, kind=kind))) == Receipt()
    assert server.taken == [] and server.sessions == 0


async def test_without_an_address_of_our_own_nothing_is_lost(server: ScriptedServer) -> None:
    async with Post(server) as sender:
        refused = await failure(sender, replace(parcel(), policy=replace(POLICY, mail="")))
        assert refused.everywhere and "own mail address" in sender.trouble


# --- the whole way: outbox, delivery, server (F10) -----------------------------------------------------------------

FAULTS = [
    *((verb, reply, {}) for verb in VERBS for reply in ("451 later", DROP) if verb != "dot"),
    ("text", DROP, {}),
    ("dot", "451 later", {}),
    ("dot", DROP, {"keeps": True}),
    ("dot", DROP, {}),
    ("connect", DROP, {}),
    ("ehlo", DROP, {}),
    ("rset", DROP, {}),
    ("dot", DROP, {"keeps": True}),
]


async def test_every_letter_arrives_and_twice_only_when_the_line_broke_after_the_dot(
    tmp_path: Path, clock: HandClock, server: ScriptedServer
) -> None:
    many = 40
    async with open_store(tmp_path, clock).open() as store:
        house = MailHouse(store, clock)
        await house.hire()
        await house.do(plan, many)
        for number, (verb, does, more) in enumerate(FAULTS):
            server.order(
                verb, does, to=f"{number}@customer{number % 5}.example" if verb == "dot" else "", **more
            )
        async with Post(server, settings={"timeout": 0.5}, domains=Domains(at_once=2)) as sender:
            delivery = Delivery(store, {"mail": sender}, clock, "post")
            for _ in range(200):
                await turn(delivery)
                if await house.do(left) == 0:
                    break
                clock.advance(timedelta(seconds=30))
    arrived: dict[str, list[Any]] = {}
    for mail in server.taken:
        arrived.setdefault(mail.recipient, []).append(email.message_from_bytes(mail.raw))
    assert len(arrived) == many, "each at least once"
    doubled = {to for to, copies in arrived.items() if len(copies) > 1}
    assert len(doubled) == 2, "only where the server took it and hung up after the dot"
    for copies in arrived.values():
        assert len({copy["Message-ID"] for copy in copies}) == 1
        assert len({copy["Date"] for copy in copies}) == 1
    assert len({copies[0]["Message-ID"] for copies in arrived.values()}) == many


def plan(unit: UnitOfWork, many: int) -> None:
    for number in range(many):
        to = addresses.Address("mail", f"p{number}@customer{number % 5}.example", None, None)
        telling.notice(unit, to, "join_refused", f"n{number}")


def left(unit: UnitOfWork) -> int:
    counts = unit.outbox.counts()
    assert not {Sending.UNDELIVERABLE, Sending.UNKNOWN} & set(counts), counts
    return counts.get(Sending.PENDING, 0) + counts.get(Sending.LEASED, 0)


async def turn(delivery: Delivery) -> None:
    """Everything that is due now is tried once."""
    while await delivery.pool.once():
        await delivery.pool.drain()


async def test_a_dead_address_is_flagged_at_the_first_try(
    tmp_path: Path, clock: HandClock, server: ScriptedServer
) -> None:
    async with open_store(tmp_path, clock).open() as store:
        house = MailHouse(store, clock)
        await house.hire()
        server.order("rcpt", "550 5.1.1 no such user", to="mei@customer.example")
        await house.reported()
        async with Post(server) as sender:
            await turn(Delivery(store, {"mail": sender}, clock, "post"))
        contact = await house.do(lambda unit: unit.people.contact(house.mei.id, "mail"))
    assert contact is not None and contact.unreachable_at is not None
    assert "550 5.1.1 no such user" in (contact.unreachable_why or "")
    told = [mail for mail in server.taken if b"cannot be reached" in mail.raw]
    assert [mail.recipient for mail in told] == ["otto@lift.example"]
