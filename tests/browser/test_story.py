"""The main job played by clicking on the page: a real Chromium, the real service, and nothing behind the curtain.

The picture of the README is taken on the way; to renew it:
    DEMO_PICTURE=docs/pictures/demo.png .venv/bin/python -m pytest tests/browser/test_story.py
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from callout.stage import Stage, stage
from storage.records.ticket import Signing, State
from storage.unit import UnitOfWork

if TYPE_CHECKING:
    from simulator.telegram import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
playwright = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed")
expect = playwright.expect

PATIENCE = 30_000  # milliseconds, for a machine that has other things to do
SIZE = {"width": 1600, "height": 940}

# A lift's door that opens a hand's width, and a burnt contact: painted by the browser, as no camera is here.
PAINT = """async (what) => {
    const canvas = new OffscreenCanvas(640, 270);
    const pen = canvas.getContext("2d");
    const box = (color, x, y, w, h) => { pen.fillStyle = color; pen.fillRect(x, y, w, h); };
    const shade = (from, to, x, w) => {
        const colors = pen.createLinearGradient(x, 0, x + w, 0);
        colors.addColorStop(0, from); colors.addColorStop(1, to);
        return colors;
    };
    if (what === "door") {
        box("#b9b2a6", 0, 0, 640, 420);
        box("#6f6a62", 150, 70, 340, 350);
        box("#0d0f12", 300, 88, 40, 332);
        box(shade("#cfd3d6", "#8d949a", 164, 136), 164, 88, 136, 332);
        box(shade("#8d949a", "#cfd3d6", 340, 136), 340, 88, 136, 332);
        box("#17191c", 262, 18, 116, 40);
        pen.fillStyle = "#ff4a36"; pen.font = "bold 30px monospace"; pen.fillText("E 07", 284, 49);
        box("#4d4a45", 530, 190, 46, 96);
        for (const y of [214, 260]) { pen.fillStyle = "#f4e9c8"; pen.beginPath(); pen.arc(553, y, 14, 0, 7); pen.fill(); }
    } else {
        box("#3a3f44", 0, 0, 640, 420);
        box(shade("#9aa3ab", "#6b747c", 60, 520), 60, 150, 520, 120);
        for (const x of [150, 490]) { pen.fillStyle = "#2a2d31"; pen.beginPath(); pen.arc(x, 210, 26, 0, 7); pen.fill(); }
        box("#c98a3c", 250, 120, 140, 180);
        const burn = pen.createRadialGradient(320, 200, 6, 320, 200, 92);
        burn.addColorStop(0, "#060504"); burn.addColorStop(.6, "rgb(30 16 8 / .85)");
        burn.addColorStop(1, "rgb(60 30 10 / 0)");
        pen.fillStyle = burn; pen.fillRect(220, 100, 200, 210);
    }
    const blob = await canvas.convertToBlob({type: "image/jpeg", quality: .86});
    return [...new Uint8Array(await blob.arrayBuffer())];
}"""


@dataclass
class Show:
    """The page in front of somebody who plays all four parts."""

    stage: Stage
    page: Any
    errors: list[str] = field(default_factory=list)

    def phone(self, who: Person) -> Any:
        return self.page.locator(f'section.phone[data-user="{who.id}"]')

    def message(self, who: Person, *texts: str) -> Any:
        """The newest message on a phone that shows all of these."""
        found = self.phone(who).locator("article.message")
        for text in texts:
            found = found.filter(has_text=text)
        return found.last

    async def sees(self, who: Person, *texts: str) -> Any:
        found = self.message(who, *texts)
        await expect(found).to_be_visible(timeout=PATIENCE)
        return found

    async def press(self, who: Person, button: str, *texts: str) -> None:
        """Click a button under the newest message that has it and shows these texts."""
        found = self.phone(who).locator("article.message")
        for text in texts:
            found = found.filter(has_text=text)
        with_it = found.filter(has=self.page.locator("button.inline", has_text=button)).last
        await with_it.locator("button.inline", has_text=button).first.click(timeout=PATIENCE)

    async def write(self, who: Person, text: str) -> None:
        box = self.phone(who).locator("textarea.composer")
        await box.fill(text)
        await box.press("Enter")

    async def reply(self, who: Person, text: str, *to: str) -> None:
        """Answer a message by its menu, as one does with a long press."""
        await (await self.sees(who, *to)).locator(".bubble").click(button="right")
        await self.phone(who).get_by_role("menuitem", name="Reply").click()
        await self.write(who, text)

    async def photo(self, who: Person, what: str, caption: str = "") -> None:
        data = bytes(await self.page.evaluate(PAINT, what))
        file = {"name": f"{what}.jpg", "mimeType": "image/jpeg", "buffer": data}
        await self.phone(who).locator("input[type=file].attach").set_input_files([file])
        if caption:
            await self.phone(who).locator("textarea.composer").fill(caption)
        await self.phone(who).locator("button.send").click()


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """The service's own log lines are not what these tests are about."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture
async def show(browser: Any) -> AsyncIterator[Show]:
    """The demo's own stage, opened in the browser; afterwards the page must have made no error."""
    async with stage() as running:
        context = await browser.new_context(viewport=SIZE, locale="en-GB")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        found = Show(running, page)
        page.on("console", lambda said: found.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        await page.goto(running.sim.url)
        await expect(page.locator("section.phone")).to_have_count(4)
        yield found
        await context.close()
        assert found.errors == []


async def report(show: Show) -> str:
    """Mei reports a fault, with a photo and her own number; the ticket's number."""
    mei = show.stage.cast.mei
    await show.phone(mei).locator("button.start").click()
    await show.sees(mei, "Tell me what is broken")
    await show.write(mei, "Lift 2 has stopped, the door opens a hand's width and shuts again")
    await show.sees(mei, "Where is it?")
    await show.photo(mei, "door")
    await show.write(mei, "12 Harbour Street, block B")
    await show.press(mei, "Nothing works any more", "How urgent")
    await show.phone(mei).locator("button.reply-key", has_text="Share my number").click()
    await show.phone(mei).get_by_role("dialog").locator("button.confirm").click()
    await show.press(mei, "Send", "Is this right?")
    return await number_of(await show.sees(mei, "Lift 2", "received", "An engineer is asked within"))


async def report_another(show: Show) -> str:
    """A second fault while the first one is open: its place is known, so is the phone; Ana is asked to take it."""
    mei, otto, ana = show.stage.cast.mei, show.stage.cast.otto, show.stage.cast.ana
    await show.write(mei, "Water drips from the kitchen ceiling")
    await show.press(mei, "New problem", "What is this about?")
    await show.press(mei, "12 Harbour Street", "Where is it?")
    await show.press(mei, "Works, but not properly", "How urgent")
    await show.press(mei, "Send", "Is this right?", "Water drips")
    number = await number_of(await show.sees(mei, "Water drips", "received"))
    await show.press(otto, "Assign to", number, "received")
    await show.press(otto, "Ana", number)
    await show.sees(ana, "New job", number)
    return number


async def number_of(card: Any) -> str:
    found = re.search(r"T-\d+", await card.inner_text())
    assert found is not None
    return found[0]


async def dispatch(show: Show, number: str) -> None:
    """Otto judges it; Ana declines, so that Bo is asked, and takes it."""
    cast = show.stage.cast
    await show.press(cast.otto, "Severity", number, "received")
    await show.press(cast.otto, "many affected, today", number)
    await show.press(cast.otto, "Somebody must go there", number, "S2 high", "to be dispatched")
    await show.press(cast.otto, "Dispatch now", number, "somebody goes there")
    await show.press(cast.ana, "Decline", "New job", number)
    await show.press(cast.ana, "busy with another job", number)
    await show.press(cast.bo, "Accept", "New job", number)
    await show.sees(cast.mei, "Bo has accepted your job")


async def visit(show: Show, number: str) -> None:
    """Bo promises and drives; words go both ways, without anybody's private number."""
    mei, bo = show.stage.cast.mei, show.stage.cast.bo
    await show.press(bo, "Arrival time", number)
    await show.press(bo, "in 30 min", number)
    await show.sees(mei, "Bo comes about")
    question = "The gate is locked at night. Shall I leave the key with the guard?"
    await show.reply(mei, question, "Bo comes about")
    await show.reply(bo, "Yes please. I ring you from the gate.", "Shall I leave the key")
    await show.sees(mei, "I ring you from the gate")
    await show.press(bo, "On the way", number, "arrives about")
    await show.press(bo, "As promised", number)
    await show.sees(mei, "Bo is on the way, arriving about")


async def repair(show: Show, number: str) -> None:
    """He is there, shows what he found, uses a part, and his report goes out with a photo."""
    mei, bo = show.stage.cast.mei, show.stage.cast.bo
    await show.press(bo, "Arrived", number, "on the way")
    await show.sees(mei, "Bo has arrived")
    await show.photo(bo, "contact", "Found it: the door contact is burnt")
    await show.press(bo, number, "What is this about?")
    await show.sees(bo, "Passed on for", number)
    await expect(await show.sees(mei, "Found it")).to_contain_text("Bo")
    await show.press(bo, "Parts", number, "on site")
    await show.sees(bo, "Which part, and how many?")
    await show.write(bo, "Door contact DC-12, 1 piece")
    await show.sees(bo, "Noted with")
    await show.press(bo, "Complete", number, "Door contact DC-12")
    await show.sees(bo, "What was the cause?")
    await show.write(bo, "Door contact burnt")
    await show.sees(bo, "What did you do?")
    await show.write(bo, "Contact replaced, ten trips without a fault")
    await show.press(bo, "on site", "How was it solved?")
    await show.press(bo, "No other parts", "Which parts")
    await show.press(bo, "Tested, it works", "Have you tested")
    await show.sees(bo, "Send photos of the result")
    await show.photo(bo, "contact")
    await show.press(bo, "Go on", "Send photos of the result")
    await show.press(bo, "Send to the customer", "Your report")


async def sign(show: Show, number: str) -> None:
    mei = show.stage.cast.mei
    await show.press(mei, "Confirm: it works", "Service report", number)
    await show.press(mei, "1 excellent", "Service report", number)
    await show.sees(mei, "Service report", "Signed by you", "You rated it: 1 excellent")


async def mail(show: Show) -> None:
    """Li reports another fault from his mail client, in Chinese, and opens the receipt."""
    desk = show.page.locator("section.mailbox")
    await desk.locator("button.write-mail").click()
    await desk.locator("input.mail-about").fill("三号电梯停运")
    words = (
        "您好，\n\n三号电梯停在五楼，门打不开，请派人来修。\n\n地址：滨海路12号\n电话：13800000000\n\n李雷"
    )
    await desk.locator("textarea.mail-words").fill(words)
    await desk.locator("button.mail-send").click()
    await desk.locator("button.mail-row", has_text="您的报修").click(timeout=PATIENCE)
    await expect(desk.locator("article.letter")).to_contain_text("您的报修已受理")
    await show.sees(show.stage.cast.otto, "三号电梯停在五楼", "received")


async def picture(show: Show, path: Path) -> None:
    """The page in the middle of the story, as the README shows it."""
    await expect(show.page.locator(".toast")).to_have_count(0, timeout=PATIENCE)
    await show.page.wait_for_function(
        "() => [...document.images].every((one) => one.complete && one.naturalWidth)"
    )
    await show.page.mouse.move(0, 0)
    await show.page.screenshot(path=path)


async def test_the_whole_story_is_played_by_clicking(show: Show, tmp_path: Path) -> None:
    number = await report(show)
    await dispatch(show, number)
    other = await report_another(show)
    await visit(show, number)
    await mail(show)
    await picture(show, Path(os.environ.get("DEMO_PICTURE", tmp_path / "demo.png")))
    await repair(show, number)
    await sign(show, number)
    await show.sees(show.stage.cast.bo, "the customer has signed")
    await show.sees(show.stage.cast.otto, number, "Rated: 1 excellent")

    def ended(unit: UnitOfWork) -> tuple[Any, ...]:
        ticket, waits = unit.tickets.by_number(number), unit.tickets.by_number(other)
        assert ticket is not None
        assert waits is not None
        signoff, rating = unit.tickets.last_signoff(ticket.id), unit.tickets.last_rating(ticket.id)
        return ticket.state, signoff.status, rating.grade, waits.state

    ending = await show.stage.service.store.read(ended)
    assert ending == (State.CLOSED, Signing.CONFIRMED, 1, State.OFFERED)
