"""Clocks that jump, alarms that race, and deadlines of states already left (F14, G7)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from dispatch import deadlines, field
from storage.records.plan import Due
from storage.records.ticket import Verb

LIVES: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "reported": lambda house: house.reported(),
    "offered": lambda house: house.offered(),
    "completed": lambda house: house.completed(),
    "signed": lambda house: house.signed(),
    "rated": lambda house: house.rated(5),
    "draft": lambda house: house.draft(),
}


@pytest.mark.parametrize("life", LIVES)
async def test_a_clock_set_back_makes_nothing_happen_twice(house: Any, life: str) -> None:
    await LIVES[life](house)
    await house.pass_time(hours=25)
    before = await everything_said(house)
    house.clock.step(-3600 * 24)
    await house.look()
    house.clock.step(3600 * 24)
    await house.look()
    assert await everything_said(house) == before


@pytest.mark.parametrize("life", LIVES)
async def test_a_clock_thirty_days_ahead_fires_each_deadline_once(house: Any, life: str) -> None:
    await LIVES[life](house)
    await house.pass_time(days=30)
    plans = await house.ask(lambda unit: [p for t in unit.tickets.all() for p in unit.plans.of_ticket(t.id)])
    assert all(plan.fired_at for plan in plans if plan.due_at <= house.clock.now())
    before = await everything_said(house)
    await house.look()
    await house.pass_time(seconds=1)
    assert await everything_said(house) == before
    assert len(set(before)) == len(before)


async def everything_said(house: Any) -> list[str]:
    return [job.key for job in await house.ask(lambda unit: unit.outbox.recent(10_000))]


async def test_a_deadline_of_a_state_already_left_is_moot(house: Any) -> None:
    """Another worker read it while it was due; by the time it fires, the ticket has moved on."""
    ticket = await house.offered()
    house.clock.advance(60 * 10)
    due = await house.ask(lambda unit: unit.plans.due(10))
    assert {deadline.kind for deadline in due} >= {Due.OFFER_REMIND, Due.OFFER_EXPIRE}
    await house.do(field.accept, ticket.id, house.ana, await house.offer_of(ticket, house.ana))
    before = await everything_said(house)
    outcomes = [await house.do(deadlines.fire, deadline) for deadline in due]
    assert set(outcomes) <= {"moot", "taken"}
    assert await everything_said(house) == before
    journal = await house.ask(lambda unit: unit.tickets.journal(ticket.id))
    assert journal[-1].verb is Verb.ACCEPT


async def test_two_alarm_clocks_fire_one_deadline_once(house: Any) -> None:
    await house.reported()
    house.clock.advance(timedelta(minutes=10))
    (deadline,) = await house.ask(lambda unit: unit.plans.due(10))
    assert await house.do(deadlines.fire, deadline) == "fired"
    assert await house.do(deadlines.fire, deadline) == "taken"
    assert await house.heard("otto") == ["not_dispatched"]
