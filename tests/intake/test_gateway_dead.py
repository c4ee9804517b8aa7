"""A mail that nobody can read is never nothing: the office gets it as a file, and it can be handled again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway_house import GatewayHouse, mail
from mail_house import open_store

from callout.clock import HandClock
from dispatch.feed import Feed
from intake.parsing import Parser
from storage.unit import UnitOfWork


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[GatewayHouse]:
    store = open_store(tmp_path, clock)
    async with store.open():
        found = GatewayHouse(store, clock)
        await found.hire()
        await found.open_gateway(tmp_path / "files")
        yield found


async def test_a_mail_whose_reader_gives_up_reaches_the_office_as_a_file(house: GatewayHouse) -> None:
    raw = mail("Lift stuck", sender="li@example.org")
    async with Parser(size=1, patience=0.0005) as parser:
        house.gateway.parser = parser
        outcome = await house.post(raw)
    assert outcome == "its reader does not answer"
    relay = next(parcel for parcel in await house.heard("otto") if parcel.job.kind == "relay")
    assert relay.entry is not None and relay.entry.data["dead"] == outcome
    (file,) = relay.entry.files
    assert file.name == "mail-1.eml" and house.files.get(file.sha256 or "") == raw
    assert await house.tickets() == ()


async def test_a_dead_letter_that_is_handled_again_becomes_its_ticket(house: GatewayHouse) -> None:
    async with Parser(size=1, patience=0.0005) as parser:
        house.gateway.parser, well = parser, house.gateway.parser
        await house.post(mail("Lift stuck", sender="li@example.org"))
    house.gateway.parser = well

    def revive(unit: UnitOfWork) -> bool:
        kept = unit.mails.get(1)
        return unit.inbox.revive(kept.inbox_id or 0)

    assert await house.do(revive)
    await house.post_all([])
    assert [ticket.problem for ticket in await house.tickets()] == ["Lift stuck"]


async def test_what_our_own_code_cannot_handle_is_tried_three_times_and_then_a_dead_letter(
    house: GatewayHouse,
) -> None:
    def broken(_unit: UnitOfWork) -> str:
        raise ZeroDivisionError

    async def read(_row: object) -> object:
        return broken

    house.feed = Feed(house.store, "mail", "gateway", read, bury=house.gateway.bury)  # type: ignore[arg-type]
    await house.post(mail("Lift stuck", sender="li@example.org"))
    for _ in range(4):
        house.clock.advance(2)
        await house.post_all([])
    counts = await house.store.read(lambda unit: unit.inbox.counts())
    assert counts == {"dead": 1}
    assert any(parcel.entry and parcel.entry.files for parcel in await house.heard("otto"))
