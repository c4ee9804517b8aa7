"""People act and see: what they send reaches the bot as Telegram would tell it."""

import asyncio

import httpx
import pytest

BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "No", "callback_data": "n"}]]}


async def told(ask):
    return [
        {name: value for name, value in update.items() if name != "update_id"}
        for update in (await ask("getUpdates"))["result"]
    ]


async def test_a_deep_link_starts_the_chat(sim, ask):
    nora = sim.add_person("Nora")
    message = nora.start("ticket-412")
    assert message["text"] == "/start ticket-412"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["chat"] == {"id": nora.id, "first_name": "Nora", "type": "private"}
    assert await told(ask) == [{"message": message}]
    assert 400_000_000 <= nora.id < 10_000_000_000 and isinstance(message["date"], int)


async def test_message_ids_count_per_chat(sim, mei):
    nora = sim.add_person("Nora")
    first, second = mei.say("a")["message_id"], mei.say("b")["message_id"]
    nora.say("c")
    assert mei.say("d")["message_id"] == second + 1 == first + 2


async def test_places_contacts_and_files(mei, ask):
    mei.location(52.5, 13.4)
    mei.venue(52.5, 13.4, "Plant", "Main Street 1")
    own = mei.contact()["contact"]
    other = mei.contact("+4930999", first_name="Nora")["contact"]
    assert own["user_id"] == mei.id and own["phone_number"] == mei.phone
    assert other == {"phone_number": "+4930999", "first_name": "Nora"}
    mei.voice(duration=7)
    mei.video(b"mp4", caption="look")
    mei.audio(name="a.mp3")
    mei.video_note()
    mei.sticker("🔧")
    seen = [message["message"] for message in await told(ask)]
    assert seen[0]["location"] == {"latitude": 52.5, "longitude": 13.4}
    assert seen[1]["venue"]["title"] == "Plant" and "location" in seen[1]
    assert seen[4]["voice"]["duration"] == 7 and seen[5]["caption"] == "look"
    assert seen[6]["audio"]["file_name"] == "a.mp3" and seen[8]["sticker"]["emoji"] == "🔧"


async def test_forwards_name_their_source(sim, mei, ask):
    office = sim.add_group("Office", [mei])
    word = mei.say("from the office", chat=office)
    forwarded = mei.forward(word["message_id"], from_chat=office)
    assert forwarded["forward_origin"] == {"type": "user", "date": word["date"], "sender_user": mei.user()}
    assert forwarded["text"] == "from the office"


async def test_an_edit_reaches_the_bot_and_the_screen(mei, ask):
    word = mei.say("pomp")
    mei.edit(word["message_id"], "pump")
    updates = await told(ask)
    assert updates[0]["message"]["text"] == "pomp" and updates[1]["edited_message"]["text"] == "pump"
    assert mei.messages()[-1]["text"] == "pump" and "edit_date" in mei.messages()[-1]


async def test_a_button_is_pressed_by_text_place_or_data(sim, mei, ask):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    for button in ("No", (0, 1), "n"):
        mei.press(sent["message_id"], button)
    assert [update["callback_query"]["data"] for update in await told(ask)] == ["n", "n", "n"]
    with pytest.raises(ValueError, match=r"no button 'Maybe' .* there: 'Yes', 'No'"):
        mei.press(sent["message_id"], "Maybe")


async def test_data_can_be_forged_and_messages_can_be_gone(mei, ask):
    mei.press(12, "admin:yes", force=True)
    query = (await told(ask))[0]["callback_query"]
    assert query["data"] == "admin:yes"
    assert query["message"] == {"chat": mei.messages()[0]["chat"], "message_id": 12, "date": 0}


async def test_waiting_for_an_answer_to_a_press(mei, ask):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    query = mei.press(sent["message_id"], "Yes")
    assert mei.answer(query) is None
    waiting = asyncio.create_task(mei.wait_answer(query))
    await asyncio.sleep(0)
    await ask("answerCallbackQuery", callback_query_id=query, text="Thanks", show_alert=True)
    assert (await waiting)["text"] == "Thanks"
    assert (await ask("answerCallbackQuery", callback_query_id=query, text="Again"))["ok"]
    assert mei.answer(query)["text"] == "Thanks", "the first answer is what the person saw"


