"""No loops and no spam relay: machines get no answer, nobody gets many, and a flood stays under the brake (S10, S11)."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from autoresponders import AUTORESPONDERS
from gateway_house import GatewayHouse, mail
from mail_house import POLICY, open_store

from callout.clock import HandClock
from intake.compose import compose
from intake.message import read
from intake.wording import letter
from intake.wording_relays import Files

FORGED = int(os.environ.get("CALLOUT_FORGED", "1000"))
SECRET = "BUY-OUR-PILLS"


@pytest.fixture
async def houses(tmp_path: Path, clock: HandClock) -> AsyncIterator[list[GatewayHouse]]:
    """Two organisations, each with a Callout of its own."""
    async with AsyncExitStack() as stack:
        found = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            policy = replace(POLICY, mail=f"service@{name}.example")
            store = open_store(tmp_path / name, clock, policy)
            await stack.enter_async_context(store.open())
            house = GatewayHouse(store, clock)
            await house.hire()
            await house.open_gateway(tmp_path / name / "files", ours=policy.mail)
            found.append(house)
        yield found


async def leaving(house: GatewayHouse) -> list[tuple[str, bytes]]:
    """(address, bytes) of every letter that leaves now."""
    letters = [letter(parcel, house.clock.now(), Files()) for parcel in await house.parcels()]
    return [(one.to, compose(one)) for one in letters if one is not None]


async def test_two_callouts_write_to_each_other_once_each_and_are_silent(houses: list[GatewayHouse]) -> None:
    one, two = houses
    # Somebody forges a mail from the one to the other, and as if that were not enough, the other way round.
    await two.post(mail("Lift", sender="service@one.example", to="service@two.example"))
    await one.post(mail("Lift", sender="service@two.example", to="service@one.example"))
    sent = {"one": 0, "two": 0}
    for _ in range(10):
        for house, name, other in ((one, "one", two), (two, "two", one)):
            for to, raw in await leaving(house):
                if to.endswith(("one.example", "two.example")):
                    sent[name] += 1
                    outcome = await other.post(raw)
                    assert outcome.startswith("rejected"), outcome
    assert sent == {"one": 1, "two": 1}
    assert [len(await house.tickets()) for house in houses] == [1, 1]


@pytest.mark.parametrize("name", sorted(AUTORESPONDERS))
async def test_a_machine_that_answers_is_acknowledged_once_at_most(
    houses: list[GatewayHouse], name: str
) -> None:
    """It gets our receipt, answers by machine, and hears nothing more, however often it goes on."""
    house, _ = houses
    await house.post(mail("The lift is stuck.", sender="machine@plant.example", to="service@one.example"))
    ours = await house.heard("machine@plant.example")
    assert len(ours) == 1
    for _ in range(4):
        await house.post(AUTORESPONDERS[name](ours[0]))
        assert await house.heard("machine@plant.example") == []
    (ticket,) = await house.tickets()
    assert ticket.state == "received"


@pytest.mark.timeout(600)
async def test_forged_senders_get_no_more_receipts_than_the_brake_allows_and_none_of_their_words(
    houses: list[GatewayHouse],
) -> None:
    house, _ = houses
    for start in range(0, FORGED, 200):
        raws = [
            mail(f"{SECRET} {n}", sender=f"victim{n}@bank.example", to="service@one.example", subject=SECRET)
            for n in range(start, min(start + 200, FORGED))
        ]
        await house.post_all(raws)
    letters = await leaving(house)
    receipts = [raw for to, raw in letters if to.endswith("@bank.example")]
    print(f"{FORGED} forged senders: {len(receipts)} receipts, {len(await house.tickets())} tickets")
    assert len(await house.tickets()) == FORGED
    assert 1 <= len(receipts) <= POLICY.acks_per_minute
    for raw in receipts:
        shown = read(raw)
        assert SECRET not in shown.headers.subject + shown.text + shown.html
    told = [raw for to, raw in letters if to == "otto@lift.example" and b"Very many mails" in raw]
    assert len(told) <= 1
