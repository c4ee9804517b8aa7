"""The customer's chat: languages, the report question by question, several tickets, and every step heard."""

import time
from datetime import timedelta

from simulator.telegram import Person
from storage.records.ticket import State


async def number_of(person: Person) -> str:
    """The number of the report just sent."""
    sent = await person.wait_for(lambda m: "Your number is" in m.get("text", ""))
    return str(sent["text"].split()[-1].rstrip("."))


async def test_languages_follow_the_phone_and_can_be_changed(town):
    li = town.sim.add_person("Li", language_code="zh-hans")
    pia = town.sim.add_person("Pia", language_code="pt-br")
    li.start()
    hello = await li.wait_for("您好")
    assert "Callout" in hello["text"] and town.labels(hello) == ["我要报修"]
    pia.start()
    hello = await pia.wait_for("Hello Pia")
    assert "Callout" in hello["text"] and "what is broken" in hello["text"]
    pia.say("/language")
    await town.press(pia, "中文", "Which language?")
    await pia.wait_for("以后我将用中文")
    pia.say("水泵坏了")
    await pia.wait_for("在哪里")
    li.say("/language english")
    await li.wait_for("From now on I speak English")
    li.say("/help")
    await li.wait_for("report a problem")


async def test_the_report_asks_only_what_is_missing_and_can_go_back_change_and_stop(town):
    mei = town.mei
    mei.start()
    await town.press(mei, "Report a problem", "Hello Mei")
    await mei.wait_for("What is broken?")
    mei.say("The pump is dry")
    await mei.wait_for("Where is it?")
    mei.location(52.5, 13.4)
    await town.press(mei, "Back", "How urgent")
    await town.quiet()  # the answer to a press comes before the question is changed
    await mei.wait_for("Where is it?")
    mei.say("12 Harbour Street")
    await town.quiet()
    await town.press(mei, "Works, but", "How urgent")
    await mei.wait_for("On which number")
    mei.say("‹ Back")
    await town.quiet()
    await town.press(mei, "Nothing works", "How urgent")
    await mei.wait_for("On which number")
    mei.say("+49 (30) 123-456")
    summary = await mei.wait_for("Is this right?")
    for words in ("The pump is dry", "12 Harbour Street", "Nothing works", "+49 (30) 123-456"):
        assert words in summary["text"]
    await town.press(mei, "Change: where", "Is this right?")
    await mei.wait_for("Where is it?")
    mei.say("14 Harbour Street")
    await mei.wait_for(lambda m: "Is this right?" in m.get("text", "") and "14 Harbour" in m["text"])
    await town.press(mei, "Cancel", "Is this right?")
    await mei.wait_for("nothing was sent")
    assert not await town.ask(lambda unit: unit.tickets.open())
    # The next report knows the number already and goes straight to the summary after three answers.
    mei.say("The pump is dry again")
    await mei.wait_for(lambda m: m is mei.messages()[-1] and "Where is it?" in m.get("text", ""))
    mei.say("/cancel")
    await town.until(lambda: town.words(mei).count("nothing was sent") == 2)


async def test_a_draft_survives_restarts_and_a_day(town):
    mei = town.mei
    mei.voice(b"a voice", duration=4)
    await mei.wait_for("Where is it?")
    await town.stop()
    town.clock.shift += timedelta(hours=24)
    await town.start()
    await town.quiet()
    mei.say("12 Harbour Street")
    await town.crash()
    await town.start()
    await town.press(mei, "Danger", "How urgent")
    await mei.wait_for("On which number")
    await town.stop()
    await town.start()
    mei.say("Skip")
    await town.press(mei, "Send", "Is this right?")
    number = await number_of(mei)
    ticket = await town.ticket(number)
    assert (ticket.place, ticket.severity, ticket.state) == ("12 Harbour Street", 1, State.RECEIVED)
    assert (await town.entries(number))[0].kind == "voice"
    await town.otto.wait_for(number)


