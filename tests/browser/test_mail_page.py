"""The mail client beside the phones in a real browser: Li writes with a photo, reads the answer and replies to it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.mail import MailClient, MailSimulator, mail_pane
from simulator.telegram import Pane, TelegramSimulator

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed")
expect = playwright.expect

SERVICE, LI = "service@callout.example", "li@customer.example"
WIDE = {"width": 1440, "height": 900}
PAINT = """async () => {
    const canvas = new OffscreenCanvas(64, 48);
    canvas.getContext("2d").fillRect(8, 8, 20, 20);
    const blob = await canvas.convertToBlob({type: "image/png"});
    return [...new Uint8Array(await blob.arrayBuffer())];
}"""


@dataclass
class Desk:
    """Li's mail client on the page, and the service's mailbox behind it."""

    url: str
    post: MailSimulator
    service: MailClient
    page: Any
    errors: list[str] = field(default_factory=list)

    @property
    def pane(self) -> Any:
        return self.page.locator("section.mailbox")

    @property
    def rows(self) -> Any:
        return self.pane.locator("button.mail-row")

    async def write(self, subject: str, text: str) -> None:
        await self.pane.locator("button.write-mail").click()
        await self.pane.locator("input.mail-about").fill(subject)
        await self.pane.locator("textarea.mail-words").fill(text)

    async def send(self) -> None:
        await self.pane.locator("button.mail-send").click()
        await expect(self.pane.locator(".toast")).to_have_text("Sent")


async def receipts(service: MailClient) -> None:
    """Answer every mail until cancelled, as the service does."""
    done = 0
    while True:
        came = await service.inbox()
        for letter in came[done:]:
            text = f"工单号 T-{done + 1}。\n状态：http://127.0.0.1:1/t/abc。\n<b>谢谢</b>"
            await service.reply(letter, text, style="none")
            done += 1
        await asyncio.sleep(0.05)


@pytest.fixture
async def desk(browser: Any) -> AsyncIterator[Desk]:
    """The page with four phones and Li's mail client; afterwards it must have made no error."""
    async with TelegramSimulator() as sim, MailSimulator({SERVICE: "a", LI: "b"}, tls=False) as post:
        for name, hint in (("Mei", "customer"), ("Otto", "office"), ("Ana", "engineer"), ("Bo", "engineer")):
            sim.add_person(name, language_code="en", hint=hint)
        li = MailClient(post, LI, "李雷", language="zh", charset="gb2312", to=SERVICE)
        sim.mount(Pane("mail", "/sim/panes/li", li.name, "customer"), mail_pane(li))
        service = MailClient(post, SERVICE, "Callout", language="zh", to=LI)
        work = asyncio.create_task(receipts(service))
        context = await browser.new_context(viewport=WIDE, locale="en-GB")
        page = await context.new_page()
        page.set_default_timeout(10_000)
        found = Desk(sim.url, post, service, page)
        page.on("console", lambda said: found.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        await page.goto(sim.url)
        await expect(page.locator("section.mailbox")).to_have_count(1)
        yield found
        await context.close()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        assert found.errors == []


async def test_a_mail_with_a_photo_is_answered_and_the_answer_replied_to(desk: Desk) -> None:
    pane = desk.pane
    await expect(pane.locator(".mail-list")).to_contain_text("No mail yet")
    await desk.write("三号电梯停运", "您好，门打不开。")
    await expect(pane.locator("input.mail-to")).to_have_value(SERVICE)
    photo = {"name": "电梯门.png", "mimeType": "image/png", "buffer": bytes(await desk.page.evaluate(PAINT))}
    await pane.locator("input[type=file].attach").set_input_files([photo])
    await expect(pane.locator(".chosen img")).to_have_count(1)
    await desk.send()
    await expect(pane.locator(".mail-folder .badge")).to_have_text("1")
    await expect(desk.rows.first).to_have_class(re.compile(r"\bunseen\b"))
    (came,) = await desk.service.inbox()
    assert [file["filename"] for file in came["attachments"]] == ["电梯门.png"]

    await desk.rows.first.click()
    letter = pane.locator("article.letter")
    await expect(letter).to_contain_text("工单号 T-1。")
    await expect(letter).to_contain_text("<b>谢谢</b>")
    link = letter.locator("a")
    await expect(link).to_have_attribute("href", "http://127.0.0.1:1/t/abc")
    await expect(link).to_have_attribute("target", "_blank")
    await pane.locator("button.reply").click()
    await expect(pane.locator("input.mail-about")).to_have_value("回复: 三号电梯停运")
    await expect(pane.locator("textarea.mail-words")).to_be_focused()
    await pane.locator("textarea.mail-words").fill("请从后门进。")
    await pane.locator(".quoted summary").click()
    await expect(pane.locator(".quoted")).to_contain_text("> 工单号 T-1。")
    await desk.send()
    await expect(letter).to_be_visible()  # back at the mail that was answered
    await pane.locator("button.back").click()
    await expect(desk.rows).to_have_count(2)
    reply = (await desk.service.inbox())[-1]
    assert reply["in_reply_to"] == (await MailClient(desk.post, LI).inbox())[0]["message_id"]
    assert reply["text"].startswith("请从后门进。\n\n在 ")


async def test_the_sent_mail_is_kept_with_its_photo(desk: Desk) -> None:
    await desk.write("Lift", "It stops")
    photo = {"name": "door.png", "mimeType": "image/png", "buffer": bytes(await desk.page.evaluate(PAINT))}
    plan = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    await desk.pane.locator("input[type=file].attach").set_input_files([photo, plan])
    await desk.send()
    await desk.pane.locator('button.mail-folder[data-folder="sent"]').click()
    await desk.rows.first.click()
    letter = desk.pane.locator("article.letter")
    shown = await letter.locator("img").evaluate("(one) => one.decode().then(() => one.naturalWidth)")
    assert shown == 64
    await letter.locator(".letter-picture").click()
    await expect(desk.page.locator("dialog.picture img")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    async with desk.page.expect_download() as waiting:
        await letter.locator("a.file").click()
    assert (await waiting.value).suggested_filename == "plan.pdf"


async def test_a_new_mail_appears_within_a_second(desk: Desk) -> None:
    await expect(desk.pane.locator(".mail-list")).to_contain_text("No mail yet")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await desk.service.write("工程师已出发", "约 20 分钟后到。")
    await expect(desk.rows.first).to_contain_text("工程师已出发")
    assert loop.time() - begun < 2  # 0.7 s between two looks, and a machine that has other things to do


async def test_what_was_begun_is_kept_until_it_is_sent(desk: Desk) -> None:
    await desk.write("Lift", "It sto")
    await desk.pane.locator("button.back").click()
    await expect(desk.pane.locator("button.write-mail")).to_be_focused()
    await desk.pane.locator("button.write-mail").click()
    await expect(desk.pane.locator("textarea.mail-words")).to_have_value("It sto")
    await desk.page.locator("button.language").click()
    await expect(desk.pane.locator(".letter-form h3")).to_have_text("新邮件")
    await expect(desk.pane.locator("textarea.mail-words")).to_have_value("It sto")
    await desk.page.locator("button.language").click()
    await desk.pane.locator("textarea.mail-words").press("Control+Enter")
    await expect(desk.pane.locator(".toast")).to_have_text("Sent")
    await desk.pane.locator("button.write-mail").click()
    await expect(desk.pane.locator("textarea.mail-words")).to_have_value("")


async def test_a_refused_mail_stays_on_the_sheet_with_the_reason(desk: Desk) -> None:
    await desk.write("Lift", "It stops")
    await desk.pane.locator("input.mail-to").fill("nobody")
    await desk.pane.locator("button.mail-send").click()
    await expect(desk.pane.locator(".toast")).to_contain_text("this is no address: nobody")
    desk.errors.clear()  # the browser itself notes the answer 400
    await expect(desk.pane.locator("textarea.mail-words")).to_have_value("It stops")
    await desk.pane.locator("input.mail-to").fill(SERVICE)
    await desk.send()


async def test_five_devices_stand_side_by_side_or_the_mails_below(desk: Desk) -> None:
    phones = desk.page.locator("section.phone")
    await expect(phones).to_have_count(4)

    async def place(locator: Any) -> tuple[float, float]:
        box = await locator.bounding_box()
        return box["y"], box["width"]

    top, _ = await place(phones.first)
    assert (await place(desk.pane))[0] == top
    await desk.page.set_viewport_size({"width": 1200, "height": 860})
    lower, width = await place(desk.pane)
    assert lower > top
    assert width > 1100
    await desk.write("Lift", "It stops")
    await expect(desk.pane.locator(".mail-list")).to_be_visible()  # list and sheet side by side
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= 1200


async def test_on_a_telephone_the_mails_are_one_of_the_tabs(desk: Desk) -> None:
    await desk.page.set_viewport_size({"width": 390, "height": 844})
    await expect(desk.pane).to_be_hidden()
    await desk.service.write("工单", "已收到")
    tab = desk.page.locator(".people button", has_text="李雷")
    await expect(tab.locator(".badge")).to_have_text("1")
    await tab.click()
    await desk.rows.first.click()
    await expect(desk.pane.locator("article.letter")).to_be_visible()
    await expect(desk.rows.first).to_be_hidden()
    await expect(tab.locator(".badge")).to_have_count(0)
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_markup_stays_text_and_quotations_fold(desk: Desk) -> None:
    quoted = "On Monday, A <a@b.example> wrote:\n\n> Is it?\n> T-1"
    await desk.service.write("<i>Hello</i>", f"<img src=x onerror=alert(1)>\n\n{quoted}")
    await desk.rows.first.click()
    letter = desk.pane.locator("article.letter")
    await expect(letter.locator("h3")).to_have_text("<i>Hello</i>")
    await expect(letter.locator(".letter-text")).to_have_text("<img src=x onerror=alert(1)>")
    await expect(letter.locator("img, i")).to_have_count(0)
    folded = letter.locator(".quoted > div")
    await expect(folded).to_be_hidden()
    await letter.locator(".quoted summary").click()
    await expect(folded).to_be_visible()
    assert await folded.text_content() == quoted


async def test_a_page_without_a_mailbox_looks_as_before(browser: Any) -> None:
    async with TelegramSimulator() as sim:
        sim.add_person("Mei", language_code="en", hint="customer")
        sim.add_person("Ana", language_code="en", hint="engineer")
        page = await browser.new_page(locale="en-GB")
        await page.goto(sim.url)
        await expect(page.locator("section.phone")).to_have_count(2)
        await expect(page.locator(".with-mail, .mailbox")).to_have_count(0)
        await expect(page.locator(".first-step")).not_to_contain_text("mail")
        await page.close()
