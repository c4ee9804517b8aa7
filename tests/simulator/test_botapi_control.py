"""The control API under /sim/ and the stream of events: all that the page of phones uses."""

import asyncio
import json

import httpx
import pytest

BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


async def test_state(sim, mei, http):
    otto = sim.add_person("Otto", last_name="Kern", username="otto_k", hint="dispatcher", on_page=False)
    group = sim.add_group("Office", [otto, mei])
    state = (await http.get("/sim/state")).json()
    assert state["bot"]["username"] == "callout_demo_bot"
    assert [person["first_name"] for person in state["people"]] == ["Mei", "Otto"]
    assert state["people"][0] == {
        "id": mei.id,
        "first_name": "Mei",
        "last_name": "",
        "username": None,
        "language_code": "zh-hans",
        "phone": mei.phone,
        "on_page": True,
        "role_hint": "customer",
        "blocked": False,
    }
    assert not state["people"][1]["on_page"]
    shown = {chat["id"]: chat for chat in state["chats"]}
    assert shown[group]["title"] == "Office" and set(shown[group]["members"]) >= {otto.id, mei.id}


async def test_a_person_is_added_and_talks(sim, http):
    person = (await http.post("/sim/people", json={"first_name": "Nora", "hint": "stranger"})).json()
    assert (await http.get("/sim/messages", params={"user": person["id"], "chat": person["id"]})).json() == []
    here = f"/sim/people/{person['id']}"
    said = (await http.post(f"{here}/send", json={"chat": person["id"], "text": "hello"})).json()
    await http.post(
        f"{here}/edit", json={"chat": person["id"], "message_id": said["message_id"], "text": "hi"}
    )
    await http.post(
        f"{here}/send", json={"chat": person["id"], "location": {"latitude": 1.5, "longitude": 2}}
    )
    await http.post(
        f"{here}/send", json={"chat": person["id"], "contact": "own", "reply_to": said["message_id"]}
    )
    seen = (await http.get("/sim/messages", params={"user": person["id"], "chat": person["id"]})).json()
    assert seen[0]["text"] == "hi" and seen[0]["outgoing"] is True
    assert seen[2]["contact"]["user_id"] == person["id"] and seen[2]["reply_to_message"]["text"] == "hi"
    assert sim.pending == 4


async def test_a_press(sim, mei, ask, http):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    seen = (await http.get("/sim/messages", params={"user": mei.id, "chat": mei.id})).json()
    assert seen[-1]["reply_markup"] == BUTTONS and "outgoing" not in seen[-1]
    press = {"chat": mei.id, "message_id": sent["message_id"], "data": "y"}
    query = (await http.post(f"/sim/people/{mei.id}/press", json=press)).json()["query"]
    await ask("answerCallbackQuery", callback_query_id=query, text="ok")
    assert mei.answer(query)["text"] == "ok"
    refused = await http.post(f"/sim/people/{mei.id}/press", json={**press, "data": "nothing"})
    assert refused.status_code == 400 and "no button" in refused.json()["error"]


async def test_files_are_sent_and_shown(sim, mei, http):
    here, form = f"/sim/people/{mei.id}/send", {"chat": str(mei.id), "kind": "photo", "caption": "two"}
    files = [("file", ("a.png", b"\x89PNG\r\n\x1a\n1")), ("file", ("b.png", b"\x89PNG\r\n\x1a\n2"))]
    album = (await http.post(here, data=form, files=files)).json()
    assert len({message["media_group_id"] for message in album}) == 1
    document = (
        await http.post(here, data={**form, "kind": "document"}, files={"file": ("a.pdf", b"%PDF")})
    ).json()
    assert document["document"]["file_name"] == "a.pdf"
    seen = (await http.get("/sim/messages", params={"user": mei.id, "chat": mei.id})).json()
    urls = list(seen[1]["_file_urls"].values())
    shown = await http.get(urls[-1])
    assert shown.content == b"\x89PNG\r\n\x1a\n1" and shown.headers["content-type"] == "image/png"
    assert (await http.post(here, data={**form, "kind": "soup"}, files=files)).status_code == 400
    assert (await http.get("/sim/file/nothing")).status_code == 404


