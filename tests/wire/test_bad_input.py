"""Whatever comes in gets a clear sentence or a logged rejection; nothing breaks and nothing leaks."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import register
from simulator.telegram import Fault
from storage.records.people import Role
from storage.records.ticket import State
from storage.schema import inbox

SECRET = "The vault code is 4711"
BIDI = "\u202edenwo ton\u202c \u2067x\u2069 \u200b\u200d\x07"


def raw_message(town, person, **content: Any) -> int:
    """An update as no client would send it."""
    message = {"message_id": 90_000 + len(town.sim.calls), "date": int(time.time()), **content}
    chat = {"id": person.id, "type": "private", "first_name": person.first_name}
    return town.sim.inject({"message": {"chat": chat, "from": person.user(), **message}})


async def outcomes(town) -> list[str]:
    """What became of each update, in order."""
    return [
        f"{status}: {outcome}"
        for status, outcome in await town.ask(
            lambda unit: unit.connection.execute(
                select(inbox.c.status, inbox.c.outcome).order_by(inbox.c.id)
            ).all()
        )
    ]


async def test_odd_texts_become_reports_with_all_their_words_or_a_clear_sentence(town):
    mei = town.mei
    mei.start()
    await mei.wait_for("Hello")
    raw_message(town, mei, text="")
    await mei.wait_for("could not read anything")
    raw_message(town, mei, text="\u200b\u200d \u202e\u2069 \x00\x07")
    await town.until(lambda: town.words(mei).count("could not read anything") == 2)
    raw_message(town, mei, game={"title": "Chess", "description": "a game", "photo": []})
    await town.until(lambda: town.words(mei).count("could not read anything") == 3)

    long = ("The lift stops at every floor. " * 400)[:9_999] + "!"
    raw_message(town, mei, text=long)
    await mei.wait_for("Where is it?")
    mei.say("<b>Harbour</b> *12* _street_ [link](https://evil.example) `x` & </a>")
    await town.press(mei, "Works, but", "How urgent")
    await mei.wait_for("On which number")
    mei.say("abc")
    await mei.wait_for("no telephone number")
    mei.say("Skip")
    summary = await mei.wait_for("Is this right?")
    assert "<b>Harbour</b> *12* _street_ [link](https://evil.example) `x` & </a>" in summary["text"]
    assert {entity["type"] for entity in summary["entities"]} <= {"bold", "url"}
    await town.press(mei, "Send", "Is this right?")
    await mei.wait_for("Your number is")
    card = await town.otto.wait_for("📍")
    number = card["text"].split()[0]
    assert card["link_preview_options"] == {"is_disabled": True}, "a link shows no picture of its choice"
    assert (await town.ticket(number)).problem == long
    assert (await town.entries(number))[0].text == long
    assert [e["type"] for e in card["entities"] if e["type"] not in {"bold", "url"}] == []

    for text in (BIDI + "الطابق الثالث", "👨‍👩‍👧‍👦🏳️‍🌈" * 60, "a" * 4096, "{name} {0} %s {", "*" * 50):
        mei.say(text, reply_to=(await mei.wait_for(number))["message_id"])
    await town.quiet()
    kept = [entry.text for entry in await town.entries(number)]
    assert kept[-4:] == ["👨‍👩‍👧‍👦🏳️‍🌈" * 60, "a" * 4096, "{name} {0} %s {", "*" * 50]
    assert "\u202e" not in kept[-5] and "\x07" not in kept[-5] and "الطابق الثالث" in kept[-5]
    seen = town.words(town.otto)
    assert "\u202e" not in seen and "{name} {0} %s {" in seen and "a" * 3000 in seen
    assert [call.method for call in town.sim.calls if call.status >= 400 and "send" in call.method] == []
    assert (await town.inbox()).get("dead", 0) == 0


async def test_an_empty_or_foreign_press_is_told_so_and_changes_nothing(town):
    number = await town.accepted()
    card = await town.ana.wait_for(lambda m: "Arrived" in " ".join(town.labels(m)))
    arrive = next(
        button["callback_data"]
        for row in card["reply_markup"]["inline_keyboard"]
        for button in row
        if "Arrived" in button["text"]
    )
    for who, data in (
        (town.ana, "x" * 65),
        (town.ana, "ü" * 33),
        (town.ana, "x"),
        (town.ana, "...."),
        (town.ana, "ar.0.0..AAAAAAAAAA"),
        (town.ana, arrive[:-1] + ("A" if arrive[-1] != "A" else "B")),
        (town.nora, arrive),
        (town.bo, arrive),
        (town.mei, arrive),
    ):
        if who is town.nora:
            who.start()
            await who.wait_for("Hello")
        place = next(iter(who.messages()))["message_id"]
        answer = await who.wait_answer(who.press(place, data, force=True), 5)
        assert "not for you, or no longer known" in answer["text"]
    raw = town.sim.inject(
        {
            "callback_query": {
                "id": "1",
                "from": town.ana.user(),
                "chat_instance": "1",
                "inline_message_id": "7",
            }
        }
    )
    assert raw
    await town.quiet()
    assert (await town.ticket(number)).detail is None
    assert "rejected: unused:inline_press" in " ".join(await outcomes(town))
    assert (await town.inbox()).get("dead", 0) == 0


async def test_a_press_after_the_job_is_gone_says_how_it_stands(town):
    number = await town.accepted()
    card = await town.ana.wait_for(lambda m: "Arrived" in " ".join(town.labels(m)))
    old = town.mei.messages()[-1]
    await town.quiet()
    await town.press(town.otto, "More", number)
    await town.press(town.otto, "Cancel the ticket", number)
    await town.press(town.otto, "Reported by mistake", number)
    await town.mei.wait_for("was cancelled by the office: Reported by mistake")
    await town.ana.wait_for(f"{number} was cancelled")
    data = next(
        b["callback_data"]
        for row in card["reply_markup"]["inline_keyboard"]
        for b in row
        if "Arrived" in b["text"]
    )
    answer = await town.ana.wait_answer(town.ana.press(card["message_id"], data, force=True), 5)
    assert "out of date" in answer["text"]
    for row in card["reply_markup"]["inline_keyboard"]:
        for button in row:
            query = town.ana.press(card["message_id"], button["callback_data"], force=True)
            told = (await town.ana.wait_answer(query, 5))["text"]
            # A note and a question to the office are possible still; a press on them opens the question.
            assert told or button["text"] in {"Note", "Ask the office"}
    town.mei.say("Is it really gone?", reply_to=old["message_id"])
    await town.mei.wait_for("which is closed")
    await town.quiet()
    shown = await town.ana.wait_for(lambda m: m["message_id"] == card["message_id"])
    assert "Arrived" not in " ".join(town.labels(shown))
    assert (await town.ticket(number)).state is State.CANCELLED


async def test_a_foreign_number_gets_the_same_sentence_as_one_that_is_not_there(town):
    number = await town.report(SECRET)
    town.nora.start()
    await town.nora.wait_for("Hello")
    foreign = (
        f"/status {number}",
        f"/status {number.lower()}",
        f"/status #{number}",
        f"/status {number[2:]}",
        f"/journal {number}",
        "/board",
        "/jobs",
        f"/start {number}",
        "/invite engineer Nora",
        "/office",
        "/on",
    )
    for text in foreign:
        town.nora.say(text)
        await town.quiet()
    town.nora.say("/status T-000000")
    await town.nora.wait_for("I know no ticket T-000000 of yours")
    own = next(m["text"] for m in town.nora.messages() if f"no ticket {number} of" in m.get("text", ""))
    assert own.replace(number, "T-000000") == town.nora.messages()[-1]["text"]
    # A reply to a message that is none of ours, with the number in it, is a report of her own.
    town.nora.say(f"{number} please", reply_to=town.nora.messages()[0]["message_id"])
    await town.nora.wait_for("Where is it?")
    await town.quiet()
    assert SECRET not in town.words(town.nora) and "4711" not in town.words(town.nora)
    assert "12 Harbour Street" not in town.words(town.nora)
    assert await town.ask(lambda unit: unit.people.by_address("telegram", str(town.nora.id)).roles) == set()


async def test_only_a_contact_of_ones_own_counts_as_ones_number(town):
    town.mei.say("The door is stuck")
    await town.mei.wait_for("Where is it?")
    town.mei.say("12 Harbour Street")
    await town.press(town.mei, "Can wait", "How urgent")
    await town.mei.wait_for("On which number")
    town.mei.contact("+4930999", user_id=town.nora.id, first_name="Nora")
    await town.mei.wait_for("somebody else's contact")
    town.mei.contact("+4930998", first_name="No account at all")
    await town.until(lambda: town.words(town.mei).count("somebody else's contact") == 2)
    town.mei.contact()
    summary = await town.mei.wait_for("Is this right?")
    assert town.mei.phone in summary["text"] and "+4930999" not in summary["text"]
    assert (
        await town.ask(lambda unit: unit.people.by_address("telegram", str(town.mei.id)).phone)
        == town.mei.phone
    )


async def test_invitations_that_ran_out_were_used_or_never_were_get_one_and_the_same_answer(town):
    def invite(unit: Any) -> str:
        return register.invite(unit, Role.ENGINEER, "Nora")

    refused = "This code is not valid. Please ask for a new one."
    old = await town.store.write(invite)
    used = await town.store.write(invite)
    town.bo.say(f"/start {used}")
    await town.bo.wait_for("An administrator confirms")
    town.clock.shift += timedelta(hours=73)
    for code in (old, used, "A" * 26):
        town.nora.say(f"/start {code}")
        await town.quiet()
    assert [m["text"] for m in town.nora.messages() if m["from"]["is_bot"]] == [refused] * 3
    for _ in range(2):
        town.nora.say("/start WRONG")
    await town.quiet()
    fresh = await town.store.write(invite)
    town.nora.say(f"/start {fresh}")
    await town.nora.wait_for("Too many wrong codes")
    await town.quiet()
    assert await town.ask(lambda unit: unit.people.by_address("telegram", str(town.nora.id)).roles) == set()
    town.forward(hours=2)
    town.nora.start(fresh)
    await town.nora.wait_for("An administrator confirms that you are Nora, engineer")


async def test_unknown_kinds_and_broken_contents_stop_nobody(town):
    """Only what cannot be read at all ends in the dead letters, and the office hears of each."""
    sim, mei, now = town.sim, town.mei, int(time.time())
    sim.inject({"quantum_message": {"chat": {"id": mei.id}, "entangled": True}})
    sim.inject({"poll_answer": {"poll_id": "1", "option_ids": [0]}})
    sim.inject(
        {"message": {"message_id": 1, "date": now, "chat": {"id": -5, "type": "channel", "title": "C"}}}
    )
    sim.inject({"edited_message": {"message_id": 7, "date": now, "chat": {"id": mei.id, "type": "private"},
                                   "from": mei.user(), "text": "an edit of nothing"}})  # fmt: skip
    broken = (
        '{"update_id": %UPDATE_ID%, "message": "not an object"}',
        '{"update_id": %UPDATE_ID%, "message": {"message_id": "x", "chat": 7}}',
        '{"update_id": %UPDATE_ID%, "callback_query": {"id": 5, "from": {"id": {}}}}',
    )
    for text in broken:
        sim.inject_raw(text, mei.id)
    sim.inject_raw('{"update_id": %UPDATE_ID%}', mei.id)
    sim.faults.add(Fault("invalid_json", method="getUpdates"))
    sim.faults.add(Fault("html", method="getUpdates"))
    mei.say("The lights are out")
    await mei.wait_for("Where is it?")
    await town.until(lambda: town.words(town.otto).count("could not be read and was put aside") == 3)
    await town.quiet()
    counts = await town.inbox()
    assert counts["dead"] == 3
    told = await outcomes(town)
    assert "done: rejected: unused:quantum_message" in told
    assert "done: rejected: edit of an unknown message" in told
    assert not [line for line in told if "NoneType" in line and line.startswith("done")]


@pytest.mark.parametrize("entities", [[{"type": "bold", "offset": 0, "length": 9999}], "nonsense"])
async def test_entities_that_do_not_fit_their_text_do_no_harm(town, entities):
    raw_message(town, town.mei, text="The fan is loud", entities=entities)
    await town.quiet()
    assert json.dumps(entities) not in town.words(town.mei)
    town.mei.say("/cancel")
    await town.quiet()
    town.mei.say("The fan is loud indeed")
    await town.mei.wait_for("Where is it?")
