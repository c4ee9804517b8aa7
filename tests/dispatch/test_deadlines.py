"""Nothing late is silent: every deadline of LIFECYCLE.md fires once, also after restarts, and never for a state left."""

from typing import Any

import pytest

from dispatch import closing, desk, field, holding, queries, register
from storage.records.ticket import Hold, Kind, RatingState, Signing, State


async def parcels_of(house: Any, name: str) -> list[str]:
    """The keys of notices that would really be sent to somebody now: those of states already left are dropped."""
    jobs = await house.jobs(name)
    return [job.payload["key"] for job in jobs if await house.ask(queries.parcel, job) is not None]


# --- T1: dispatched within ten minutes (P14.1) -------------------------------------------------------------


async def test_a_report_nobody_dispatches_is_told_to_the_dispatcher_and_then_to_the_manager(
    long_house: Any,
) -> None:
    await long_house.reported()
    await long_house.pass_time(minutes=9, seconds=59)
    assert await long_house.heard("otto") == []
    await long_house.pass_time(seconds=1)
    assert await long_house.heard("otto") == ["not_dispatched"]
    await long_house.pass_time(minutes=9)
    assert await long_house.heard("otto") == ["not_dispatched"]
    await long_house.pass_time(minutes=1)
    assert await long_house.heard("otto") == ["not_dispatched", "not_dispatched"]
    await long_house.pass_time(days=2)
    assert await long_house.heard("otto") == ["not_dispatched", "not_dispatched"]


async def test_judging_a_report_does_not_start_its_ten_minutes_again(long_house: Any) -> None:
    ticket = await long_house.reported()
    await long_house.pass_time(minutes=8)
    await long_house.do(desk.triage, ticket.id, long_house.otto, kind=Kind.ADVICE)
    await long_house.pass_time(minutes=2)
    assert await long_house.heard("otto") == ["not_dispatched"]


async def test_a_dispatched_job_rings_no_more(long_house: Any) -> None:
    await long_house.accepted()
    await long_house.pass_time(days=3)
    assert "not_dispatched" not in await long_house.heard("otto")


async def test_a_job_that_comes_back_to_the_desk_gets_ten_minutes_again(long_house: Any) -> None:
    ticket = await long_house.accepted()
    await long_house.pass_time(hours=1)
    await long_house.do(field.hand_back, ticket.id, long_house.ana, "ill")
    await long_house.pass_time(minutes=9)
    assert await long_house.heard("otto") == ["handed_back"]
    await long_house.pass_time(minutes=1)
    assert await long_house.heard("otto") == ["handed_back", "not_dispatched"]


async def test_a_withdrawn_offer_leaves_the_desk_ten_minutes_again(long_house: Any) -> None:
    ticket = await long_house.reported()
    await long_house.pass_time(minutes=21)
    await long_house.do(desk.offer, ticket.id, long_house.otto, long_house.ana.id)
    await long_house.do(desk.withdraw, ticket.id, long_house.otto)
    await long_house.pass_time(minutes=10)
    assert await long_house.heard("otto") == ["not_dispatched"] * 3


async def test_judged_while_the_clockwork_was_away_the_alarm_still_rings(house: Any) -> None:
    """The press came first after the outage, the deadline was due before it."""
    ticket = await house.reported()
    house.clock.advance(60 * 25)
    await house.do(desk.triage, ticket.id, house.otto, impact=1)
    await house.look()
    assert await house.heard("otto") == ["not_dispatched", "not_dispatched"]


# --- T2: an offer is answered ------------------------------------------------------------------------------


@pytest.mark.parametrize(("urgency", "remind", "expire"), [("stopped", 5, 10), ("danger", 3, 5)])
async def test_an_offer_is_reminded_of_once_and_goes_to_the_next_engineer(
    long_house: Any, urgency: str, remind: int, expire: int
) -> None:
    ticket = await long_house.offered(urgency)
    assert await long_house.holders(ticket) == ["Ana"]
    await long_house.pass_time(minutes=remind)
    await long_house.look()
    assert await long_house.heard("ana") == ["offer_waits"]
    await long_house.pass_time(minutes=expire - remind)
    assert await long_house.holders(ticket) == ["Bo"]
    assert await long_house.heard("ana") == ["offer_waits"]
    assert len(await long_house.jobs("bo", "card")) == 1


async def test_a_second_miss_tells_the_dispatcher_and_a_third_the_manager(long_house: Any) -> None:
    ticket = await long_house.offered()
    await long_house.pass_time(minutes=10)
    assert "offers_missed" not in await long_house.heard("otto")
    await long_house.pass_time(minutes=10)
    assert (await long_house.heard("otto")).count("offers_missed") == 1
    assert await long_house.holders(ticket) == []
    await long_house.do(desk.offer, ticket.id, long_house.otto, long_house.bo.id)
    await long_house.pass_time(minutes=10)
    job = (await long_house.jobs("otto"))[-1]
    assert (await long_house.ticket(ticket.id)).offers_missed == 3
    told = [job.payload["facts"]["count"] for job in await long_house.jobs("otto") if "missed" in job.key]
    # The third time the manager hears it; Otto is both, and one person is told one thing once.
    assert told == [2, 3]
    assert job.payload["key"] in {"offers_missed", "nobody"}


