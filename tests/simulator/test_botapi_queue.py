"""The queue of updates keeps the real server's rules, one by one."""

import asyncio
import json
import time

import httpx
import pytest

from simulator.telegram import TelegramSimulator


def texts(answer):
    return [update["message"]["text"] for update in answer["result"]]


async def test_only_the_next_offset_confirms(sim, mei, ask):
    for word in ("one", "two", "three"):
        mei.say(word)
    first = await ask("getUpdates")
    assert texts(first) == ["one", "two", "three"]
    assert texts(await ask("getUpdates")) == ["one", "two", "three"], "reading confirms nothing"
    assert sim.pending == 3 and sim.confirmed == 1
    second = await ask("getUpdates", offset=first["result"][0]["update_id"] + 1)
    assert texts(second) == ["two", "three"]
    assert sim.pending == 2 and sim.confirmed == 2


async def test_a_negative_offset_keeps_the_last_ones_only(sim, mei, ask):
    for word in ("one", "two", "three"):
        mei.say(word)
    assert texts(await ask("getUpdates", offset=-1)) == ["three"]
    assert sim.pending == 1


async def test_an_offset_far_in_the_future_confirms_nothing(sim, mei, ask):
    mei.say("one")
    assert texts(await ask("getUpdates", offset=2_000_000_000)) == ["one"]


async def test_a_batch_holds_at_most_a_hundred(sim, mei, ask):
    for number in range(130):
        mei.say(str(number))
    assert len(texts(await ask("getUpdates"))) == 100
    assert len(texts(await ask("getUpdates", limit=1000))) == 100
    assert len(texts(await ask("getUpdates", limit=7))) == 7


async def test_a_batch_holds_at_most_four_megabytes(sim, mei, ask):
    for _ in range(6):
        sim.inject({"message": {"date": sim.world.now(), "chat": {"id": mei.id}, "text": "x" * 1_000_000}})
    assert len((await ask("getUpdates"))["result"]) == 4


async def test_messages_wait_a_day_and_presses_150_seconds(sim, mei, ask, clock):
    sent = await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS)
    mei.say("hello")
    mei.press(sent["result"]["message_id"], "Yes")
    clock.forward(149)
    assert sim.pending == 2
    clock.forward(1)
    assert texts(await ask("getUpdates")) == ["hello"]
    assert sim.expired == 1
    clock.forward(24 * 3600 - 151)
    assert sim.pending == 1
    clock.forward(1)
    assert (await ask("getUpdates"))["result"] == []
    assert sim.expired == 2


async def test_an_edit_lives_a_day_from_the_edit(sim, mei, clock):
    written = mei.say("hello")
    clock.forward(23 * 3600)
    mei.edit(written["message_id"], "hello!")
    clock.forward(2 * 3600)
    assert sim.pending == 1


async def test_a_message_older_than_a_day_is_never_delivered(sim, mei, ask):
    sim.inject({"message": {"date": sim.world.now() - 25 * 3600, "chat": {"id": mei.id}, "text": "old"}})
    assert (await ask("getUpdates"))["result"] == []


async def test_of_two_waiting_pollers_the_older_gets_409(sim, ask):
    older = asyncio.create_task(ask("getUpdates", timeout=20))
    await asyncio.sleep(0.05)
    newer = asyncio.create_task(ask("getUpdates", timeout=20))
    answer = await asyncio.wait_for(older, 2)
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    sim.add_person("Nora").say("hi")
    assert texts(await asyncio.wait_for(newer, 2)) == ["hi"]


async def test_two_pollers_with_updates_pending_both_get_them(sim, mei, ask):
    mei.say("hello")
    answers = await asyncio.gather(ask("getUpdates", timeout=5), ask("getUpdates", timeout=5))
    assert [texts(answer) for answer in answers] == [["hello"], ["hello"]]


