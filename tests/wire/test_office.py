"""The office in chat: a topic of a group, judging, giving, steering, the board, and who may join."""

from typing import Any

from dispatch import register
from storage.records.people import Role
from storage.records.ticket import Kind, State
from storage.unit import UnitOfWork


async def press(town, *steps: str, number: str, who: Any = None, chat: int | None = None) -> str:
    """Press one label after the other on the ticket's card; the last answer."""
    answer = {"text": ""}
    for label in steps:
        await town.quiet()
        answer = await town.press(who or town.otto, label, number, chat)
    return str(answer["text"])


async def test_a_topic_of_a_group_is_the_office(town):
    """Cards come to that topic, members without a role are refused, questions are answered by replies."""
    group = town.sim.add_group("Works", [town.otto, town.nora, town.mei], forum=True)
    topic = town.sim.world.chats[group].topics
    thread = 7
    topic[thread] = "Dispatch"
    town.nora.say("/office", chat=group, thread=thread)
    await town.quiet()
    assert not await town.ask(lambda unit: unit.people.offices())
    town.otto.say("/office", chat=group, thread=thread)
    await town.otto.wait_for("This chat is the office now", chat=group)
    number = await town.report()
    card = await town.otto.wait_for(number, chat=group)
    assert card["message_thread_id"] == thread
    assert number not in town.words(town.otto)
    for who in (town.nora, town.mei):
        query = who.press(card["message_id"], "⚡ Dispatch now", chat=group)
        answer = await who.wait_answer(query, 5)
        assert "Nothing was changed" in answer["text"]
    await town.quiet()
    assert (await town.ticket(number)).state is State.RECEIVED

    await press(town, "Write to customer", number=number, chat=group)
    question = await town.otto.wait_for("shall the customer", chat=group)
    assert question["message_thread_id"] == thread
    town.otto.say("Only talk among us", chat=group, thread=thread)
    await town.quiet()
    assert "Only talk" not in town.words(town.mei)
    town.otto.say("We come today", chat=group, reply_to=question["message_id"])
    await town.mei.wait_for("We come today")
    town.nora.say("Never mind them", chat=group, reply_to=card["message_id"])
    town.mei.say("Thank you", reply_to=(await town.mei.wait_for("We come today"))["message_id"])
    thanks = await town.otto.wait_for("Thank you", chat=group)
    assert thanks["message_thread_id"] == thread
    town.otto.say("You are welcome", chat=group, reply_to=thanks["message_id"])
    await town.mei.wait_for("You are welcome")
    await town.quiet()
    assert "Never mind them" not in town.words(town.mei)
    town.otto.say("/board", chat=group, thread=thread)
    board = await town.otto.wait_for("Open: 1", chat=group)
    assert number in board["text"] and board["message_thread_id"] == thread
    town.otto.say("/board@another_bot", chat=group, thread=thread)
    await town.quiet()
    assert town.words(town.otto, group).count("Open: 1") == 1


async def test_a_group_that_becomes_a_supergroup_stays_the_office(town):
    group = town.sim.add_group("Office", [town.otto], kind="group")
    town.otto.say("/office", chat=group)
    await town.otto.wait_for("This chat is the office now", chat=group)
    first = await town.report()
    await town.otto.wait_for(first, chat=group)
    await town.quiet()
    new = town.sim.migrate_group(group)
    await town.quiet()
    second = await town.report("The gate is open")
    await town.otto.wait_for(second, chat=new)
    # The card of the first ticket comes again in the new chat, and its buttons work there.
    await press(town, "Dispatch now", number=second, chat=new)
    await town.press(town.ana, "Accept", second)
    town.otto.say(f"/status {first}", chat=new)
    await press(town, "Dispatch now", number=first, chat=new)
    await town.press(town.bo, "Accept", first)
    await town.mei.wait_for("Bo has accepted")


async def test_a_ticket_is_judged_by_buttons(town):
    number = await town.report()
    await press(town, "Kind", "installation", number=number)
    await press(town, "Severity", "S1 ·", number=number)
    await press(town, "Somebody must go there", number=number)
    await town.quiet()
    ticket = await town.ticket(number)
    assert (ticket.kind, ticket.severity, ticket.on_site) == (Kind.INSTALLATION, 1, True)
    card = await town.otto.wait_for("S1 urgent · installation")
    assert "somebody goes there" in card["text"] and "📱" not in card["text"]
    await press(town, "By phone or remotely first", "I answer it myself", number=number)
    await town.mei.wait_for("Otto takes care of it")
    assert (await town.ticket(number)).owner_id