async def test_with_nobody_left_the_office_hears_why_engineer_by_engineer(long_house: Any) -> None:
    ticket = await long_house.offered()
    offer = await long_house.offer_of(ticket, long_house.ana)
    await long_house.do(register.duty, long_house.bo, False)
    await long_house.do(field.decline, ticket.id, long_house.ana, offer, "far")
    (nobody,) = [job for job in await long_house.jobs("otto") if job.payload["key"] == "nobody"]
    assert nobody.payload["facts"]["reasons"] == [["Ana", "has_declined"], ["Bo", "off_duty"]]
    assert (await long_house.ticket(ticket.id)).state is State.TRIAGED


async def test_a_late_press_counts_while_nobody_else_has_the_job(house: Any) -> None:
    ticket = await house.offered()
    offer = await house.offer_of(ticket, house.ana)
    await house.pass_time(minutes=10)
    taken = await house.do(field.accept, ticket.id, house.ana, offer)
    assert taken.owner_id == house.ana.id
    assert await house.holders(ticket) == []


# --- T5: the promised arrival ------------------------------------------------------------------------------


async def test_half_an_hour_after_the_promised_time_all_three_hear_of_it(long_house: Any) -> None:
    ticket = await long_house.accepted()
    await long_house.do(field.depart, ticket.id, long_house.ana, 20)
    await long_house.pass_time(minutes=49)
    assert "late_arrival" not in await long_house.heard("otto")
    await long_house.pass_time(minutes=1)
    await long_house.pass_time(minutes=60)
    assert (await long_house.heard("otto")).count("late_arrival") == 1
    assert (await long_house.heard("ana")).count("late_arrival_owner") == 1
    assert (await long_house.heard("mei")).count("late_arrival_customer") == 1


async def test_a_new_promise_moves_the_alarm_and_arriving_ends_it(long_house: Any) -> None:
    ticket = await long_house.accepted()
    await long_house.do(field.promise, ticket.id, long_house.ana, 20)
    await long_house.pass_time(minutes=40)
    await long_house.do(field.depart, ticket.id, long_house.ana, 30)
    await long_house.pass_time(minutes=50)
    await long_house.do(field.arrive, ticket.id, long_house.ana)
    await long_house.pass_time(hours=5)
    assert "late_arrival" not in await long_house.heard("otto")


async def test_who_arrives_before_the_alarm_is_delivered_is_not_called_late(house: Any) -> None:
    ticket = await house.accepted()
    await house.do(field.depart, ticket.id, house.ana, 5)
    await house.pass_time(minutes=35)
    assert "late_arrival_customer" in await parcels_of(house, "mei")
    await house.do(field.arrive, ticket.id, house.ana)
    assert "late_arrival_customer" not in await parcels_of(house, "mei")
    assert "late_arrival" not in await parcels_of(house, "otto")


# --- T7: what waits is asked about -------------------------------------------------------------------------


async def test_a_hold_is_followed_up_after_a_day_and_not_once_it_goes_on(long_house: Any) -> None:
    ticket = await long_house.accepted()
    await long_house.do(holding.hold, ticket.id, long_house.ana, Hold.WAITING_PARTS)
    await long_house.pass_time(hours=24)
    await long_house.pass_time(hours=24)
    assert (await long_house.heard("otto")).count("hold_follow_up") == 1
    assert (await long_house.heard("ana")).count("hold_follow_up") == 1
    await long_house.do(holding.resume, ticket.id, long_house.ana)
    await long_house.do(holding.hold, ticket.id, long_house.ana, Hold.NO_ACCESS)
    await long_house.pass_time(hours=23)
    await long_house.do(holding.resume, ticket.id, long_house.ana)
    await long_house.pass_time(hours=9)
    assert (await long_house.heard("otto")).count("hold_follow_up") == 1


# --- T8: the signature -------------------------------------------------------------------------------------


async def test_an_unsigned_report_is_asked_for_twice_and_then_signed_by_itself(long_house: Any) -> None:
    ticket = await long_house.completed()
    await long_house.pass_time(hours=24)
    assert (await long_house.heard("mei")).count("signoff_waits") == 1
    await long_house.pass_time(hours=24)
    assert (await long_house.heard("mei")).count("signoff_waits") == 2
    await long_house.pass_time(hours=23, minutes=59)
    assert (await long_house.ticket(ticket.id)).state is State.COMPLETED
    await long_house.pass_time(minutes=1)
    assert (await long_house.ticket(ticket.id)).state is State.CONFIRMED
    signed = await long_house.ask(lambda unit: unit.tickets.last_signoff(ticket.id))
    assert (signed.status, signed.reason, signed.person_id) == (Signing.AUTO_CONFIRMED, "no_answer", None)
    assert (await long_house.heard("mei")).count("auto_signed") == 1


