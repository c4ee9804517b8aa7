"""What an engineer sees and does on the public page: accept or decline, on the way, there, done."""

from datetime import UTC, datetime

import pytest
from page_house import PLACE, PROBLEM, PageHouse

from dispatch import desk, field, holding
from storage.records.mail import Purpose
from storage.records.ticket import Hold, Mode, Offered, Signing, State, Work

DONE = {"cause": "Door contact burnt", "done": "Contact replaced", "mode": "on_site", "tested": "1"}


async def test_the_whole_job_from_the_offer_to_the_report(house: PageHouse) -> None:
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "ana")
    offer = (await house.get(path)).text
    for word in ("A job for you", PROBLEM, PLACE, "openstreetmap.org/search", "tel:+85255500123", "S2 high"):
        assert word in offer
    accepted = await house.press(path, "accept")
    assert "It is yours." in accepted.text and "On my way, there in" in accepted.text
    driving = await house.press(path, "depart", minutes="30")
    assert "Done; the customer is told." in driving.text and "08:30" in driving.text
    there = await house.press(path, "arrive")
    assert "What was the cause?" in there.text and "When did you arrive?" not in there.text
    done = await house.press(path, "complete", **DONE, no_parts="1")
    assert "Your report is with the customer to sign." in done.text
    body = (await house.report(ticket)).body
    assert (body["cause"], body["mode"], body["parts"]) == ("Door contact burnt", "on_site", ["none"])
    assert (await house.ticket(ticket)).state is State.COMPLETED
    assert (await house.signoff(ticket)).status is Signing.REQUESTED
    assert {"accepted", "departed", "arrived"} <= set(await house.heard("mei"))


async def test_accepting_twice_has_one_effect(house: PageHouse) -> None:
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "ana")
    form = {**await house.hidden(path), "action": "accept"}
    await house.send(path, form)
    second = await house.send(path, form)
    assert second.status_code == 409 and "It is yours already, since 08:00." in second.text
    assert (await house.verbs(ticket)).count("accept") == 1


async def test_a_step_pressed_twice_is_done_once(house: PageHouse) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    form = {**await house.hidden(path), "action": "depart", "minutes": "30"}
    await house.send(path, form)
    second = await house.send(path, form)
    assert second.status_code == 409 and "this press changed nothing" in second.text
    assert (await house.verbs(ticket)).count("depart") == 1
    assert (await house.heard("mei")).count("departed") == 1


async def test_declining_takes_a_reason_and_the_next_one_is_asked(house: PageHouse) -> None:
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "ana")
    for reason in ("", "because", "<b>"):
        refused = await house.press(path, "decline", reason=reason)
        assert refused.status_code == 409 and "Please say why." in refused.text
    form = {**await house.hidden(path), "action": "decline", "reason": "far"}
    said = await house.press(path, "decline", reason="far")
    assert "Declined; the next one is asked." in said.text and "You declined it at 08:00." in said.text
    assert PROBLEM not in said.text and PLACE not in said.text, "what is not his job is not his business"
    assert (await house.ask(lambda unit: unit.tickets.offers(ticket.id)))[0].reason == "far"
    assert "This offer is over." in (await house.send(path, form)).text


async def test_a_job_that_somebody_else_took_says_who_and_discloses_nothing(house: PageHouse) -> None:
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "ana")
    form = {**await house.hidden(path), "action": "accept"}
    await house.do(field.expire, ticket)
    bo = await house.offer_of(ticket, "bo")
    await house.do(field.accept, ticket.id, house.bo, bo)
    page = (await house.get(path)).text
    assert "Taken by Bo at 08:00." in page and PROBLEM not in page and house.phone not in page
    refused = await house.send(path, form)
    assert refused.status_code == 409 and "Taken by Bo at 08:00." in refused.text
    assert (await house.ticket(ticket)).owner_id == house.bo.id


async def test_an_offer_that_ran_out_can_be_taken_while_nobody_has_it(house: PageHouse) -> None:
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.do(field.expire, ticket)
    assert "Accept after all" in (await house.get(path)).text
    assert "It is yours." in (await house.press(path, "accept")).text