async def test_several_tickets_are_kept_apart(town):
    mei, ana, bo = town.mei, town.ana, town.bo
    first = await town.report("Lift 3 is stuck")
    await town.press(town.otto, "Dispatch now", first)
    await town.press(ana, "Accept", first)
    second = await town.report("The gate is open")
    await town.press(town.otto, "Dispatch now", second)
    await town.press(bo, "Accept", second)
    await town.quiet()

    mei.say("For the lift only", reply_to=(await mei.wait_for(f"{first}: Ana has accepted"))["message_id"])
    await ana.wait_for("For the lift only")
    mei.say("The key is under the mat")
    asked = await mei.wait_for("What is this about?")
    assert [first in town.labels(asked)[0] or first in town.labels(asked)[1], town.labels(asked)[-1]] == [
        True,
        "New problem",
    ]
    assert len(town.labels(asked)) == 3
    await town.press(mei, second, "What is this about?")
    await bo.wait_for("The key is under the mat")
    mei.say("And mind the dog")
    await bo.wait_for("And mind the dog")
    await town.quiet()
    assert "mat" not in town.words(ana) and "dog" not in town.words(ana) and "lift only" not in town.words(bo)

    await town.quiet()
    town.forward(minutes=20)
    mei.say("The lamp is dark")
    await town.press(mei, "New problem", "What is this about?")
    await mei.wait_for(lambda m: "Where is it?" in m.get("text", "") and town.labels(m))
    mei.say("/cancel")
    await town.quiet()
    mei.say("/tickets")
    mine = await mei.wait_for("Your reports")
    assert first in mine["text"] and second in mine["text"] and town.labels(mine) == ["New problem"]
    mei.say(f"/status {first[2:]}")
    status = await mei.wait_for(lambda m: m.get("text", "").startswith(first) and "Ana" in m["text"])
    assert "accepted" in status["text"]


async def test_cancelling_goes_until_the_engineer_is_on_the_way(town):
    number = await town.accepted()
    await town.quiet()
    card = await town.mei.wait_for(lambda m: "Cancel the report" in town.labels(m))
    town.mei.press(card["message_id"], "Cancel the report")
    reasons = await town.mei.wait_for(lambda m: "It works again" in town.labels(m))
    cancel = next(
        button["callback_data"]
        for row in reasons["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == "It works again"
    )
    await town.press(town.ana, "On the way", number)
    await town.press(town.ana, "30 min", number)
    await town.mei.wait_for("Ana is on the way")
    answer = await town.mei.wait_answer(town.mei.press(card["message_id"], cancel, force=True), 5)
    assert "out of date" in answer["text"]
    await town.quiet()
    assert "Cancel the report" not in town.labels(await town.mei.wait_for(number))
    assert (await town.ticket(number)).state is State.IN_PROGRESS

    other = await town.report("The gate is open")
    await town.quiet()
    await town.press(town.mei, "Cancel the report", other)
    await town.press(town.mei, "Reported by mistake", other)
    await town.otto.wait_for(f"{other} was cancelled: Reported by mistake")
    assert (await town.ticket(other)).state is State.CANCELLED


async def test_the_customer_hears_every_step_in_her_own_language(town):
    """Receipt within the minute, name and time, on the way, arrived, on hold with its reason, done."""
    town.mei.start()
    await town.mei.wait_for("Hello")
    town.mei.say("/language 中文")
    await town.mei.wait_for("以后我将用中文")
    begun = time.monotonic()
    town.mei.say("3号电梯停了")
    await town.mei.wait_for("在哪里")
    town.mei.say("港口街12号")
    await town.press(town.mei, "完全不能使用", "有多紧急")
    await town.mei.wait_for("电话")
    town.mei.say("跳过")
    await town.press(town.mei, "提交", "请核对")
    sent = await town.mei.wait_for("您的单号是")
    await town.mei.wait_for("已受理")
    assert time.monotonic() - begun < 60
    number = sent["text"].split()[-1].rstrip("。")
    steps = [
        (town.otto, "Dispatch now", None),
        (town.ana, "Accept", "Ana 已接单"),
        (town.ana, "Arrival time", None),
        (town.ana, "60 min", "到达"),
        (town.ana, "On the way", None),
        (town.ana, "15 min", "Ana 已出发"),
        (town.ana, "Arrived", "Ana 已到场"),
        (town.ana, "Hold", None),
        (town.ana, "waiting for parts", "待件"),
        (town.ana, "Go on", "已恢复"),
        (town.ana, "Arrived", "Ana 已到场"),
    ]
    for who, label, heard in steps:
        await town.quiet()
        await town.press(who, label, number)
        if heard:
            await town.mei.wait_for(heard)
    await town.quiet()
    await town.complete()
    report = await town.mei.wait_for("维修报告")
    assert "Door contact worn" in report["text"] and "确认" in town.labels(report)[0]
    town.mei.say("谢谢！", reply_to=report["message_id"])
    await town.ana.wait_for("谢谢！")
    texts = [m["text"] for m in town.mei.messages() if m["from"]["is_bot"] and number in m.get("text", "")]
    assert not [text for text in texts if "engineer" in text or "arriv" in text]