async def test_an_urgent_job_is_never_signed_by_silence(long_house: Any) -> None:
    ticket = await long_house.completed("danger")
    await long_house.pass_time(hours=72)
    await long_house.pass_time(days=30)
    assert (await long_house.ticket(ticket.id)).state is State.COMPLETED
    assert (await long_house.heard("otto")).count("signature_missing") == 1


async def test_a_dispute_stops_the_clock_and_the_next_report_starts_it_anew(long_house: Any) -> None:
    ticket = await long_house.completed()
    await long_house.pass_time(hours=71)
    await long_house.do(closing.dispute, ticket.id, long_house.mei, "It hums")
    await long_house.pass_time(hours=2)
    assert (await long_house.ticket(ticket.id)).state is State.IN_PROGRESS
    await long_house.do(field.arrive, ticket.id, long_house.ana)
    await long_house.complete(ticket, "Encoder dirty")
    await long_house.pass_time(hours=71)
    assert (await long_house.ticket(ticket.id)).state is State.COMPLETED
    await long_house.pass_time(hours=1)
    assert (await long_house.ticket(ticket.id)).state is State.CONFIRMED


# --- T9: the rating ----------------------------------------------------------------------------------------


async def test_a_rating_is_asked_for_once_more_and_counts_as_no_answer_after_a_week(long_house: Any) -> None:
    ticket = await long_house.signed()
    await long_house.pass_time(hours=24)
    assert (await long_house.heard("mei")).count("rating_waits") == 1
    await long_house.pass_time(days=6)
    closed = await long_house.ticket(ticket.id)
    rating = await long_house.ask(lambda unit: unit.tickets.last_rating(ticket.id))
    assert closed.state is State.CLOSED
    assert (rating.status, rating.grade) == (RatingState.EXPIRED, None)
    assert (await long_house.heard("mei")).count("rating_waits") == 1


# --- T10: the return call and the complaint ----------------------------------------------------------------


async def test_a_bad_grade_is_called_about_within_a_day_and_settled_by_its_date(long_house: Any) -> None:
    await long_house.rated(5)
    await long_house.pass_time(hours=23)
    assert "call_back_due" not in await long_house.heard("otto")
    await long_house.pass_time(hours=1)
    assert (await long_house.heard("otto")).count("call_back_due") == 1
    await long_house.pass_time(days=4)
    await long_house.pass_time(days=20)
    assert (await long_house.heard("otto")).count("call_back_due") == 1
    assert (await long_house.heard("otto")).count("complaint_due") == 1


async def test_a_call_that_was_made_is_not_asked_for(long_house: Any) -> None:
    ticket = await long_house.rated(4)
    (complaint,) = await long_house.ask(
        lambda unit: [t for t in unit.tickets.all() if t.about_id == ticket.id]
    )
    await long_house.do(desk.call_back, complaint.id, long_house.otto, "She is content now")
    await long_house.pass_time(days=2)
    assert "call_back_due" not in await long_house.heard("otto")


async def test_a_ticket_that_turns_out_to_be_a_complaint_gets_its_return_call(long_house: Any) -> None:
    ticket = await long_house.reported()
    await long_house.do(desk.triage, ticket.id, long_house.otto, impact=3)
    await long_house.do(desk.triage, ticket.id, long_house.otto, kind=Kind.COMPLAINT)
    await long_house.pass_time(hours=24)
    assert (await long_house.heard("otto")).count("call_back_due") == 1


async def test_what_is_no_complaint_after_all_needs_no_return_call(long_house: Any) -> None:
    ticket = await long_house.reported()
    await long_house.do(desk.triage, ticket.id, long_house.otto, kind=Kind.COMPLAINT)
    await long_house.do(desk.triage, ticket.id, long_house.otto, kind=Kind.FAULT)
    await long_house.pass_time(days=9)
    assert not {"call_back_due", "complaint_due"} & set(await long_house.heard("otto"))


# --- drafts ------------------------------------------------------------------------------------------------


async def test_an_unsent_report_is_asked_about_after_an_hour_and_dropped_after_two_days(
    long_house: Any,
) -> None:
    draft = await long_house.draft()
    await long_house.pass_time(minutes=60)
    assert await long_house.heard("mei") == ["draft_waits"]
    await long_house.pass_time(hours=46)
    assert (await long_house.ticket(draft.id)).state is State.DRAFT
    await long_house.pass_time(hours=1)
    assert (await long_house.ticket(draft.id)).state is State.CANCELLED
    assert await long_house.heard("otto") == ["draft_abandoned"]
    assert await long_house.heard("mei") == ["draft_waits", "draft_dropped"]
