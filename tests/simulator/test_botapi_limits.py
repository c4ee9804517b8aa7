"""Telegram's own limits and words: what it refuses, and how it says so."""

import pytest


def refused(answer, words, code=400):
    assert (answer["ok"], answer["error_code"], answer["description"]) == (False, code, words)


def button(**fields):
    return {"inline_keyboard": [[{"text": "B", **fields}]]}


BAD_MARKUP = [
    (button(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
    (button(callback_data="é" * 33), "BUTTON_DATA_INVALID"),
    (
        button(callback_data=""),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (button(), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (
        {"inline_keyboard": [[{"callback_data": "x"}]]},
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    ({"inline_keyboard": "bad"}, 'field "inline_keyboard" must be of type Array'),
    (button(url="not-a-url"), "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
    (
        button(url="ftp://example.com"),
        "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
    ),
    (
        button(web_app={"url": "http://example.com"}),
        "inline keyboard button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed",
    ),
    (button(pay=True), "BUTTON_TYPE_INVALID"),
    (button(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
    ({"inline_keyboard": [[{"text": "B", "callback_data": "x"}] * 101]}, "reply markup is too long"),
    ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
    ({"keyboard": [[{"request_contact": True}]]}, "can't parse keyboard button: Can't find field \"text\""),
    ([], "object expected as reply markup"),
]


@pytest.mark.parametrize(("markup", "words"), BAD_MARKUP)
async def test_a_keyboard_is_refused(mei, ask, markup, words):
    refused(await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=markup), f"Bad Request: {words}")
    assert len(mei.messages()) == 1


async def test_callback_data_of_64_bytes_passes_and_textless_buttons_vanish(mei, ask):
    rows = [[{"text": "B", "callback_data": "x" * 64}, {"text": "", "callback_data": "y"}]]
    sent = await ask("sendMessage", chat_id=mei.id, text="?", reply_markup={"inline_keyboard": rows})
    assert sent["result"]["reply_markup"] == {"inline_keyboard": [rows[0][:1]]}


async def test_text_is_1_to_4096_utf16_units_after_parsing(mei, ask):
    assert (await ask("sendMessage", chat_id=mei.id, text="x" * 4096))["ok"]
    assert (await ask("sendMessage", chat_id=mei.id, text="🏟" * 2048))["ok"]
    assert (await ask("sendMessage", chat_id=mei.id, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML"))["ok"]
    for text in ("x" * 4097, "🏟" * 2049):
        refused(await ask("sendMessage", chat_id=mei.id, text=text), "Bad Request: message is too long")
    refused(await ask("sendMessage", chat_id=mei.id), "Bad Request: message text is empty")
    refused(await ask("sendMessage", chat_id=mei.id, text="   "), "Bad Request: text must be non-empty")


async def test_a_caption_is_at_most_1024_units(sim, mei, ask):
    file_id = mei.photo()["photo"][-1]["file_id"]
    assert (await ask("sendPhoto", chat_id=mei.id, photo=file_id, caption="x" * 1024))["ok"]
    answer = await ask("sendPhoto", chat_id=mei.id, photo=file_id, caption="x" * 1025)
    refused(answer, "Bad Request: message caption is too long")


async def test_chats_that_cannot_be_written_to(sim, mei, ask):
    nora = sim.add_person("Nora")
    refused(await ask("sendMessage", chat_id=nora.id, text="hi"), "Bad Request: chat not found")
    refused(await ask("sendMessage", chat_id="@nora", text="hi"), "Bad Request: chat not found")
    refused(await ask("sendMessage", text="hi"), "Bad Request: chat_id is empty")
    sim.add_group("Office", [nora])
    words = "Forbidden: bot can't initiate conversation with a user"
    refused(await ask("sendMessage", chat_id=nora.id, text="hi"), words, 403)
    nora.start()
    assert (await ask("sendMessage", chat_id=nora.id, text="hi"))["ok"]
    nora.deactivate()
    refused(await ask("sendMessage", chat_id=nora.id, text="hi"), "Forbidden: user is deactivated", 403)


async def test_replies_and_threads_must_exist(mei, ask):
    answer = await ask("sendMessage", chat_id=mei.id, text="hi", reply_parameters={"message_id": 999999})
    refused(answer, "Bad Request: message to be replied not found")
    answer = await ask("sendMessage", chat_id=mei.id, text="hi", reply_parameters={"quote": "x"})
    refused(answer, 'Bad Request: can\'t find field "message_id"')
    lenient = {"message_id": 999999, "allow_sending_without_reply": True}
    assert (await ask("sendMessage", chat_id=mei.id, text="hi", reply_parameters=lenient))["ok"]
    answer = await ask("sendMessage", chat_id=mei.id, text="hi", message_thread_id=99)
    refused(answer, "Bad Request: message thread not found")
    question = mei.say("question")
    reply = await ask("sendMessage", chat_id=mei.id, text="hi", reply_to_message_id=question["message_id"])
    assert reply["result"]["reply_to_message"]["text"] == "question"


async def test_editing(sim, mei, ask):
    sent = (await ask("sendMessage", chat_id=mei.id, text="one", reply_markup=button(callback_data="x")))[
        "result"
    ]
    here = {"chat_id": mei.id, "message_id": sent["message_id"]}
    same = await ask("editMessageText", **here, text="one", reply_markup=button(callback_data="x"))
    refused(
        same,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message",
    )
    edited = (await ask("editMessageText", **here, text="two"))["result"]
    assert edited["text"] == "two" and edited["edit_date"] == sim.world.now()
    assert "reply_markup" not in edited, "without reply_markup the buttons go"
    assert mei.messages()[-1]["text"] == "two"
    refused(
        await ask("editMessageText", chat_id=mei.id, message_id=999999, text="x"),
        "Bad Request: message to edit not found",
    )
    foreign = mei.say("mine")["message_id"]
    refused(
        await ask("editMessageText", chat_id=mei.id, message_id=foreign, text="x"),
        "Bad Request: message can't be edited",
    )
    refused(
        await ask("editMessageCaption", **here, caption="x"),
        "Bad Request: there is no caption in the message to edit",
    )
    keyboard = {"keyboard": [["A"]]}
    refused(
        await ask("editMessageText", **here, text="3", reply_markup=keyboard),
        "Bad Request: inline keyboard expected",
    )
    again = await ask("editMessageReplyMarkup", **here, reply_markup=button(callback_data="z"))
    assert again["result"]["text"] == "two" and again["result"]["reply_markup"] == button(callback_data="z")


async def test_deleting(sim, mei, ask, clock):
    sent = (await ask("sendMessage", chat_id=mei.id, text="one"))["result"]["message_id"]
    assert (await ask("deleteMessage", chat_id=mei.id, message_id=sent))["result"] is True
    refused(
        await ask("deleteMessage", chat_id=mei.id, message_id=sent),
        "Bad Request: message to delete not found",
    )
    old = mei.say("old")["message_id"]
    clock.forward(48 * 3600 + 1)
    refused(
        await ask("deleteMessage", chat_id=mei.id, message_id=old),
        "Bad Request: message can't be deleted for everyone",
    )
    numbers = [mei.say(word)["message_id"] for word in "abc"]
    assert (await ask("deleteMessages", chat_id=mei.id, message_ids=[*numbers, 999999]))["result"] is True
    assert not {message["message_id"] for message in mei.messages()} & set(numbers)


async def test_a_press_must_be_answered_soon_and_shortly(sim, mei, ask, clock):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=button(callback_data="x")))[
        "result"
    ]
    query = mei.press(sent["message_id"], "B")
    refused(
        await ask("answerCallbackQuery", callback_query_id=query, text="x" * 201),
        "Bad Request: MESSAGE_TOO_LONG",
    )
    assert (await ask("answerCallbackQuery", callback_query_id=query, text="x" * 200, show_alert=True))["ok"]
    assert mei.answer(query) == {"text": "x" * 200, "show_alert": True, "at": clock()}
    late = mei.press(sent["message_id"], "B")
    clock.forward(16)
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    refused(await ask("answerCallbackQuery", callback_query_id=late), words)
    refused(await ask("answerCallbackQuery", callback_query_id="12345"), words)


async def test_reactions(mei, ask):
    here = {"chat_id": mei.id, "message_id": mei.say("hello")["message_id"]}
    thumb, odd = {"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "🚜"}
    assert (await ask("setMessageReaction", **here, reaction=[thumb]))["result"] is True
    refused(await ask("setMessageReaction", **here, reaction=[odd]), "Bad Request: REACTION_INVALID")
    refused(
        await ask("setMessageReaction", **here, reaction=[thumb, thumb]), "Bad Request: REACTIONS_TOO_MANY"
    )
    refused(
        await ask("setMessageReaction", chat_id=mei.id, message_id=1, reaction=[thumb]),
        "Bad Request: message to react not found",
    )


async def test_the_token_guards_everything(sim, http):
    for token, code, words in (("123456:wrong", 401, "Unauthorized"), ("nonsense", 404, "Not Found")):
        for path in (f"/bot{token}/getMe", f"/file/bot{token}/photos/file_0.jpg"):
            answer = await http.get(path)
            assert answer.status_code == code
            refused(answer.json(), words, code)


async def test_an_unknown_method_is_answered_loudly(sim, ask, caplog):
    answer = await ask("sendTelepathy", chat_id=1)
    refused(answer, "Not Implemented: the simulator does not know the method sendTelepathy", 501)
    assert sim.unknown == ["sendTelepathy"]
    assert "sendTelepathy" in caplog.text


async def test_every_form_of_request_is_understood(sim, mei, http):
    url = f"/bot{sim.token}/sendMessage"
    words = {"chat_id": str(mei.id), "text": "hi"}
    assert (await http.get(url, params=words)).json()["ok"]
    assert (await http.post(url, params=words)).json()["ok"]
    assert (await http.post(url, data=words)).json()["ok"]
    assert (await http.post(url, json=words)).json()["ok"]
    assert (await http.post(url, data=words, files={"unused": b"x"})).json()["ok"]
    assert (await http.post(url.replace("sendMessage", "SENDMESSAGE"), json=words)).json()["ok"]
    broken = await http.post(url, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert [message["text"] for message in mei.messages()][1:] == ["hi"] * 6


async def test_every_request_is_recorded_with_its_effect(sim, mei, ask):
    await ask("sendMessage", chat_id=mei.id, text="hi")
    await ask("sendMessage", chat_id=mei.id, text="")
    good, bad = sim.calls
    assert (good.method, good.params, good.status) == ("sendMessage", {"chat_id": mei.id, "text": "hi"}, 200)
    assert good.effect_message_id == mei.messages()[-1]["message_id"] and good.at == sim.world.clock()
    assert (bad.status, bad.effect_message_id) == (400, None)
    sim.keep_calls(1)
    await ask("getMe")
    assert [call.method for call in sim.calls] == ["getMe"]


ODD = [
    ("sendMessage", {"text": "x", "reply_parameters": [7]}),
    ("sendMessage", {"text": "x", "entities": [{"type": ["a"], "offset": 0, "length": 1}]}),
    (
        "sendMessage",
        {"text": "x", "entities": [{"type": "text_mention", "offset": 0, "length": 1, "user": 7}]},
    ),
    ("sendMessage", {"text": "x", "link_preview_options": "{"}),
    ("sendMessage", {"text": "x", "reply_markup": "{"}),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [7]}}),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[7]]}}),
    ("sendMediaGroup", {"media": [7, 7]}),
    ("editMessageMedia", {"message_id": 1, "media": "x"}),
    ("deleteMessages", {"message_ids": ["x"]}),
    ("setMyCommands", {"commands": [7]}),
    ("setMyCommands", {"commands": [], "scope": [1]}),
    ("setChatMenuButton", {"menu_button": [1]}),
    ("sendLocation", {"latitude": "north", "longitude": 1}),
]


@pytest.mark.parametrize(("method", "params"), ODD)
async def test_oddly_shaped_parameters_are_refused_not_stumbled_over(mei, ask, method, params):
    answer = await ask(method, chat_id=mei.id, **params)
    assert answer["error_code"] == 400 and answer["description"].startswith("Bad Request: ")


async def test_bodies_that_cannot_be_read(sim, http):
    url = f"/bot{sim.token}/sendMessage"
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    for kind, body in ((form, b"\xff\xfe=1"), (parts, b"--x\r\nbroken"), ("application/json", b"[1]")):
        answer = await http.post(url, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400 and answer.json()["ok"] is False
    surrogate = await http.post(
        url, content=b'{"chat_id": 1, "text": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    refused(surrogate.json(), "Bad Request: text must be encoded in UTF-8")
