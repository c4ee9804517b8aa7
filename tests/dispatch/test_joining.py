"""One person on two channels: joined by a code only, notices where she wants them, the other way when one fails (S16)."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch import desk, field, joining, outcomes, register
from dispatch.errors import Refusal
from dispatch.ports import Receipt, Undelivered
from dispatch.rules.lifecycle import replay
from storage.records.message import Job, Sending
from storage.records.people import Person
from storage.records.ticket import Ticket
from storage.unit import UnitOfWork

MAIL = "mei@example.org"


@pytest.fixture(autouse=True)
def mailing(house: Any) -> None:
    """The organisation takes mail."""
    house.store.policy = replace(house.store.policy, mail="service@example.org")


async def code(house: Any) -> str:
    """What stands in the last mail with a code."""
    jobs = await house.ask(lambda unit: unit.outbox.recent())
    text = next(job.payload["text"] for job in jobs if job.key.startswith("join:"))
    return next(word.strip(".") for word in text.split() if word.strip(".").isdigit())


async def written(house: Any) -> Ticket:
    """A report that came by mail, from a person we did not know to be Mei."""

    def report(unit: UnitOfWork) -> Ticket:
        stranger = register.caller(unit, "mail", MAIL, "M. Lin", "en")
        draft = desk.open_draft(unit, stranger, "mail", "1")
        desk.describe(unit, draft.id, stranger, problem="Lift stuck")
        return desk.submit(unit, draft.id, stranger)

    return await house.do(report)


async def test_with_the_code_from_the_mail_the_address_is_hers(house: Any) -> None:
    await house.do(joining.ask, house.mei, f"  {MAIL.upper()} ")
    assert await house.ask(lambda unit: unit.people.by_address("mail", MAIL)) is None
    await house.do(joining.confirm, house.mei, await code(house))
    found = await house.ask(lambda unit: unit.people.by_address("mail", MAIL))
    assert found and found.id == house.mei.id


async def test_what_she_wrote_by_mail_before_is_hers_and_the_journal_says_so(house: Any) -> None:
    ticket = await written(house)
    await house.do(joining.ask, house.mei, MAIL)
    await house.do(joining.confirm, house.mei, await code(house))
    after = await house.ask(lambda unit: unit.tickets.get(ticket.id))
    assert after.customer_id == house.mei.id and after.state == ticket.state
    journal = await house.ask(lambda unit: unit.tickets.journal(ticket.id))
    assert journal[-1].verb == "adopt" and replay(journal)["customer_id"] == house.mei.id


async def test_a_wrong_code_joins_nothing_and_five_of_them_kill_the_right_one(house: Any) -> None:
    await house.do(joining.ask, house.mei, MAIL)
    right = await code(house)
    for _ in range(joining.WRONG):
        with pytest.raises(Refusal, match="bad_code"):
            await house.do(joining.confirm, house.mei, "000000" if right != "000000" else "000001")
        await house.do(joining.guessed, house.mei)
    with pytest.raises(Refusal, match="bad_code"):
        await house.do(joining.confirm, house.mei, right)


async def test_a_code_is_good_for_the_one_who_asked_for_it_and_for_half_an_hour(house: Any) -> None:
    await house.do(joining.ask, house.mei, MAIL)
    right = await code(house)
    with pytest.raises(Refusal, match="bad_code"):
        await house.do(joining.confirm, house.nora, right)
    house.clock.advance(joining.GOOD_FOR)
    with pytest.raises(Refusal, match="bad_code"):
        await house.do(joining.confirm, house.mei, right)


@pytest.mark.parametrize(
    "address", ["", "mei", "mei@", "a b@example.org", "mei@example.org\nBcc: x@y.z", "mei@localhost"]
)
async def test_what_is_no_address_gets_no_mail(house: Any, address: str) -> None:
    with pytest.raises(Refusal, match="bad_address"):
        await house.do(joining.ask, house.mei, address)


async def test_nobody_mails_codes_to_others_all_day(house: Any) -> None:
    for _ in range(joining.PER_DAY):
        await house.do(joining.ask, house.mei, MAIL)
    for person in (house.mei, house.nora):
        with pytest.raises(Refusal, match="too_many_codes"):
            await house.do(joining.ask, person, MAIL)


async def test_an_address_of_the_staff_is_not_taken_over(house: Any) -> None:
    def engineer(unit: UnitOfWork) -> Person:
        return register.employ(
            unit, register.caller(unit, "mail", MAIL, "Ana", "en"), next(iter(house.ana.roles))
        )

    await house.do(engineer)
    await house.do(joining.ask, house.nora, MAIL)
    with pytest.raises(Refusal, match="belongs_to_staff"):
        await house.do(joining.confirm, house.nora, await code(house))


# --- which way a notice goes -----------------------------------------------------------------------------------


async def joined(house: Any) -> None:
    await house.do(joining.ask, house.mei, MAIL)
    await house.do(joining.confirm, house.mei, await code(house))


async def accepted_notice(house: Any) -> Job:
    ticket = await house.reported()
    await house.do(desk.offer, ticket.id, house.otto, house.ana.id)

    def accept(unit: UnitOfWork) -> Ticket:
        offer = unit.tickets.last_offer(ticket.id, house.ana.id)
        assert offer is not None
        return field.accept(unit, ticket.id, house.ana, offer.id)

    await house.do(accept)
    jobs = await house.ask(lambda unit: unit.outbox.of_ticket(ticket.id))
    return next(job for job in reversed(jobs) if job.payload.get("key") == "accepted")


async def test_notices_go_where_she_wants_them(house: Any) -> None:
    await joined(house)
    with pytest.raises(Refusal, match="no_such_channel"):
        await house.do(joining.prefer, house.nora, "mail")
    await house.do(joining.prefer, house.mei, "mail")
    notice = await accepted_notice(house)
    assert (notice.channel, notice.address) == ("mail", MAIL)
    await house.do(joining.prefer, house.mei, "telegram")
    assert (await accepted_notice(house)).channel == "telegram"


async def test_what_one_way_cannot_carry_takes_the_other_and_the_office_hears(house: Any) -> None:
    await joined(house)
    await house.do(joining.prefer, house.mei, "mail")
    notice = await accepted_notice(house)

    def refused(unit: UnitOfWork) -> Sending:
        """Everything before it leaves well."""
        while True:
            for job in unit.outbox.claim("us", house.store.policy.periods.dispatch, 99):
                if job.id == notice.id:
                    return outcomes.failed(unit, job, Undelivered("no such mailbox", forever=True))
                outcomes.sent(unit, job, Receipt())

    assert await house.do(refused) is Sending.UNDELIVERABLE
    jobs = await house.ask(lambda unit: unit.outbox.recent())
    again = next(job for job in jobs if job.key.startswith(f"{notice.key}:telegram"))
    assert (again.channel, again.address, again.payload["key"]) == ("telegram", "101", "accepted")
    assert any(job.payload.get("key") == "unreachable" and job.address == "301" for job in jobs)
    assert (await house.ask(lambda unit: unit.people.contact(house.mei.id))).channel == "telegram"
