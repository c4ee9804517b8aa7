"""The same service behind a webhook, once through the whole story; and every request it makes is an official one."""

import asyncio
import socket
from pathlib import Path

import pytest

from simulator.telegram import Fault, TelegramSimulator
from simulator.telegram.official import OfficialList
from storage.records.ticket import State

API = Path(__file__).parents[3] / "shared" / "botapi" / "api.json"
SECRET = "correct-horse-battery-staple"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
async def sim():
    async with TelegramSimulator(pacing=False, webhook_delay=0.1) as simulator:
        yield simulator


async def test_the_story_through_a_webhook(town):
    """Messages and presses come in parallel and overtake each other; a stopped service is tried again."""
    port = free_port()
    await town.stop()
    town.overrides = {
        "telegram": {
            "mode": "webhook",
            "webhook_url": f"http://127.0.0.1:{port}",
            "webhook_port": port,
            "webhook_secret": SECRET,
        }
    }
    await town.start()
    await town.until(
        lambda: any(call.method == "setWebhook" and call.status == 200 for call in town.sim.calls)
    )
    polls = sum(call.method == "getUpdates" for call in town.sim.calls)
    number = await town.accepted()
    card = await town.ana.wait_for(f"{number} · accepted")
    await town.quiet()
    # The press is delivered in another queue than the words, so either may come first; both count.
    town.ana.say("I am downstairs", reply_to=card["message_id"])
    query = town.ana.press(card["message_id"], "📍 Arrived")
    await town.ana.wait_answer(query, 5)
    await town.mei.wait_for("I am downstairs")
    await town.mei.wait_for("Ana has arrived")
    await town.stop()
    town.mei.say("Are you there?", reply_to=(await town.mei.wait_for("Ana has arrived"))["message_id"])
    await asyncio.sleep(0.5)
    assert town.sim.pending == 1
    await town.start()
    await town.ana.wait_for("Are you there?", timeout=20)
    await town.quiet()
    await town.complete()
    await town.mei.wait_for("Service report")
    await town.press(town.mei, "Confirm", number)
    await town.press(town.mei, "2 satisfied", number)
    await town.quiet()
    assert (await town.ticket(number)).state is State.CLOSED
    assert sum(call.method == "getUpdates" for call in town.sim.calls) == polls
    assert (await town.inbox()).get("dead", 0) == 0
    assert town.sim.unknown == []


@pytest.mark.skipif(
    not API.exists(), reason="the official list of methods is not at hand (shared/botapi/api.json)"
)
async def test_every_request_is_one_the_official_list_knows(town):
    """A story that uses what there is: files, albums, pins, edits, reactions, answers, groups, faults."""
    group = town.sim.add_group("Office", [town.otto])
    town.otto.say("/office", chat=group)
    await town.otto.wait_for("This chat is the office now", chat=group)
    town.mei.photo(b"picture", "The pump is dry")
    await town.mei.wait_for("Where is it?")
    town.mei.location(52.5, 13.4)
    await town.press(town.mei, "Can wait", "How urgent")
    await town.mei.wait_for("On which number")
    town.mei.contact()
    await town.press(town.mei, "Send", "Is this right?")
    number = (await town.mei.wait_for("Your number is"))["text"].split()[-1].rstrip(".")
    await town.press(town.otto, "Dispatch now", number, group)
    await town.press(town.ana, "Accept", number)
    card = await town.mei.wait_for(lambda m: number in m.get("text", "") and "accepted" in m["text"])
    to = {"reply_to": card["message_id"]}
    for send in (town.mei.document, town.mei.video, town.mei.voice, town.mei.audio, town.mei.video_note):
        send(b"content", **to)
    town.mei.sticker("👍", **to)
    await town.mei.album(3, "Three")
    await town.press(town.mei, number, "What is this about?")
    await town.quiet()
    await town.press(town.otto, "Write to customer", number, group)
    town.sim.faults.add(Fault("400:can't parse entities", method="sendMessage"))
    question = await town.otto.wait_for("shall the customer", chat=group)
    town.otto.say("We come", chat=group, reply_to=question["message_id"])
    await town.mei.wait_for("We come")
    await town.quiet()
    await town.press(town.ana, "Arrived", number)
    await town.complete()
    await town.mei.wait_for("Service report")
    await town.quiet()
    used = {call.method for call in town.sim.calls}
    assert {"getUpdates", "sendMediaGroup", "sendLocation", "setMessageReaction", "getFile", "getMe"} <= {
        {"get_Updates": "getUpdates"}.get(method, method) for method in used
    }
    assert OfficialList(API).problems(town.sim.calls) == []
    assert town.sim.unknown == []
