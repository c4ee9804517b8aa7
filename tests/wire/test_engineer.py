"""The engineer's phone: duty, the offer, the job step by step, and the truth about who has it."""

import asyncio
from typing import Any

from storage.records.ticket import State


def data_of(message: dict[str, Any], label: str) -> str:
    """What the button `label` under a message sends."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return next(b["callback_data"] for row in rows for b in row if label in b["text"])


async def test_the_offer_shows_what_is_needed_and_declining_asks_the_next_one(town):
    earlier = await town.completed("Lift 3 hums")
    await town.press(town.mei, "Confirm", earlier)
    town.mei.say("/new")
    await town.mei.wait_for(lambda m: "What is broken" in m.get("text", "") and town.labels(m))
    town.mei.say("Lift 3 is stuck")
    await town.press(town.mei, "12 Harbour Street", "Where is it?")
    await town.press(town.mei, "Danger", "How urgent")
    await town.mei.wait_for("On which number")
    town.mei.contact()
    await town.mei.wait_for("Is this right?")
    town.mei.photo(b"the shaft")
    await town.quiet()
    summary = town.mei.messages()[-1]
    await town.press(town.mei, "Send", "Is this right?")
    sent = await town.mei.wait_for(
        lambda m: "Your number is" in m.get("text", "") and earlier not in m["text"]
    )
    number = sent["text"].split()[-1].rstrip(".")
    assert summary
    await town.press(town.otto, "Assign to", number)
    await town.quiet()
    await town.press(town.otto, "Ana", number)
    offer = await town.ana.wait_for(f"New job {number}")
    for words in (
        "S1 urgent",
        "Lift 3 is stuck",
        "12 Harbour Street",
        "Mei",
        "Before:",
        earlier,
        "Photos and files: 1",
    ):
        assert words in offer["text"], words
    assert town.mei.phone not in offer["text"], "the number comes with the job, not with the offer"
    await town.press(town.ana, "Ask the office", number)
    await town.ana.wait_for("ask the office")
    town.ana.say("Is there a ladder?")
    asked = await town.otto.wait_for("Is there a ladder?")
    town.otto.say("Yes, in the cellar", reply_to=asked["message_id"])
    await town.ana.wait_for("Yes, in the cellar")
    await town.press(town.ana, "Decline", number)
    await town.quiet()
    answer = await town.press(town.ana, "too far", number)
    assert "the next one is asked" in answer["text"]
    await town.press(town.bo, "Accept", number)
    await town.mei.wait_for("Bo has accepted")
    await town.quiet()
    assert "ladder" not in town.words(town.mei)
    assert town.mei.phone in (await town.bo.wait_for(f"{number} · accepted"))["text"]
    assert town.labels(await town.ana.wait_for(f"{number} · accepted")) == []
    office = await town.otto.wait_for(f"{number} · accepted")
    assert "Bo" in office["text"]


async def test_two_engineers_press_at_once_and_one_has_it(town):
    number = await town.report()
    await town.press(town.otto, "Dispatch now", number)
    first = await town.ana.wait_for(f"New job {number}")
    # Ana's offer runs out, Bo is asked; both may still take it until one has.
    await town.quiet()
    town.forward(minutes=10, seconds=5)
    second = await town.bo.wait_for(f"New job {number}")
    await town.quiet()
    late = await town.ana.wait_for(lambda m: m["message_id"] == first["message_id"])
    assert town.labels(late) == ["Accept after all"]
    queries = [
        town.ana.press(late["message_id"], data_of(late, "Accept")),
        town.bo.press(second["message_id"], data_of(second, "Accept")),
    ]
    answers = await asyncio.gather(town.ana.wait_answer(queries[0], 5), town.bo.wait_answer(queries[1], 5))
    texts = sorted(answer["text"] for answer in answers)
    assert texts[0] == "It is yours." and texts[1].startswith("Taken by ")
    winner, loser = (town.ana, town.bo) if answers[0]["text"] == texts[0] else (town.bo, town.ana)
    assert texts[1].startswith(f"Taken by {winner.first_name} at ")
    shown = await loser.wait_for(f"Taken by {winner.first_name} at")
    assert town.labels(shown) == []
    await town.mei.wait_for(f"{winner.first_name} has accepted")
    await town.quiet()
    for person, card in ((town.ana, late), (town.bo, second)):
        again = person.press(card["message_id"], data_of(card, "Accept"), force=True)
        told = (await person.wait_answer(again, 5))["text"]
        assert told.startswith("It is yours already" if person is winner else "Taken by")


async def test_who_lets_offers_run_out_is_reminded_and_then_passed_over_until_the_manager_hears(town):
    number = await town.report()
    await town.press(town.otto, "Dispatch now", number)
    await town.ana.wait_for(f"New job {number}")
    await town.quiet()
    town.forward(minutes=5, seconds=1)
    await town.ana.wait_for(f"{number} waits for your answer")
    await town.quiet()
    town.forward(minutes=5)
    await town.bo.wait_for(f"New job {number}")
    await town.quiet()
    town.forward(minutes=10, seconds=5)
    await town.otto.wait_for("nobody can take it now")
    await town.otto.wait_for("offered 2 times")
    await town.quiet()
    assert (await town.ticket(number)).state is State.TRIAGED
    # A late press counts while nobody else has it.
    await town.press(town.ana, "Accept after all", number)
    await town.mei.wait_for("Ana has accepted")
    assert town.words(town.ana).count("waits for your answer") == 1


async def test_duty_and_jobs(town):
    town.ana.say("/off")
    await town.ana.wait_for("You are off duty")
    number = await town.report()
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.bo, "Accept", number)
    town.bo.say("/jobs")
    mine = await town.bo.wait_for("Your jobs: 1")
    assert number in mine["text"] and "12 Harbour Street" in mine["text"]
    town.ana.say("/jobs")
    await town.ana.wait_for("no open jobs")
    town.bo.say("/off")
    await town.bo.wait_for("off duty")
    other = await town.report("The gate is open")
    await town.press(town.otto, "Dispatch now", other)
    nobody = await town.otto.wait_for(f"{other}: nobody can take it now")
    assert "Ana: off duty" in nobody["text"] and "Bo: off duty" in nobody["text"]
    town.mei.say("/on")
    await town.mei.wait_for("don't know that command")


async def test_hold_parts_notes_and_remote_work(town):
    number = await town.accepted()
    await town.quiet()
    await town.press(town.ana, "Start remotely", number)
    await town.mei.wait_for("by phone or remotely")
    await town.quiet()
    await town.press(town.ana, "Parts", number)
    await town.ana.wait_for("Which part, and how many?")
    town.ana.say("Relay K1, 1")
    await town.ana.wait_for(f"Noted with {number}")
    await town.quiet()
    await town.press(town.ana, "Note", number)
    await town.ana.wait_for("The customer does not see it")
    town.ana.say("The customer is deaf on one ear")
    await town.ana.wait_for("Note kept")
    await town.quiet()
    await town.press(town.ana, "Hold", number)
    await town.quiet()
    await town.press(town.ana, "waiting for the customer", number)
    held = await town.mei.wait_for("is on hold")
    assert "waiting for the customer" in held["text"]
    await town.quiet()
    # The customer's answer ends the waiting for her.
    town.mei.say("It may be switched off now", reply_to=held["message_id"])
    await town.ana.wait_for("It may be switched off now")
    await town.ana.wait_for(f"{number} goes on")
    await town.quiet()
    await town.press(town.ana, "Complete", number)
    await town.ana.wait_for("What was the cause?")
    town.ana.say("Relay stuck")
    await town.ana.wait_for("What did you do?")
    town.ana.say("Relay replaced")
    await town.press(town.ana, "remote", "How was it solved?")
    await town.press(town.ana, "No other parts", "Which parts")
    await town.press(town.ana, "Not tested", "Have you tested")
    await town.press(town.ana, "Tested, it works", "Have you tested")
    await town.ana.wait_for("Send photos")
    town.ana.photo(b"the new relay", "The new relay")
    await town.press(town.ana, "Go on", "Send photos")
    await town.press(town.ana, "Send to the customer", "Your report")
    report = await town.mei.wait_for("Service report")
    for words in ("Relay stuck", "Relay replaced", "remote", "Relay K1, 1", "Ana", "Photos and files: 1"):
        assert words in report["text"], words
    await town.mei.wait_for("The new relay")
    await town.quiet()
    assert "deaf" not in town.words(town.mei)


async def test_handing_back_returns_the_job_to_the_desk(town):
    number = await town.accepted()
    await town.quiet()
    card = await town.ana.wait_for(f"{number} · accepted")
    await town.press(town.ana, "Hand back", number)
    await town.quiet()
    await town.press(town.ana, "ill or off", number)
    handed = await town.otto.wait_for("was handed back")
    assert "ill or off" in handed["text"]
    await town.mei.wait_for("looking for another engineer")
    await town.quiet()
    told = await town.ana.wait_answer(
        town.ana.press(card["message_id"], data_of(card, "Arrived"), force=True), 5
    )
    assert "yours" in told["text"] or "out of date" in told["text"]
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.bo, "Accept", number)
    await town.mei.wait_for("Bo has accepted")
    assert (await town.ticket(number)).state is State.ACCEPTED
