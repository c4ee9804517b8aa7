"""The customer closes the ticket: signing, objecting, rating, and what follows a bad grade."""

from datetime import timedelta

import pytest

from dispatch import closing, correspondence, deadlines, desk, field
from dispatch.errors import Refusal
from dispatch.letters import Letter, Part
from storage.records.plan import Due
from storage.records.ticket import Kind, Mode, RatingState, Signing, State, Work

CHAT = ("telegram", "101")


async def completed(archive, cast, urgency="stopped"):
    """Mei's report that Ana has been to and completed."""

    def play(unit):
        mei, ana, otto = cast["mei"], cast["ana"], cast["otto"]
        draft = desk.open_draft(unit, mei, "telegram", f"101:{unit.chance.random()}")
        desk.describe(unit, draft.id, mei, problem="Lift 3 is stuck", place="12 Harbour Street")
        desk.say_urgency(unit, draft.id, mei, urgency)
        ticket = desk.submit(unit, draft.id, mei)
        desk.offer(unit, ticket.id, otto, ana.id)
        offer = unit.tickets.last_offer(ticket.id, ana.id)
        field.accept(unit, ticket.id, ana, offer.id)
        field.arrive(unit, ticket.id, ana)
        return finish(unit, ticket.id, ana)

    return await archive.do(play)


def finish(unit, ticket_id, ana, cause="Door contact worn"):
    return field.complete(
        unit, ticket_id, ana, cause=cause, action="Replaced", mode=Mode.ON_SITE, parts="none", tested=True
    )


async def refusal(archive, command, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        await archive.do(command, *args, **kwargs)
    return refused.value.key


async def test_the_evidence_says_who_where_when_and_what(archive, cast, clock):
    """P17.4"""
    ticket = await completed(archive, cast)
    report = await archive.ask(lambda unit: unit.tickets.last_report(ticket.id))
    clock.advance(60)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT, report.id)
    signed = await archive.ask(lambda unit: unit.tickets.last_signoff(ticket.id))
    assert (signed.status, signed.person_id, signed.channel, signed.address) == (
        Signing.CONFIRMED,
        cast["mei"].id,
        *CHAT,
    )
    assert signed.answered_at == clock.now()
    assert signed.report_hash == report.hash == field.fingerprint(report.body)


async def test_only_the_customer_signs_and_the_office_needs_a_scan(archive, cast):
    """P11.4"""
    ticket = await completed(archive, cast)
    assert await refusal(archive, closing.confirm, ticket.id, cast["nora"], "telegram", "401") == "not_yours"
    assert await refusal(archive, closing.confirm, ticket.id, cast["ana"], "telegram", "201") == "not_yours"
    assert (
        await refusal(archive, closing.confirm, ticket.id, cast["otto"], "telegram", "301") == "scan_needed"
    )
    await archive.do(closing.confirm, ticket.id, cast["otto"], "telegram", "301", evidence="entry 7")
    signed = await archive.ask(lambda unit: unit.tickets.last_signoff(ticket.id))
    assert (signed.person_id, signed.evidence) == (cast["otto"].id, "entry 7")


async def test_a_signature_counts_for_the_version_that_was_shown(archive, cast):
    ticket = await completed(archive, cast)
    first = await archive.ask(lambda unit: unit.tickets.last_report(ticket.id))
    await archive.do(closing.dispute, ticket.id, cast["mei"], "still stuck", first.id)

    def again(unit):
        field.arrive(unit, ticket.id, cast["ana"])
        return finish(unit, ticket.id, cast["ana"], "Encoder dirty")

    await archive.do(again)
    assert (
        await refusal(archive, closing.confirm, ticket.id, cast["mei"], *CHAT, first.id) == "report_outdated"
    )
    second = await archive.ask(lambda unit: unit.tickets.last_report(ticket.id))
    assert (second.version, second.hash == first.hash) == (2, False)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT, second.id)
    assert (
        await refusal(archive, closing.confirm, ticket.id, cast["mei"], *CHAT, second.id) == "already_signed"
    )


async def test_not_fixed_goes_back_to_the_same_engineer_and_the_manager_hears_why(archive, cast):
    ticket = await completed(archive, cast)
    back = await archive.do(closing.dispute, ticket.id, cast["mei"], "It stops at floor 2")
    assert (back.state, back.detail, back.owner_id, back.disputes) == (
        State.IN_PROGRESS,
        Work.DISPUTED,
        cast["ana"].id,
        1,
    )
    told = await archive.ask(
        lambda unit: {(job.payload.get("key"), job.address) for job in unit.outbox.of_ticket(ticket.id)}
    )
    assert {("disputed", "301"), ("disputed_owner", "201")} <= told


async def test_a_second_report_tells_of_its_own_visit_only(archive, cast, clock):
    ticket = await completed(archive, cast)
    await archive.do(closing.dispute, ticket.id, cast["mei"], "still stuck")
    clock.advance(timedelta(days=1))
    assert await refusal(archive, finish, ticket.id, cast["ana"]) == "arrival_needed"
    await archive.do(field.arrive, ticket.id, cast["ana"])
    clock.advance(600)
    await archive.do(finish, ticket.id, cast["ana"])
    report = await archive.ask(lambda unit: unit.tickets.last_report(ticket.id))
    assert [visit["left"] for visit in report.body["visits"]] == [clock.now().isoformat()]


