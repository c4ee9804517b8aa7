"""The desk: numbers that are not guessed, the same report twice, and the end before the work begins."""

import itertools
import random
from typing import Any

import pytest

from dispatch import correspondence, desk, field, holding
from dispatch.errors import Refusal
from dispatch.letters import Letter
from storage.records.ticket import Hold, Offered, State, Verb


async def refused(house: Any, key: str, command: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Refusal) as no:
        await house.do(command, *args, **kwargs)
    assert no.value.key == key


# --- numbers -------------------------------------------------------------------------------------------------


def test_the_check_digit_is_that_of_iso_7812() -> None:
    assert desk.luhn("7992739871") == 3
    assert desk.luhn("1") == 8


def test_a_slip_of_the_finger_is_no_other_ticket() -> None:
    """One wrong digit, or two neighbours swapped (but for 09 and 90), never gives a valid number."""
    chance = random.Random(4)
    for _ in range(500):
        digits = str(chance.randrange(10_000, 100_000))
        whole = f"{digits}{desk.luhn(digits)}"
        for spot in range(len(whole)):
            for digit in set("0123456789") - {whole[spot]}:
                wrong = whole[:spot] + digit + whole[spot + 1 :]
                assert int(wrong[-1]) != desk.luhn(wrong[:-1])
            swapped = whole[:spot] + whole[spot : spot + 2][::-1] + whole[spot + 2 :]
            if swapped != whole and {*whole[spot : spot + 2]} != {"0", "9"}:
                assert int(swapped[-1]) != desk.luhn(swapped[:-1])


async def test_numbers_do_not_tell_how_many_there_were(house: Any) -> None:
    numbers = [int(((await house.reported()).number or "").removeprefix("T-")) for _ in range(20)]
    assert len(set(numbers)) == 20
    steps = {abs(later - earlier) for earlier, later in itertools.pairwise(numbers)}
    assert len(steps) > 15


async def test_the_same_message_gives_the_same_report(house: Any) -> None:
    first = await house.do(desk.open_draft, house.mei, "telegram", "101:7")
    again = await house.do(desk.open_draft, house.mei, "telegram", "101:7")
    assert again.id == first.id
    await refused(house, "report_incomplete", desk.submit, first.id, house.mei)


async def test_a_report_is_sent_once(house: Any) -> None:
    ticket = await house.reported()
    await refused(house, "not_now", desk.submit, ticket.id, house.mei)


# --- giving it to somebody -------------------------------------------------------------------------------------


async def test_a_job_goes_to_the_least_loaded_engineer_on_duty(house: Any) -> None:
    await house.accepted()
    ticket = await house.reported()
    await house.do(desk.auto_offer, ticket.id, house.otto)
    assert await house.holders(ticket) == ["Bo"]


async def test_only_engineers_who_can_be_reached_are_asked(house: Any) -> None:
    ticket = await house.reported()
    await refused(house, "not_an_engineer", desk.offer, ticket.id, house.otto, house.mei.id)
    await house.do(lambda unit: unit.people.reachable("telegram", "201", why="blocked"))
    await refused(house, "engineer_unreachable", desk.offer, ticket.id, house.otto, house.ana.id)


async def test_the_clerk_may_answer_it_himself(house: Any) -> None:
    ticket = await house.offered()
    taken = await house.do(desk.take, ticket.id, house.otto)
    assert (taken.state, taken.owner_id) == (State.ACCEPTED, house.otto.id)
    assert await house.holders(ticket) == []
    await refused(house, "not_now", desk.take, ticket.id, house.otto)


async def test_a_job_taken_from_ana_is_offered_to_bo_and_she_hears_why(house: Any) -> None:
    ticket = await house.accepted()
    await house.do(field.depart, ticket.id, house.ana, 20)
    moved = await house.do(desk.reassign, ticket.id, house.otto, "nearer", house.bo.id)
    assert (moved.state, moved.owner_id, moved.detail, moved.eta_at) == (State.OFFERED, None, None, None)
    (told,) = [job for job in await house.jobs("ana") if job.payload["key"] == "reassigned_away"]
    assert told.payload["facts"]["reason"] == "nearer"
    assert "looking_again" in await house.heard("mei")
    await refused(house, "not_yours", field.arrive, ticket.id, house.ana)


