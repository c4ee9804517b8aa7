"""Webhook mode: a queue per chat, another per user for presses, order inside, retries with growing pauses."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from simulator.telegram.listener import Listener

BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


class Receiver:
    """The bot's side of the webhook: notes what arrives and answers as told."""

    def __init__(self, eventually) -> None:
        self.eventually = eventually
        self.arrived: list[dict] = []
        self.times: list[float] = []
        self.secrets: list[str | None] = []
        self.answers: list[Response] = []
        self.hold: asyncio.Event | None = None
        self.open = 0
        self.most_open = 0
        self.url = ""

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        self.arrived.append(json.loads(await request.body()))
        self.times.append(time.monotonic())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        answer = self.answers.pop(0) if self.answers else Response()
        if self.hold is not None:
            await self.hold.wait()
        self.open -= 1
        await answer(scope, receive, send)

    async def until(self, count: int) -> list[dict]:
        await self.eventually(lambda: len(self.arrived) >= count)
        return self.arrived

    def words(self) -> list[str]:
        return [update["message"]["text"] for update in self.arrived if "message" in update]


@pytest.fixture
async def receiver(sim, eventually) -> AsyncIterator[Receiver]:
    app = Receiver(eventually)
    listener = Listener(app)
    await listener.start()
    app.url = f"http://127.0.0.1:{listener.port}/hook"
    yield app
    await sim.api.webhook.remove()
    await listener.stop()


async def test_updates_arrive_with_the_secret_and_are_confirmed_by_200(sim, mei, ask, receiver, eventually):
    assert (await ask("setWebhook", url=receiver.url, secret_token="s3cret-_"))["ok"]
    mei.say("hello")
    await receiver.until(1)
    await eventually(lambda: not sim.pending)
    assert receiver.words() == ["hello"]
    assert receiver.secrets == ["s3cret-_"]
    assert sim.confirmed == 2


async def test_what_waited_is_delivered_when_the_webhook_is_set(sim, mei, ask, receiver):
    mei.say("early")
    await ask("setWebhook", url=receiver.url)
    await receiver.until(1)
    assert receiver.words() == ["early"]


async def test_inside_a_chat_one_at_a_time_across_chats_side_by_side(sim, mei, ask, receiver):
    nora = sim.add_person("Nora")
    receiver.hold = asyncio.Event()
    await ask("setWebhook", url=receiver.url)
    for number in range(3):
        mei.say(f"Mei {number}")
        nora.say(f"Nora {number}")
    await receiver.until(2)
    await asyncio.sleep(0.05)
    assert sorted(receiver.words()) == ["Mei 0", "Nora 0"], "the second of each waits for the first"
    receiver.hold.set()
    await receiver.until(6)
    for name in ("Mei", "Nora"):
        own = [word for word in receiver.words() if word.startswith(name)]
        assert own == [f"{name} 0", f"{name} 1", f"{name} 2"]


async def test_a_press_overtakes_a_message_of_the_same_chat(sim, mei, ask, receiver):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    receiver.answers = [Response(status_code=500) for _ in range(3)]
    receiver.hold = asyncio.Event()
    await ask("setWebhook", url=receiver.url)
    mei.say("slow")
    mei.press(sent["message_id"], "Yes")
    await receiver.until(2)
    assert [list(update)[1] for update in receiver.arrived] == ["message", "callback_query"]
    receiver.hold.set()


async def test_max_connections_is_the_most_at_once(sim, ask, receiver):
    people = [sim.add_person("Nora") for _ in range(6)]
    receiver.hold = asyncio.Event()
    await ask("setWebhook", url=receiver.url, max_connections=2)
    for person in people:
        person.say("hi")
    await receiver.until(2)
    await asyncio.sleep(0.05)
    assert len(receiver.arrived) == 2
    receiver.hold.set()
    await receiver.until(6)
    assert receiver.most_open == 2