async def test_faults_and_calls(sim, mei, ask, http):
    assert (await http.post("/sim/faults", json={"kind": "429", "retry_after": 3})).status_code == 201
    assert (await ask("sendMessage", chat_id=mei.id, text="x"))["parameters"] == {"retry_after": 3}
    calls = (await http.get("/sim/calls")).json()
    assert (calls[-1]["method"], calls[-1]["status"]) == ("sendMessage", 429)
    for wrong in ({"kind": "gremlins"}, {"kind": "429", "colour": "red"}):
        assert (await http.post("/sim/faults", json=wrong)).status_code == 400


async def test_blocking_and_the_transcript(sim, mei, http):
    await http.post(f"/sim/people/{mei.id}/block")
    assert mei.account.blocked
    await http.post(f"/sim/people/{mei.id}/unblock")
    assert not mei.account.blocked
    assert (await http.post(f"/sim/people/{mei.id}/dance")).status_code == 404
    assert "Mei: /start" in (await http.get("/sim/transcript", params={"user": mei.id})).text


async def test_nobody_and_nothing(sim, http):
    assert (await http.get("/sim/messages", params={"user": 1, "chat": 1})).status_code == 404
    assert (await http.post("/sim/people/1/send", json={"text": "x"})).status_code == 404
    assert (await http.get("/sim/nothing")).status_code == 404
    assert (await http.get("/sim/messages", params={"user": "x"})).status_code == 400
    nora = sim.add_person("Nora")
    lacking = await http.post(f"/sim/people/{nora.id}/send", json={"chat": nora.id})
    assert (lacking.status_code, lacking.json()) == (400, {"error": "field 'text' is missing"})
    assert (await http.get("/..%2fsimulator.py")).status_code == 404
    assert (await http.get("/no.js")).status_code == 404


async def test_the_page_is_served(http):
    page = await http.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    script = await http.get("/phones.js")
    assert script.status_code == 200 and script.headers["content-type"].startswith("text/javascript")


@pytest.fixture
async def events(sim, http, eventually):
    """The events so far, read from the stream."""
    seen: list[dict] = []

    async def read() -> None:
        async with http.stream("GET", "/sim/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                seen.extend([json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else [])

    reading = asyncio.create_task(read())
    await eventually(lambda: sim.world.events.listeners)
    yield seen
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_everything_is_told_on_the_event_stream(sim, mei, ask, events, eventually):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    here = {"chat_id": mei.id, "message_id": sent["message_id"]}
    query = mei.press(sent["message_id"], "Yes")
    await ask("answerCallbackQuery", callback_query_id=query, text="ok", show_alert=True)
    await ask("editMessageText", **here, text="!")
    await ask("setMessageReaction", **here, reaction=[{"type": "emoji", "emoji": "👍"}])
    await ask("sendMessage", chat_id=mei.id, text="k", reply_markup={"keyboard": [["A"]]})
    await ask("sendChatAction", chat_id=mei.id, action="typing")
    await ask("deleteMessage", **here)
    await eventually(lambda: len(events) == 8)
    kinds = ["message", "answer", "edited", "reaction", "message", "keyboard", "action", "deleted"]
    assert [event["type"] for event in events] == kinds
    assert {event["chat"] for event in events} == {mei.id}
    assert events[0]["message"] == sent
    assert events[1] == {
        "type": "answer",
        "chat": mei.id,
        "user": mei.id,
        "query": query,
        "text": "ok",
        "show_alert": True,
    }
    assert events[2]["message"]["text"] == "!"
    assert events[5]["keyboard"]["keyboard"] == [[{"text": "A"}]]
    assert events[7]["message"] == {"message_id": sent["message_id"]}


async def test_a_stream_that_ends_is_forgotten(sim, mei, eventually):
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", f"{sim.url}/sim/events"):
        assert sim.world.events.listeners
    await eventually(lambda: not sim.world.events.listeners)
    mei.say("nobody listens")
