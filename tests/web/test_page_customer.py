"""What a customer sees and does on the public page: where it stands, to sign, to object, to rate."""

import asyncio
from datetime import timedelta

import pytest
from page_house import PLACE, PROBLEM, PageHouse

from dispatch import closing, desk, field, links
from storage.records.mail import Purpose
from storage.records.ticket import Kind, RatingState, Signing, State
from storage.unit import UnitOfWork


async def test_the_status_page_tells_what_where_who_when_and_what_is_next(house: PageHouse) -> None:
    ticket = await house.accepted()
    await house.do(field.depart, ticket.id, house.ana, 40)
    page = (await house.get(await house.link(Purpose.STATUS, ticket))).text
    for word in (ticket.label, PROBLEM, PLACE, "Ana", "08:40", "Harbour Lifts", "on the way, arriving about"):
        assert word in page
    assert "<form" not in page, "a status page is only read"


async def test_a_report_that_nobody_has_taken_says_by_when_somebody_is_asked(house: PageHouse) -> None:
    page = (await house.get(await house.link(Purpose.STATUS, await house.reported()))).text
    assert "An engineer is asked by 08:10" in page


async def test_one_press_signs_with_evidence_and_leads_to_the_grades(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    before = (await house.get(path)).text
    assert "Does it work?" in before and "Contact replaced, ten trips" in before and "DC-12" in before
    after = await house.press(path, "sign")
    assert after.status_code == 200 and "How satisfied are you?" in after.text
    assert "Signed. Thank you!" in after.text
    signoff = await house.signoff(ticket)
    assert (signoff.status, signoff.channel, signoff.address) == (
        Signing.CONFIRMED,
        "page",
        "mei@example.org",
    )
    assert signoff.person_id == house.mei.id and signoff.report_hash == (await house.report(ticket)).hash
    assert (await house.ticket(ticket)).state is State.CONFIRMED


async def test_signing_twice_has_one_effect_and_the_second_press_hears_the_truth(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "sign"}
    first, second = await house.send(path, form), await house.send(path, form)
    assert first.status_code == second.status_code == 303
    assert "said=signed" in first.headers["location"]
    there = await house.get("/t/" + second.headers["location"])
    assert "You have answered this already." in there.text and "How satisfied are you?" in there.text
    assert (await house.verbs(ticket)).count("confirm") == 1


async def test_of_many_presses_at_once_one_signs(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "sign"}
    answers = await asyncio.gather(*(house.send(path, form) for _ in range(20)))
    said = sorted(answer.headers["location"].partition("said=")[2] for answer in answers)
    assert said == ["already_signed"] * 19 + ["signed"]
    assert (await house.verbs(ticket)).count("confirm") == 1


async def test_not_fixed_needs_words_and_goes_back_to_the_engineer(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    empty = await house.press(path, "dispute", reason="  ")
    assert empty.status_code == 409 and "Please say why." in empty.text
    assert (await house.ticket(ticket)).state is State.COMPLETED
    told = await house.press(path, "dispute", reason="The door still sticks")
    assert "goes back to the engineer" in told.text and "The door still sticks" in told.text
    assert (await house.ticket(ticket)).state is State.IN_PROGRESS
    assert "disputed_owner" in await house.heard("ana") and "disputed" in await house.heard("otto")


async def test_objecting_twice_has_one_effect(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "dispute", "reason": "It squeaks"}
    await house.send(path, form)
    second = await house.send(path, form)
    assert second.status_code == 409 and "You have answered this already." in second.text
    assert (await house.ticket(ticket)).disputes == 1


async def test_an_older_report_says_that_there_is_a_newer_one_and_signs_nothing(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "sign"}
    await house.do(closing.dispute, ticket.id, house.mei, "not yet")
    await house.do(field.arrive, ticket.id, house.ana)
    await house.complete(ticket, cause="Seal cracked")
    page = (await house.get(path)).text
    assert "There is a newer report" in page and "<form" not in page
    for action in ("sign", "dispute", "go_rate"):
        refused = await house.send(path, {**form, "action": action, "reason": "x"})
        assert refused.status_code == 409 and "There is a newer report" in refused.text
    assert (await house.signoff(ticket)).status is Signing.REQUESTED


async def test_an_urgent_report_is_not_said_to_be_signed_by_silence(house: PageHouse) -> None:
    urgent = (await house.get(await house.link(Purpose.SIGN, await house.completed("danger")))).text
    assert "Nothing is closed without your word." in urgent and "counts as accepted" not in urgent


async def test_what_was_signed_automatically_says_so_and_can_still_be_rated(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "sign"}
    await house.do(lambda unit: closing.auto_confirm(unit, unit.tickets.get(ticket.id)))
    assert "Signed off automatically" in (await house.get(path)).text
    refused = await house.send(path, form)
    assert refused.status_code == 409 and "reply “Broken again”" in refused.text
    assert "How satisfied are you?" in (await house.press(path, "go_rate")).text


async def test_a_good_grade_closes_the_ticket_and_may_be_changed_for_twelve_hours(house: PageHouse) -> None:
    ticket = await house.signed()
    path = await house.link(Purpose.RATE, ticket)
    assert "2 satisfied" not in (await house.get(path)).text
    page = (await house.press(path, "rate", grade="2")).text
    assert "Thank you!" in page and "satisfied" in page and "can be changed until 20:00" in page
    assert (await house.ticket(ticket)).state is State.CLOSED
    await house.press(path, "rate", grade="1")
    house.clock.advance(timedelta(hours=12, minutes=1))
    assert "Change the grade" not in (await house.get(path)).text
    late = await house.send(path, {**await house.hidden(path), "action": "rate", "grade": "3"})
    assert late.status_code == 409 and "can no longer be changed" in late.text
    assert (await house.rating(ticket)).grade == 1


@pytest.mark.parametrize("grade", ["4", "5"])
async def test_a_bad_grade_opens_a_complaint_and_promises_a_call(house: PageHouse, grade: str) -> None:
    ticket = await house.signed()
    path = await house.link(Purpose.RATE, ticket)
    page = (await house.press(path, "rate", grade=grade)).text
    assert "Somebody will call you within 24 hours." in page and "What went wrong?" in page
    every = await house.ask(lambda unit: unit.tickets.all())
    complaints = [found for found in every if found.kind is Kind.COMPLAINT]
    assert [found.about_id for found in complaints] == [ticket.id]
    assert "complaint" in await house.heard("otto")
    said = await house.press(path, "comment", comment="Two visits for one leak")
    assert "your words are with" in said.text and "Two visits for one leak" in said.text
    assert "complaint_reason" in await house.heard("otto")
    await house.press(path, "rate", grade="1")
    assert sum(found.kind is Kind.COMPLAINT for found in await house.ask(lambda u: u.tickets.all())) == 1


async def test_the_same_grade_twice_is_one_and_a_comment_may_come_along(house: PageHouse) -> None:
    ticket = await house.signed()
    path = await house.link(Purpose.RATE, ticket)
    form = {**await house.hidden(path), "action": "rate", "grade": "3", "comment": "  Fine\r\nwork  "}
    for _ in range(2):
        assert (await house.send(path, form)).status_code == 303
    rating = await house.rating(ticket)
    assert (rating.grade, rating.comment) == (3, "Fine\nwork")
    verbs = await house.verbs(ticket)
    assert verbs.count("rate") == 1 and "rerate" not in verbs


@pytest.mark.parametrize("grade", ["", "0", "6", "-1", "1.5", "one", "５", "9999999999999"])
async def test_only_five_grades_count(house: PageHouse, grade: str) -> None:
    ticket = await house.signed()
    refused = await house.press(await house.link(Purpose.RATE, ticket), "rate", grade=grade)
    assert refused.status_code == 409 and "choose a grade" in refused.text
    assert (await house.rating(ticket)).status is RatingState.REQUESTED


async def test_a_rating_that_ran_out_is_over(house: PageHouse) -> None:
    ticket = await house.signed()
    path = await house.link(Purpose.RATE, ticket)
    form = {**await house.hidden(path), "action": "rate", "grade": "1"}
    await house.do(lambda unit: closing.expire_rating(unit, unit.tickets.get(ticket.id)))
    assert "This rating is over" in (await house.get(path)).text
    assert "can no longer be changed" in (await house.send(path, form)).text
    assert (await house.rating(ticket)).grade is None


async def test_a_cancelled_report_says_so(house: PageHouse) -> None:
    ticket = await house.reported()
    await house.do(desk.cancel, ticket.id, house.mei, "not_needed")
    page = (await house.get(await house.link(Purpose.STATUS, ticket))).text
    assert "cancelled" in page and 'class="steps"' not in page


async def test_a_link_lives_sixty_days(house: PageHouse) -> None:
    ticket = await house.reported()
    path = await house.link(Purpose.STATUS, ticket)
    house.clock.advance(links.LIFETIME - timedelta(seconds=1))
    assert (await house.get(path)).status_code == 200
    house.clock.advance(timedelta(seconds=1))
    assert (await house.get(path)).status_code == 404


async def test_a_ticket_that_is_another_customers_by_now_is_not_shown(house: PageHouse) -> None:
    ticket = await house.completed()
    path = await house.link(Purpose.SIGN, ticket)
    form = {**await house.hidden(path), "action": "sign"}

    def give_away(unit: UnitOfWork) -> None:
        unit.tickets.update(unit.tickets.get(ticket.id), customer_id=house.nora.id)

    await house.do(give_away)
    assert (await house.get(path)).status_code == 404
    assert (await house.send(path, form)).status_code == 404
    assert (await house.signoff(ticket)).status is Signing.REQUESTED


async def test_a_grade_of_a_ticket_that_is_open_again_stays_as_it_is(house: PageHouse) -> None:
    ticket = await house.signed()
    path = await house.link(Purpose.RATE, ticket)
    await house.press(path, "rate", grade="2")
    await house.do(closing.reopen, ticket.id, house.mei, "It squeaks again")
    assert "Change the grade" not in (await house.get(path)).text
    refused = await house.press(path, "rate", grade="1")
    assert refused.status_code == 409 and "That does not go now" in refused.text
    assert (await house.rating(ticket)).grade == 2