async def test_silence_signs_after_three_days_but_never_for_an_urgent_ticket(archive, cast, clock):
    calm, urgent = await completed(archive, cast), await completed(archive, cast, "danger")
    clock.advance(timedelta(hours=73))
    for deadline in await archive.ask(lambda unit: unit.plans.due(100)):
        await archive.do(deadlines.fire, deadline)
    states = await archive.ask(lambda unit: [unit.tickets.get(t.id).state for t in (calm, urgent)])
    assert states == [State.CONFIRMED, State.COMPLETED]
    signed = await archive.ask(lambda unit: unit.tickets.last_signoff(calm.id))
    assert (signed.status, signed.reason) == (Signing.AUTO_CONFIRMED, "no_answer")
    report = await archive.ask(lambda unit: unit.tickets.last_report(calm.id))
    pressed_late = refusal(archive, closing.confirm, calm.id, cast["mei"], *CHAT, report.id)
    assert await pressed_late == "signed_automatically"


async def test_only_the_customer_rates_and_may_change_it_for_twelve_hours(archive, cast, clock):
    """P17.5"""
    ticket = await completed(archive, cast)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT)
    for other in ("nora", "ana", "otto"):
        assert await refusal(archive, closing.rate, ticket.id, cast[other], 1) == "not_yours"
    assert await refusal(archive, closing.rate, ticket.id, cast["mei"], 6) == "grade_needed"
    after, rating = await archive.do(closing.rate, ticket.id, cast["mei"], 3)
    assert (after.state, rating.grade, rating.engineer_id) == (State.CLOSED, 3, cast["ana"].id)
    clock.advance(timedelta(hours=11))
    _, rating = await archive.do(closing.rate, ticket.id, cast["mei"], 1)
    assert rating.grade == 1
    clock.advance(timedelta(hours=2))
    assert await refusal(archive, closing.rate, ticket.id, cast["mei"], 5) == "rating_closed"


@pytest.mark.parametrize("grade", [4, 5])
async def test_a_bad_grade_opens_one_complaint_with_owner_due_date_and_return_call(
    archive, cast, clock, grade
):
    """P10.4, P14.5"""
    ticket = await completed(archive, cast)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT)
    _, rating = await archive.do(closing.rate, ticket.id, cast["mei"], grade)
    await archive.do(closing.rate, ticket.id, cast["mei"], 9 - grade)

    def complaints(unit):
        return [t for t in unit.tickets.all() if t.kind is Kind.COMPLAINT]

    (complaint,) = await archive.ask(complaints)
    assert (complaint.about_id, complaint.owner_id) == (ticket.id, cast["otto"].id)
    assert complaint.due_at == clock.now() + timedelta(days=5)
    planned = await archive.ask(lambda unit: {d.kind: d.due_at for d in unit.plans.of_ticket(complaint.id)})
    assert planned[Due.CALL_BACK] == clock.now() + timedelta(hours=24)
    await archive.do(closing.comment, ticket.id, cast["mei"], "two visits")
    assert (await archive.ask(lambda unit: unit.tickets.rating(rating.id))).comment == "two visits"
    called = await archive.do(desk.call_back, complaint.id, cast["otto"], "apologised")
    assert called.called_back_at == clock.now()


async def test_no_answer_is_never_counted_as_satisfied(archive, cast, clock):
    ticket = await completed(archive, cast)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT)
    clock.advance(timedelta(days=8))
    for deadline in await archive.ask(lambda unit: unit.plans.due(100)):
        await archive.do(deadlines.fire, deadline)
    rating = await archive.ask(lambda unit: unit.tickets.last_rating(ticket.id))
    assert (rating.status, rating.grade) == (RatingState.EXPIRED, None)
    assert (await archive.ask(lambda unit: unit.tickets.get(ticket.id))).state is State.CLOSED
    assert await refusal(archive, closing.rate, ticket.id, cast["mei"], 1) == "rating_closed"


async def test_a_fault_that_comes_back_is_reopened_within_thirty_days(archive, cast, clock):
    ticket = await completed(archive, cast)
    await archive.do(closing.confirm, ticket.id, cast["mei"], *CHAT)
    await archive.do(closing.rate, ticket.id, cast["mei"], 2)
    clock.advance(timedelta(days=29))
    reopened = await archive.do(closing.reopen, ticket.id, cast["mei"], "stuck again")
    assert (reopened.state, reopened.owner_id) == (State.TRIAGED, None)
    # The engineer who knows it may have it again: he did not give it back.
    _, choice = await archive.do(desk.auto_offer, ticket.id, cast["otto"])
    assert cast["ana"].id in {candidate.engineer.person.id for candidate in choice.ranked}


async def test_the_engineers_photos_are_in_the_report_and_his_notes_are_not(archive, cast):
    """P8.1"""

    def play(unit):
        mei, ana, otto = cast["mei"], cast["ana"], cast["otto"]
        draft = desk.open_draft(unit, mei, "telegram", "101:photo")
        desk.describe(unit, draft.id, mei, problem="Leak", place="Cellar")
        ticket = desk.submit(unit, draft.id, mei)
        desk.offer(unit, ticket.id, otto, ana.id)
        field.accept(unit, ticket.id, ana, unit.tickets.last_offer(ticket.id, ana.id).id)
        field.start_remote(unit, ticket.id, ana)
        for number, audience in (("1", "all"), ("2", "staff")):
            photo = Part("photo", f"file{number}", "photo.jpg", "image/jpeg", 10)
            letter = Letter("telegram", "201", number, "photo", "", (photo,))
            correspondence.keep(unit, letter, ana, ticket.id, audience)
        field.complete(
            unit, ticket.id, ana, cause="c", action="a", mode=Mode.REMOTE, parts="none", tested=True
        )
        return unit.tickets.last_report(ticket.id).body["photos"]

    assert await archive.do(play) == ["file1"]
