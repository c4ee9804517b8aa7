"""The demo's own stage in front of somebody who plays all parts by clicking: what the browser's stories share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from callout.stage import Stage
    from simulator.telegram import Person

expect = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed").expect

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

    # Li's mails

    @property
    def mailbox(self) -> Any:
        return self.page.locator("section.mailbox")

    async def mail(self, subject: str, words: str, photo: str = "") -> None:
        """Li writes a mail, with a photo of "door" or "contact" if wanted."""
        await self.mailbox.locator("button.write-mail").click()
        await self.mailbox.locator("input.mail-about").fill(subject)
        await self.mailbox.locator("textarea.mail-words").fill(words)
        if photo:
            data = bytes(await self.page.evaluate(PAINT, photo))
            file = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": data}
            await self.mailbox.locator("input[type=file].attach").set_input_files([file])
        await self.mailbox.locator("button.mail-send").click()

    async def reads(self, *texts: str) -> Any:
        """Li waits until a mail says all of this in its first words, and opens it; the letter."""
        found = self.mailbox.locator("button.mail-row")
        for text in texts:
            found = found.filter(has_text=text)
        await found.first.click(timeout=PATIENCE)
        letter = self.mailbox.locator("article.letter")
        await expect(letter).to_contain_text(texts[0])
        return letter


async def number_of(card: Any) -> str:
    found = re.search(r"T-\d+", await card.inner_text())
    assert found is not None
    return found[0]


async def complete(show: Show, who: Person, cause: str, action: str) -> None:
    """An engineer on site, who has pressed "Complete", hands in the report with a photo; no parts but those noted."""
    await show.sees(who, "What was the cause?")
    await show.write(who, cause)
    await show.sees(who, "What did you do?")
    await show.write(who, action)
    await show.press(who, "on site", "How was it solved?")
    await show.press(who, "No other parts", "Which parts")
    await show.press(who, "Tested, it works", "Have you tested")
    await show.sees(who, "Send photos of the result")
    await show.photo(who, "contact")
    await show.press(who, "Go on", "Send photos of the result")
    await show.press(who, "Send to the customer", "Your report")
