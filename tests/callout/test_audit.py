"""`callout audit`: silent about every honest story, and loud about every single thing that must not be (I1-I7)."""

import pytest

from callout.audit import CHECKS
from dispatch import closing, desk, field, holding
from storage.records.ticket import Hold, State

# --- silent ------------------------------------------------------------------------------------------------


async def test_a_ticket_in_every_state_and_a_photo_are_no_breach(auditor):
    do = auditor.archive.do
    await auditor.draft()
    await do(desk.triage, (await auditor.reported()).id, auditor.otto)
    await auditor.reported()
    await auditor.offered()
    await do(holding.hold, (await auditor.accepted()).id, auditor.ana, Hold.WAITING_PARTS)
    await do(field.depart, (await auditor.accepted()).id, auditor.ana, 20)
    await do(desk.cancel, (await auditor.accepted()).id, auditor.otto, "tenant moved out")
    await auditor.completed()
    await auditor.signed()
    disputed = await auditor.completed()
    await do(closing.dispute, disputed.id, auditor.mei, "It stops at floor 2")
    await do(closing.rate, (await auditor.signed()).id, auditor.mei, 5)
    await auditor.photographed()
    await auditor.arrived("Hello", "Lift 3 is stuck")
    await auditor.settle()
    states = {ticket.state for ticket in await auditor.archive.ask(lambda unit: unit.tickets.all())}
    assert states == set(State) - {State.SCHEDULED}
    assert await auditor.breaches() == {}


async def test_a_month_in_which_nobody_answers_is_no_breach(auditor):
    await auditor.draft()
    await auditor.offered()
    await auditor.completed()
    await auditor.signed()
    await auditor.settle()
    for hours in (0.1, 0.2, 1, 23, 24, 24, 24, 24 * 5, 24 * 20):
        await auditor.later(hours=hours)
        assert await auditor.breaches() == {}


@pytest.mark.parametrize("how", ["hands it back", "is relieved"])
async def test_a_job_that_comes_back_to_the_desk_after_an_hour_is_watched_again(auditor, how: str):
    ticket = await auditor.accepted()
    await auditor.later(hours=1)
    if how == "is relieved":
        await auditor.archive.do(desk.reassign, ticket.id, auditor.otto, "called away")
    else:
        await auditor.archive.do(field.hand_back, ticket.id, auditor.ana, "no key")
    await auditor.settle()
    assert await auditor.breaches() == {}
    waiting = await auditor.archive.ask(lambda unit: unit.plans.of_ticket(ticket.id))
    assert [line.kind for line in waiting if line.fired_at is None] == ["t1_dispatch", "t1_manager"]


# --- loud --------------------------------------------------------------------------------------------------

BROKEN = {
    "a state nobody knows": ("reported", "UPDATE tickets SET state = 'lost'", "states"),
    "a detail of another state": ("reported", "UPDATE tickets SET detail = 'on_site'", "details"),
    "work without how it is done": ("accepted", "UPDATE tickets SET state = 'in_progress'", "details"),
    "a field the journal does not know": ("reported", "UPDATE tickets SET phone = '0'", "journal"),
    "a state the journal does not know": ("accepted", "UPDATE tickets SET state = 'triaged'", "journal"),
    "a row of the journal that is gone": ("accepted", "DELETE FROM ticket_events WHERE seq = 2", "journal"),
    "the last row of the journal gone": (
        "accepted",
        "DELETE FROM ticket_events WHERE verb = 'accept'",
        "journal",
    ),
    "a step the table does not know": (
        "accepted",
        "UPDATE ticket_events SET to_state = 'closed' WHERE verb = 'accept'",
        "journal",
    ),
    "a step by somebody who may not": (
        "accepted",
        "UPDATE ticket_events SET party = 'stranger' WHERE verb = 'accept'",
        "journal",
    ),
    "a journal that is no JSON": (
        "accepted",
        "UPDATE ticket_events SET changes = '{' WHERE seq = 3",
        "journal",
    ),
    "an owner who has not accepted": ("accepted", "UPDATE tickets SET owner_id = 3", "owner"),
    "a job nobody holds": ("accepted", "UPDATE assignments SET status = 'left'", "owner"),
    "an owner before any offer": ("reported", "UPDATE tickets SET owner_id = 2", "owner"),
    "an offer that ended by itself": ("offered", "UPDATE assignments SET status = 'expired'", "offers"),
    "a report nobody looks at": ("reported", "DELETE FROM deadlines", "silence"),
    "a completion nobody is asked about": ("completed", "DELETE FROM signoffs", "signature"),
    "a question about no signature": ("completed", "UPDATE signoffs SET status = 'disputed'", "signature"),
    "a signature nobody gave": ("signed", "UPDATE signoffs SET status = 'requested'", "signature"),
    "a report changed after signing": ("signed", "UPDATE reports SET body = '{}'", "hashes"),
    "another report under the signature": ("signed", "UPDATE signoffs SET report_hash = 'f00'", "hashes"),
    "a hash and a report changed together": (
        "signed",
        "UPDATE reports SET body = '{}', hash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'",
        "hashes",
    ),
    "a signed job nobody is asked about": ("signed", "DELETE FROM ratings", "rating"),
    "a report signed twice": (
        "signed",
        "INSERT INTO signoffs (ticket_id, report_id, status, report_hash, requested_at) "
        "SELECT ticket_id, report_id, status, report_hash, requested_at FROM signoffs",
        "effects",
    ),
    "a customer who is not there": ("reported", "UPDATE tickets SET customer_id = 99", "database"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_ticket_that_is_wrong_is_named(auditor, what: str):
    story, sql, check = BROKEN[what]
    ticket = await getattr(auditor, story)()
    await auditor.draft()
    await auditor.settle()
    assert await auditor.breaches() == {}
    column = "id" if "UPDATE tickets" in sql else "ticket_id"
    auditor.break_(f"{sql} {'AND' if ' WHERE ' in sql else 'WHERE'} {column} = ?", ticket.id)
    found = await auditor.breaches()
    assert check in found, found
    assert all(
        line.startswith(("database: tickets 1 ", ticket.number)) for lines in found.values() for line in lines
    )


async def test_at_the_command_line_a_breach_is_told_by_number_and_the_code_is_1(shop, auditor):
    # The clock of the archive stands in the past, so nothing may be waiting.
    ticket = await auditor.signed()
    await auditor.settle()
    auditor.break_("UPDATE deadlines SET fired_at = due_at")
    ended = await shop.callout("audit")
    assert ended.code == 0, ended.out
    assert len(ended.out.splitlines()) == len(CHECKS)
    assert all(line.startswith("ok ") for line in ended.out.splitlines())
    auditor.break_("UPDATE tickets SET phone = '0' WHERE id = ?", ticket.id)
    ended = await shop.callout("audit")
    assert ended.code == 1
    assert f"{ticket.number}: phone is '0', but the journal tells None" in ended.out
    ended = await shop.callout("audit", "--json")
    (broken,) = [line for line in ended.json if line["breaches"]]
    assert (ended.code, broken["check"], broken["breaches"][0]["where"]) == (1, "journal", ticket.number)