async def test_a_job_taken_from_him_shows_nothing_and_does_nothing(house: PageHouse) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    form = await house.hidden(path)
    await house.do(desk.reassign, ticket.id, house.otto, "office", house.bo.id)
    page = (await house.get(path)).text
    assert PROBLEM not in page and "no longer yours" in page
    version = str((await house.ticket(ticket)).version)
    for action in ("depart", "arrive", "remote", "resume", "complete"):
        said = {**form, "action": action, "version": version, "minutes": "5", **DONE, "no_parts": "1"}
        assert (await house.send(path, said)).status_code == 409
    assert (await house.ticket(ticket)).owner_id is None


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("cause", "what the cause was"),
        ("done", "what you did"),
        ("mode", "how it was solved"),
        ("no_parts", "which parts you used"),
        ("tested", "test it first"),
        ("arrived", "when you arrived"),
    ],
)
async def test_what_the_report_lacks_is_said_and_what_was_typed_is_kept(
    house: PageHouse, missing: str, sentence: str
) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.press(path, "remote")
    said = {**DONE, "no_parts": "1", "arrived": "07:45"}
    del said[missing]
    refused = await house.press(path, "complete", **said)
    assert refused.status_code == 409 and sentence in refused.text
    for name in {"cause", "done"} - {missing}:
        assert DONE[name] in refused.text
    if missing != "mode":
        assert 'value="on_site" required checked' in refused.text
    assert (await house.ticket(ticket)).state is State.IN_PROGRESS
    done = await house.press(path, "complete", **{**DONE, "no_parts": "1", "arrived": "07:45"})
    assert done.status_code == 200 and (await house.ticket(ticket)).state is State.COMPLETED
    visits = await house.ask(lambda unit: unit.tickets.visits(ticket.id))
    assert [visit.arrived_at for visit in visits] == [datetime(2026, 1, 5, 7, 45, tzinfo=UTC)]


@pytest.mark.parametrize("mode", list(Mode))
async def test_every_service_mode_can_be_reported(house: PageHouse, mode: Mode) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.press(path, "remote")
    await house.press(path, "complete", **{**DONE, "mode": mode.value}, parts="Fuse", arrived="07:00")
    body = (await house.report(ticket)).body
    assert (body["mode"], body["parts"]) == (mode.value, ["Fuse"])


async def test_a_job_on_hold_goes_on(house: PageHouse) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.do(holding.hold, ticket.id, house.ana, Hold.WAITING_PARTS)
    page = (await house.get(path)).text
    assert "waiting for parts" in page and "Go on" in page and "On my way" not in page
    assert "On my way" in (await house.press(path, "resume")).text


async def test_a_new_time_can_be_given_on_the_way(house: PageHouse) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.press(path, "depart", minutes="15")
    page = await house.press(path, "depart", minutes="60")
    assert "New time: there in" in page.text and "09:00" in page.text
    for minutes in ("", "0", "-5", "1441", "soon"):
        assert (await house.press(path, "depart", minutes=minutes)).status_code == 409
    assert (await house.ticket(ticket)).detail == Work.EN_ROUTE


async def test_a_customer_nobody_can_reach_is_not_said_to_be_told(house: PageHouse) -> None:
    ticket = await house.accepted()
    path = await house.link(Purpose.JOB, ticket, "ana")
    await house.do(lambda unit: unit.people.reachable("mail", "mei@example.org", why="it came back"))
    assert "the customer cannot be reached" in (await house.press(path, "depart", minutes="30")).text


async def test_an_engineers_link_does_not_help_another_engineer(house: PageHouse) -> None:
    """A link is for one person and one offer: Bo's link to Ana's offer shows and does nothing."""
    ticket = await house.offered()
    path = await house.link(Purpose.JOB, ticket, "bo", subject=await house.offer_of(ticket))
    page = (await house.get(path)).text
    assert PROBLEM not in page and "no longer yours" in page
    form = {**await house.hidden(await house.link(Purpose.JOB, ticket, "ana")), "action": "accept"}
    assert (await house.send(path, form)).status_code == 409
    assert (
        await house.ask(lambda unit: unit.tickets.last_offer(ticket.id, house.ana.id))
    ).status is Offered.OFFERED