async def test_the_first_retry_comes_at_once_and_then_the_pause_doubles(sim, mei, ask, receiver):
    receiver.answers = [Response(status_code=500) for _ in range(4)]
    await ask("setWebhook", url=receiver.url)
    mei.say("one")
    mei.say("two")
    await receiver.until(6)
    assert receiver.words() == ["one"] * 5 + ["two"], "the queue waits behind the failing update"
    pauses = [later - earlier for earlier, later in zip(receiver.times, receiver.times[1:], strict=False)]
    assert pauses[0] < pauses[3]
    assert pauses[1] >= 0.02 and pauses[2] >= 0.04 and pauses[3] >= 0.08
    info = (await ask("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_retry_after_is_honoured(sim, mei, ask, receiver):
    receiver.answers = [Response(status_code=503, headers={"Retry-After": "0.3"})]
    await ask("setWebhook", url=receiver.url)
    mei.say("one")
    await receiver.until(2)
    assert receiver.times[1] - receiver.times[0] >= 0.3


async def test_an_update_that_would_expire_before_its_next_try_is_dropped(
    sim, mei, ask, receiver, clock, eventually
):
    sent = (await ask("sendMessage", chat_id=mei.id, text="?", reply_markup=BUTTONS))["result"]
    receiver.answers = [Response(status_code=503, headers={"Retry-After": "151"})]
    await ask("setWebhook", url=receiver.url)
    mei.press(sent["message_id"], "Yes")
    await receiver.until(1)
    await eventually(lambda: not sim.pending)
    assert sim.expired == 1 and len(receiver.arrived) == 1


async def test_23_hours_of_410_remove_the_webhook(sim, mei, ask, receiver, clock, eventually):
    receiver.answers = [Response(status_code=410) for _ in range(99)]
    await ask("setWebhook", url=receiver.url)
    mei.say("one")
    await eventually(lambda: sim.api.webhook.last_error)
    clock.forward(23 * 3600 + 1)
    await eventually(lambda: not sim.api.webhook.url)
    assert (await ask("getWebhookInfo"))["result"]["url"] == ""
    assert len((await ask("getUpdates"))["result"]) == 1


async def test_nobody_listens(sim, mei, ask):
    await ask("setWebhook", url="http://127.0.0.1:9/hook")
    mei.say("one")
    await asyncio.sleep(0.05)
    info = (await ask("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Connection refused" and info["pending_update_count"] == 1


async def test_the_answer_may_carry_a_method(sim, mei, ask, receiver):
    body = {"method": "sendMessage", "chat_id": mei.id, "text": "straight back"}
    receiver.answers = [Response(json.dumps(body), media_type="application/json")]
    await ask("setWebhook", url=receiver.url)
    mei.say("hello")
    await mei.wait_for("straight back")


async def test_polling_and_webhook_exclude_each_other(sim, mei, ask, receiver):
    waiting = asyncio.create_task(ask("getUpdates", timeout=20))
    await asyncio.sleep(0.05)
    await ask("setWebhook", url=receiver.url)
    assert (await waiting)["description"] == "Conflict: terminated by setWebhook request"
    refused = await ask("getUpdates")
    assert refused["error_code"] == 409
    assert refused["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    await ask("deleteWebhook")
    assert (await ask("getUpdates"))["ok"]


async def test_dropping_what_waits(sim, mei, ask):
    mei.say("one")
    await ask("deleteWebhook", drop_pending_updates=True)
    assert sim.pending == 0


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "ftp://127.0.0.1/"}, "bad webhook: an HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org/"}, "bad webhook: the simulator calls loopback addresses only"),
        ({"url": "http://127.0.0.1/", "secret_token": "x y"}, "secret token contains unallowed characters"),
        ({"url": "http://127.0.0.1/", "secret_token": "x" * 257}, "secret token is too long"),
    ],
)
async def test_a_bad_webhook_is_refused(ask, params, words):
    assert (await ask("setWebhook", **params))["description"] == f"Bad Request: {words}"
