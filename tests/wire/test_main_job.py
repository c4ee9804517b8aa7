"""The main job, end to end, as the people on the phones see it."""

from storage.records.ticket import State
from storage.unit import UnitOfWork


async def test_a_fault_is_reported_taken_done_signed_and_rated(town):
    number = await town.completed()
    answer = await town.press(town.mei, "Confirm", number)
    assert answer["text"] == "Signed. Thank you!"
    await town.press(town.mei, "1 excellent", number)
    await town.mei.wait_for("You rated it: 1 excellent")
    await town.quiet()

    def closed(unit: UnitOfWork):
        ticket = unit.tickets.by_number(number)
        return ticket, unit.tickets.last_signoff(ticket.id), unit.tickets.last_report(ticket.id)

    ticket, signoff, report = await town.ask(closed)
    assert ticket.state is State.CLOSED
    assert signoff.report_hash == report.hash
    assert signoff.address == str(town.mei.id)


async def test_not_fixed_goes_back_to_ana_and_a_bad_grade_opens_a_complaint(town):
    number = await town.completed()
    await town.press(town.mei, "Not fixed", number)
    await town.mei.wait_for("What does not work yet?")
    town.mei.say("It stops at floor 2")
    await town.ana.wait_for("It stops at floor 2")
    await town.otto.wait_for("It stops at floor 2")
    await town.press(town.ana, "Arrived", number)
    await town.complete("Encoder dirty", "Encoder cleaned")
    await town.mei.wait_for("version 2")
    await town.press(town.mei, "Confirm", "version 2")
    await town.press(town.mei, "5 dissatisfied", "version 2")
    await town.mei.wait_for("What went wrong?")
    town.mei.say("It took two visits")
    await town.otto.wait_for("It took two visits")
    complaint = await town.otto.wait_for("Complaint T-")
    assert number in complaint["text"]