async def test_giving_by_name_withdrawing_reassigning_holding_and_cancelling(town):
    first = await town.accepted()
    second = await town.report("The gate is open")
    await press(town, "Assign to", number=second)
    await town.quiet()
    choice = await town.otto.wait_for(lambda m: second in m.get("text", "") and "Ana" in str(town.labels(m)))
    assert [text for text in town.labels(choice) if "Ana" in text or "Bo" in text] == [
        "Bo · 0 open",
        "Ana · 1 open",
    ]
    town.bo.say("/off")
    await town.bo.wait_for("You are off duty")
    await press(town, "Back", "Assign to", number=second)
    await town.quiet()
    choice = await town.otto.wait_for(lambda m: second in m.get("text", "") and "Ana" in str(town.labels(m)))
    assert [t for t in town.labels(choice) if "open" in t] == ["Ana · 1 open", "Bo · 0 open · off duty"]
    await press(town, "Bo", number=second)
    await town.bo.wait_for(f"New job {second}")
    await press(town, "Withdraw the offer", number=second)
    await town.bo.wait_for("was withdrawn")

    await press(town, "Reassign", "Bo", number=first)
    away = await town.ana.wait_for(f"{first} was taken from you")
    assert "decided by the office" in away["text"]
    await town.press(town.bo, "Accept", first)
    await town.mei.wait_for(f"{first}: Bo has accepted")
    await press(town, "Hold", "no access", number=first)
    await town.mei.wait_for("is on hold: no access")
    await town.bo.wait_for(f"{first} is on hold")
    await press(town, "Go on", number=first)
    await town.mei.wait_for(f"{first} goes on")
    await press(town, "Write to engineer", number=first)
    await town.otto.wait_for("shall the engineer")
    town.otto.say("Ring twice")
    await town.bo.wait_for("Ring twice")
    await press(town, "More", "Cancel the ticket", "Not ours to do", number=first)
    await town.mei.wait_for("was cancelled by the office: Not ours to do")
    await town.bo.wait_for(f"{first} was cancelled")
    await town.quiet()
    assert "Ring twice" not in town.words(town.mei)
    town.otto.say(f"/journal {first}")
    journal = await town.otto.wait_for(lambda m: m.get("text", "").startswith(f"{first}\n"))
    for words in ("reported · Mei", "accepted · Ana", "taken from the engineer · Otto", "accepted · Bo"):
        assert words in journal["text"], words


async def test_a_duplicate_is_merged_into_the_other_with_all_that_was_said(town):
    first = await town.accepted()
    second = await town.report("Lift 3 stuck again")
    await press(town, "More", "It is a duplicate of", first, number=second)
    told = await town.mei.wait_for(f"{second} is the same as {first}")
    assert told
    await town.quiet()
    ticket, other = await town.ticket(second), await town.ticket(first)
    assert (ticket.state, ticket.duplicate_of) == (State.CANCELLED, other.id)
    assert "Lift 3 stuck again" in [entry.text for entry in await town.entries(first)]


async def test_the_board_shows_the_late_ones_first_and_nothing_late_is_silent(town):
    late = await town.report("The cellar is flooded", "Can wait")
    await town.quiet()
    town.forward(minutes=10, seconds=1)
    await town.otto.wait_for(f"{late} is not dispatched yet")
    await town.quiet()
    town.forward(minutes=20)
    await town.quiet()
    fresh = await town.report("The gate is open")
    town.otto.say("/board")
    board = (await town.otto.wait_for("Open: 2"))["text"]
    assert "late: 1" in board and board.index(late) < board.index(fresh) and "⏰" in board
    await town.stop()
    await town.start()
    await town.quiet()
    assert town.words(town.otto).count(f"{late} is not dispatched yet") == 2  # dispatcher, then manager
    town.mei.say("/board")
    await town.mei.wait_for("don't know that command")


async def test_staff_join_by_a_code_that_an_administrator_confirms(town):
    """The code comes from the chat or from the command line; the number and the name are shown to be checked."""
    town.otto.say("/invite engineer Nora")
    given = (await town.otto.wait_for("One-time code for Nora"))["text"]
    link = next(word for word in given.split() if word.startswith("https://t.me/callout_demo_bot?start="))
    town.nora.start(link.partition("=")[2])
    await town.nora.wait_for("An administrator confirms that you are Nora, engineer")
    asked = await town.otto.wait_for("used the invitation for Nora, engineer")
    assert str(town.nora.id) in asked["text"]
    await town.press(town.otto, "Yes", "used the invitation for Nora")
    await town.nora.wait_for("You are an engineer now")
    town.nora.say("/on")
    await town.nora.wait_for("You are on duty")
    yes = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    again = await town.otto.wait_answer(town.otto.press(asked["message_id"], yes, force=True), 5)
    assert "decided already" in again["text"]

    def printed(unit: UnitOfWork) -> str:
        return register.invite(unit, Role.DISPATCHER, "Bo")

    code = await town.store.write(printed)
    town.bo.say(f"/start {code.lower()}")
    await town.press(town.otto, "No", "used the invitation for Bo")
    await town.bo.wait_for("did not confirm you")
    town.bo.say("/board")
    await town.bo.wait_for("don't know that command")
    town.ana.say("/invite engineer Friend")
    await town.ana.wait_for("don't know that command")
