"""A thousand engineers press Accept at once: one of them owns the job, and every other one hears who does."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from bot.app import feed
from bot.callbacks import Press, key_of, pack
from bot.turn import Chat
from dispatch import desk, field, reception, register
from dispatch.errors import Refusal
from dispatch.reception import Arrival
from dispatch.texts import Phrases
from storage.records.people import Person, Role
from storage.records.ticket import Assignment, Offered, State, Ticket, Verb
from storage.unit import UnitOfWork

CROWD = 1000
KEY = key_of("101:token")


def gather(unit: UnitOfWork, ticket_id: int) -> list[tuple[Person, Assignment]]:
    """A thousand engineers, each holding an open offer of the same ticket."""
    crowd = []
    for number in range(CROWD):
        person = register.caller(unit, "telegram", str(10_000 + number), f"Engineer {number}", "en")
        person = register.employ(unit, person, Role.ENGINEER)
        crowd.append((person, unit.tickets.offer(ticket_id, person.id, 1.0, "chosen")))
    return crowd


async def crowd_of(house: Any) -> tuple[Ticket, list[tuple[Person, Assignment]]]:
    ticket = await house.offered()
    crowd = await house.do(gather, ticket.id)
    return await house.do(desk.triage, ticket.id, house.otto, impact=1), crowd


async def the_one_owner(house: Any, ticket: Ticket) -> tuple[Person, Assignment]:
    """The owner, after looking that everything in the archive agrees that there is one only."""

    def look(unit: UnitOfWork) -> tuple[Person, Assignment]:
        now = unit.tickets.get(ticket.id)
        (mine,) = unit.tickets.offers(ticket.id, Offered.ACCEPTED)
        assert now.state is State.ACCEPTED
        assert now.owner_id == mine.engineer_id
        assert not unit.tickets.offers(ticket.id, Offered.OFFERED)
        assert [row.verb for row in unit.tickets.journal(ticket.id)].count(Verb.ACCEPT) == 1
        told = [job for job in unit.outbox.of_ticket(ticket.id) if job.payload.get("key") == "accepted"]
        assert len(told) == 1
        return unit.people.get(mine.engineer_id), mine

    found: tuple[Person, Assignment] = await house.ask(look)
    return found


@pytest.mark.timeout(300)
async def test_of_a_thousand_acceptances_at_once_one_wins_and_the_others_hear_who(house: Any) -> None:
    ticket, crowd = await crowd_of(house)
    began = time.perf_counter()
    outcomes = await asyncio.gather(
        *(house.store.write(field.accept, ticket.id, person, offer.id) for person, offer in crowd),
        return_exceptions=True,
    )
    print(f"{CROWD} acceptances at once: {time.perf_counter() - began:.2f} s")

    owner, mine = await the_one_owner(house, ticket)
    won = [
        person for (person, _), outcome in zip(crowd, outcomes, strict=True) if isinstance(outcome, Ticket)
    ]
    assert [person.id for person in won] == [owner.id]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(refusals) == CROWD - 1
    assert {(no.key, no.facts["name"], no.facts["at"]) for no in refusals} == {
        ("taken_by", owner.name, mine.answered_at)
    }


def pressed(number: int, person: Person, ticket: Ticket, offer: Assignment) -> Arrival:
    """A real update of a real button, as Telegram sends it."""
    address = 10_000 + number
    chat = {"id": address, "type": "private", "first_name": person.name}
    update = {
        "update_id": 500 + number,
        "callback_query": {
            "id": f"query-{number}",
            "from": {"id": address, "is_bot": False, "first_name": person.name, "language_code": "en"},
            "chat_instance": "1",
            "message": {"message_id": 1, "date": 1767600000, "chat": chat, "text": "A job"},
            "data": pack(KEY, str(address), Press("ac", ticket.id, offer.id)),
        },
    }
    return Arrival("telegram:1", str(500 + number), str(address), json.dumps(update))


@pytest.mark.timeout(600)
async def test_of_a_thousand_presses_one_wins_and_every_other_presser_reads_the_owners_name(
    house: Any,
) -> None:
    ticket, crowd = await crowd_of(house)
    arrivals = [pressed(n, person, ticket, offer) for n, (person, offer) in enumerate(crowd)]
    assert await house.do(reception.keep, arrivals) == CROWD
    bugs: list[Any] = []

    def note(event: str, **facts: Any) -> None:
        if event != "inbox.done":
            bugs.append((event, facts))

    chat = Chat(KEY, 20 << 20)
    presses = feed(house.store, lambda: chat, "feed", workers=64, lease=timedelta(minutes=10), note=note)
    began = time.perf_counter()
    while await presses.pool.once():
        pass
    await presses.pool.drain()
    print(f"{CROWD} presses through the bot: {time.perf_counter() - began:.2f} s")

    assert not bugs
    owner, mine = await the_one_owner(house, ticket)
    phrases = Phrases("en", house.store.policy.zone, house.clock.now())
    truth = phrases.say("refusal.taken_by", name=owner.name, at=mine.answered_at)
    said = {
        job.payload["query"]: (job.address, job.payload["text"])
        for job in await house.ask(lambda unit: unit.outbox.recent(10_000))
        if job.kind == "answer"
    }
    assert len(said) == CROWD
    winners = [address for address, text in said.values() if text != truth]
    contact = await house.ask(lambda unit: unit.people.contact(owner.id))
    assert winners == [contact.address]
    assert sum(text == truth for _, text in said.values()) == CROWD - 1
    assert truth == f"Taken by {owner.name} at 08:00."
