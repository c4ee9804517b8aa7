"""A Chromium; the page with three phones and a bot of thirty lines; and the demo's own stage with the real service."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import structlog
from show import PATIENCE, SIZE, Show

from callout import stage as demo
from simulator.telegram import Person, TelegramSimulator

playwright = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed")

TOKEN = "7000001:SIMpage"
ARGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHARE = {"text": "Share my contact", "request_contact": True}
KEYBOARD = {"keyboard": [[SHARE], [{"text": "Not now"}]], "resize_keyboard": True}
OPEN = {
    "inline_keyboard": [
        [{"text": "Take", "callback_data": "take"}, {"text": "Details", "callback_data": "more"}]
    ]
}
TAKEN = {"inline_keyboard": [[{"text": "Done", "callback_data": "done"}]]}


class TinyBot:
    """Greets at /start, answers any other text with a card, and changes the card when it is taken."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.slow = 0.0  # seconds before a press is answered

    async def run(self) -> None:
        """Poll until cancelled."""
        offset = 0
        async with httpx.AsyncClient(timeout=30) as self.http:
            while True:
                for update in await self.call("getUpdates", offset=offset, timeout=10):
                    offset = update["update_id"] + 1
                    await self.take(update)

    async def call(self, method: str, **params: Any) -> Any:
        """Make one request of the Bot API."""
        answer = await self.http.post(f"{self.base}/{method}", json=params)
        return answer.json().get("result", [])

    async def take(self, update: dict[str, Any]) -> None:
        """Do what the update asks for."""
        if "callback_query" in update:
            await self.pressed(update["callback_query"])
        message = update.get("message", {})
        chat = message.get("chat", {}).get("id")
        if message.get("text", "").startswith("/start"):
            await self.call("sendMessage", chat_id=chat, text="Hello! What is broken?", reply_markup=KEYBOARD)
        elif "contact" in message:
            text = f"Thanks, {message['contact']['phone_number']}"
            await self.call("sendMessage", chat_id=chat, text=text, reply_markup={"remove_keyboard": True})
        elif "text" in message:
            await self.call("sendMessage", chat_id=chat, text=f"Job: {message['text']}", reply_markup=OPEN)

    async def pressed(self, query: dict[str, Any]) -> None:
        """Answer a press: "more" with an alert, the rest with a toast and a changed card."""
        await asyncio.sleep(self.slow)
        if query["data"] == "more":
            answer = {"text": "Third floor, left door", "show_alert": True}
            await self.call("answerCallbackQuery", callback_query_id=query["id"], **answer)
            return
        card = query["message"]
        where = {"chat_id": card["chat"]["id"], "message_id": card["message_id"]}
        await self.call("answerCallbackQuery", callback_query_id=query["id"], text="Taken by you")
        await self.call("editMessageText", **where, text=card["text"] + " (taken)", reply_markup=TAKEN)


@dataclass
class Stage:
    """What a test has in its hands: the simulator, its people, the bot and the page."""

    sim: TelegramSimulator
    mei: Person
    ana: Person
    otto: Person
    office: int
    bot: TinyBot
    page: Any = None
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def phone(self, person: Person) -> Any:
        """The person's phone on the page."""
        return self.page.locator(f'section.phone[data-user="{person.id}"]')


@pytest.fixture
def chromium() -> str:
    """Where the browser is; without one the browser tests are skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium found: install chromium, chromium-browser or google-chrome")


@pytest.fixture
async def world() -> AsyncIterator[Stage]:
    """A simulator with Mei, Ana and Otto, an office group, and the tiny bot at work."""
    async with TelegramSimulator(
        token=TOKEN, port=0, bot_username="callout_demo_bot", bot_name="Callout"
    ) as sim:
        mei = sim.add_person("Mei", language_code="zh-hans", phone="+85255501234", hint="customer")
        ana = sim.add_person("Ana", language_code="en", hint="engineer")
        otto = sim.add_person("Otto", language_code="en", hint="dispatcher")
        office = sim.add_group("Office", members=[ana, otto])
        bot = TinyBot(f"{sim.url}/bot{TOKEN}")
        work = asyncio.create_task(bot.run())
        yield Stage(sim, mei, ana, otto, office, bot)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Any]:
    """A running Chromium without a window."""
    async with playwright.async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=chromium, args=list(ARGS))
        yield running
        await running.close()


@pytest.fixture
async def stage(browser: Any, world: Stage) -> AsyncIterator[Stage]:
    """The page, open and connected; afterwards it must have made no error and no request to elsewhere."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = world.page = await context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda said: world.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: world.errors.append(str(error)))
    page.on("request", lambda request: world.asked.append(request.url))
    await page.goto(world.sim.url)
    await playwright.expect(page.locator("section.phone")).to_have_count(3)
    yield world
    await context.close()
    assert world.errors == []
    strangers = [url for url in world.asked if not url.startswith((world.sim.url, "data:", "blob:"))]
    assert strangers == []


@pytest.fixture
def quiet_logs() -> None:
    """The service's own log lines are not what the stories are about."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture
async def show(browser: Any, quiet_logs: None) -> AsyncIterator[Show]:
    """The demo's own stage, opened in the browser; afterwards the page must have made no error."""
    async with demo.stage() as running:
        context = await browser.new_context(viewport=SIZE, locale="en-GB")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        found = Show(running, page)
        page.on("console", lambda said: found.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        await page.goto(running.sim.url)
        await playwright.expect(page.locator("section.phone")).to_have_count(4)
        yield found
        await context.close()
        assert found.errors == []