async def test_a_long_poll_ends_when_something_comes(sim, mei, ask):
    waiting = asyncio.create_task(ask("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    mei.say("now")
    assert texts(await asyncio.wait_for(waiting, 1)) == ["now"]


async def test_a_long_poll_ends_empty_after_its_time(ask):
    begun = time.monotonic()
    assert (await ask("getUpdates", timeout=1))["result"] == []
    assert 0.9 < time.monotonic() - begun < 2


async def test_a_poller_that_hung_up_does_not_take_updates_away(sim, mei, ask):
    with pytest.raises(httpx.ReadTimeout):
        async with httpx.AsyncClient(timeout=0.1, trust_env=False) as impatient:
            await impatient.get(f"{sim.api_url}{sim.token}/getUpdates", params={"timeout": 30})
    mei.say("still here")
    assert texts(await ask("getUpdates")) == ["still here"]


async def test_the_server_brakes_a_poller_that_repeats_its_offset():
    async with TelegramSimulator() as sim, httpx.AsyncClient(trust_env=False) as client:
        mei = sim.add_person("Mei")
        url = f"{sim.api_url}{sim.token}/getUpdates"
        for word in ("one", "two"):
            mei.say(word)
        assert len(texts((await client.get(url)).json())) == 2
        assert len(texts((await client.get(url)).json())) == 1, "again within 0.5 s: one update"
        await asyncio.sleep(0.55)
        assert len(texts((await client.get(url)).json())) == 2
        sim.world.updates.clear()
        waiting = asyncio.create_task(client.get(url))
        await asyncio.sleep(0.3)
        assert not waiting.done(), "again within 3 s without updates: the server waits although timeout is 0"
        mei.say("three")
        assert texts((await waiting).json()) == ["three"]


async def test_update_ids_count_up(sim, mei, ask):
    for word in ("one", "two", "three"):
        mei.say(word)
    ids = [update["update_id"] for update in (await ask("getUpdates"))["result"]]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2] and ids[0] > 1_000_000


async def test_allowed_updates_choose_what_is_queued(sim, mei, ask):
    written = mei.say("hello")
    mei.react(written["message_id"], "👍")
    assert sim.pending == 1, "message_reaction comes on request only"
    wanted = ["message_reaction", "callback_query"]
    await ask("getUpdates", allowed_updates=wanted)
    mei.react(written["message_id"], "🔥")
    mei.say("not wanted")
    kinds = [list(update)[1] for update in (await ask("getUpdates"))["result"]]
    assert kinds == ["message", "message_reaction"]
    await ask("getUpdates", allowed_updates=[])
    mei.say("wanted again")
    assert sim.pending == 3


async def test_unknown_and_broken_updates_can_be_injected(sim, http, ask):
    sim.inject({"telepathy": {"thought": "?"}})
    number = sim.inject_raw('{"update_id": %UPDATE_ID%, "message": {"text": 7}}')
    answer = await ask("getUpdates")
    assert answer["result"][0]["telepathy"] == {"thought": "?"}
    assert answer["result"][1] == {"update_id": number, "message": {"text": 7}}
    sim.inject_raw("{broken")
    broken = await http.get(f"/bot{sim.token}/getUpdates")
    with pytest.raises(json.JSONDecodeError):
        broken.json()


async def test_an_update_can_be_repeated(sim, mei, ask):
    mei.say("one")
    update = sim.world.updates.fresh()[0]
    await ask("getUpdates", offset=update.update_id + 1)
    sim.world.updates.repeat(update)
    assert [again["update_id"] for again in (await ask("getUpdates"))["result"]] == [update.update_id]


async def test_blocking_tells_the_bot(sim, mei, ask):
    mei.block()
    change = (await ask("getUpdates"))["result"][0]["my_chat_member"]
    assert change["new_chat_member"]["status"] == "kicked" and change["from"]["id"] == mei.id
    refused = await ask("sendMessage", chat_id=mei.id, text="hello?")
    assert (refused["error_code"], refused["description"]) == (403, "Forbidden: bot was blocked by the user")
    mei.unblock()
    assert (await ask("sendMessage", chat_id=mei.id, text="hello!"))["ok"]


BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "No", "callback_data": "n"}]]}