async def test_there_is_nothing_to_take_back_from_nobody(house: Any) -> None:
    ticket = await house.reported()
    await refused(house, "not_now", desk.reassign, ticket.id, house.otto, "why not")
    await refused(house, "not_yours", desk.reassign, ticket.id, house.nora, "why not")


# --- the same report twice ---------------------------------------------------------------------------------------


async def test_a_duplicate_ends_and_its_messages_go_to_the_other(house: Any) -> None:
    first, second = await house.accepted(), await house.reported()
    letter = Letter("telegram", "101", "77", "text", "It also smells")
    await house.do(correspondence.receive, letter, house.mei, second)
    ended = await house.do(desk.duplicate, second.id, house.otto, first.id)
    assert (ended.state, ended.duplicate_of) == (State.CANCELLED, first.id)
    entries = await house.ask(lambda unit: unit.messages.of_ticket(first.id))
    assert "It also smells" in [entry.text for entry in entries]
    assert "duplicate" in await house.heard("mei")
    await refused(house, "duplicate_of_itself", desk.duplicate, first.id, house.otto, first.id)
    await refused(house, "duplicate_of_itself", desk.duplicate, first.id, house.otto, second.id)


# --- ending it early ------------------------------------------------------------------------------------------------


async def test_the_customer_cancels_until_the_engineer_is_on_the_way(house: Any) -> None:
    ticket = await house.offered()
    ended = await house.do(desk.cancel, ticket.id, house.mei, "solved_itself")
    assert (ended.state, ended.reason) == (State.CANCELLED, "solved_itself")
    assert await house.holders(ticket) == []
    assert "cancelled" in await house.heard("otto")
    going = await house.accepted()
    await house.do(field.depart, going.id, house.ana, 20)
    await refused(house, "already_on_the_way", desk.cancel, going.id, house.mei, "mistake")
    await house.do(holding.hold, going.id, house.ana, Hold.NO_ACCESS)
    await refused(house, "already_on_the_way", desk.cancel, going.id, house.mei, "mistake")
    await house.do(desk.cancel, going.id, house.otto, "mistake")
    assert "cancelled" in await house.heard("ana")
    assert "cancelled_customer" in await house.heard("mei")


async def test_what_is_cancelled_is_nobodys_job_any_more(house: Any) -> None:
    ticket = await house.accepted()
    await house.do(desk.cancel, ticket.id, house.otto, "not_ours")
    offers = await house.ask(lambda unit: unit.tickets.offers(ticket.id))
    assert [offer.status for offer in offers] == [Offered.LEFT]
    assert await house.ask(lambda unit: unit.tickets.owned_by(house.ana.id)) == ()
    for verb in (field.arrive, field.start_remote):
        with pytest.raises(Refusal):
            await house.do(verb, ticket.id, house.ana)


async def test_an_urgent_job_is_put_on_hold_by_the_office_only(house: Any) -> None:
    ticket = await house.accepted("danger")
    await refused(house, "urgent_hold", holding.hold, ticket.id, house.ana, Hold.WAITING_PARTS)
    held = await house.do(holding.hold, ticket.id, house.otto, Hold.WAITING_PARTS)
    assert held.state is State.ON_HOLD


async def test_a_customers_answer_ends_waiting_for_him(house: Any) -> None:
    ticket = await house.accepted()
    await house.do(holding.hold, ticket.id, house.ana, Hold.WAITING_CUSTOMER)
    letter = Letter("telegram", "101", "88", "text", "The key is at the gate")
    await house.do(correspondence.receive, letter, house.mei, await house.ticket(ticket.id))
    assert (await house.ticket(ticket.id)).state is State.ACCEPTED
    assert (await house.ask(lambda unit: unit.tickets.journal(ticket.id)))[-1].verb is Verb.RESUME