async def test_waiting_sees_what_others_write_edits_included(mei, ask):
    mei.say("pump")
    with pytest.raises(
        AssertionError, match=r"Mei waited 0.05 s for 'pump'; saw\n  Mei: '/start'\n  Mei: 'pump'"
    ):
        await mei.wait_for("pump", timeout=0.05)
    sent = (await ask("sendMessage", chat_id=mei.id, text="one"))["result"]
    waiting = asyncio.create_task(mei.wait_for("two"))
    await ask("editMessageText", chat_id=mei.id, message_id=sent["message_id"], text="two")
    assert (await waiting)["message_id"] == sent["message_id"]
    assert (await mei.wait_for(lambda message: message.get("text") == "pump"))["from"]["id"] == mei.id


async def test_who_blocked_the_bot_cannot_write_to_it(mei):
    mei.block()
    with pytest.raises(ValueError, match="blocked"):
        mei.say("hello")


async def test_reply_keyboards_stay_until_removed(sim, mei, ask, http):
    keyboard = {"keyboard": [[{"text": "My number", "request_contact": True}]], "resize_keyboard": True}
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=keyboard))["result"]
    assert "reply_markup" not in sent, "a Message shows inline keyboards only"
    url = f"/sim/keyboard?chat={mei.id}"
    assert (await http.get(url)).json() == keyboard
    await ask("sendMessage", chat_id=mei.id, text="thanks")
    assert (await http.get(url)).json() == keyboard
    await ask("sendMessage", chat_id=mei.id, text="bye", reply_markup={"remove_keyboard": True})
    assert (await http.get(url)).json() is None


async def test_the_transcript_reads_like_a_story(sim, mei, ask):
    mei.photo(caption="The pump leaks")
    sent = (await ask("sendMessage", chat_id=mei.id, text="Shall we come?", reply_markup=BUTTONS))["result"]
    query = mei.press(sent["message_id"], "Yes")
    await ask("answerCallbackQuery", callback_query_id=query, text="Noted")
    await ask("editMessageText", chat_id=mei.id, message_id=sent["message_id"], text="We come.")
    gone = mei.say("never mind")
    mei.delete(gone["message_id"])
    assert sim.transcript(mei).splitlines() == [
        "== Mei and Callout ==",
        "Mei: /start",
        "Mei: <photo> The pump leaks",
        "Callout: We come. (edited)",
        "Mei presses [Yes]",
        "    (answer: Noted)",
        "Mei: never mind (deleted)",
    ]


async def test_the_same_seed_tells_the_same_story(clock):
    from simulator.telegram import TelegramSimulator

    worlds = [TelegramSimulator(clock=clock, seed=5) for _ in range(2)]
    told = [sim.add_person("Mei").photo(caption="x") for sim in worlds]
    assert told[0] == told[1]


async def test_looking_at_an_empty_chat_does_not_open_it(sim, ask, http):
    nora = sim.add_person("Nora")
    assert nora.messages() == []
    nora.block()
    nora.unblock()
    assert (await ask("sendMessage", chat_id=nora.id, text="hi"))[
        "description"
    ] == "Bad Request: chat not found"
    assert (await http.get("/sim/state")).json()["chats"] == []
    for words in ("", "  ", "x" * 4097):
        with pytest.raises(ValueError, match="1 to 4096"):
            nora.say(words)


async def test_the_server_goes_away_and_comes_back_where_it_was(sim, mei, ask, http):
    mei.say("before")
    await sim.stop()
    with pytest.raises(httpx.ConnectError):
        await ask("getMe")
    mei.say("meanwhile")
    url = sim.url
    await sim.start()
    assert sim.url == url
    assert [update["message"]["text"] for update in await told(ask)] == ["before", "meanwhile"]
