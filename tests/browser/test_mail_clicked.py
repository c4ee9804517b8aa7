"""The customer who writes mails, played by clicking: report with a photo, plain reply, and the page behind the link."""

from __future__ import annotations

import re

import pytest
from show import PATIENCE, Show, complete, expect, number_of

from storage.records.ticket import Signing, State
from storage.unit import UnitOfWork

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

REPORT = "您好，\n\n三号电梯停在五楼，门打不开，请尽快派人来修。\n\n地址：滨海路12号\n电话：13800000000\n\n谢谢\n李雷"


async def repaired(show: Show) -> str:
    """Li's mail becomes a job, by chat from there on; his reply reaches Ana, who does it. The ticket's number."""
    otto, ana = show.stage.cast.otto, show.stage.cast.ana
    await show.mail("三号电梯停运", REPORT, "door")
    number = await number_of(await show.sees(otto, "三号电梯停运", "received"))
    await expect(show.phone(otto).locator("article.message img").last).to_be_visible()
    await show.press(otto, "Assign to", number, "received")
    await show.press(otto, "Ana", number)
    await show.press(ana, "Accept", "New job", number)
    await show.reads("Ana 已接单")
    await show.mailbox.locator("button.reply").click()
    await show.mailbox.locator("textarea.mail-words").fill("请从后门进。")
    await show.mailbox.locator("button.mail-send").click()
    await show.sees(ana, number, "请从后门进。")
    await show.mailbox.locator("button.back").click()
    await show.press(ana, "Arrived", number, "accepted")
    await show.press(ana, "Complete", number, "on site")
    await complete(show, ana, "Door contact burnt", "Contact replaced")
    return number


async def test_a_mail_written_on_the_page_is_repaired_signed_and_rated(show: Show) -> None:
    number = await repaired(show)
    letter = await show.reads("修好了吗？请确认")
    await expect(letter).to_contain_text("Contact replaced")
    async with show.page.context.expect_page() as opening:
        await letter.locator("a").first.click()
    page = await opening.value
    await expect(page.locator("main")).to_contain_text("Contact replaced", timeout=PATIENCE)
    await page.locator("form", has=page.locator("input[value=sign]")).locator("button").click()
    await page.locator('button[name=grade][value="1"]').click()
    await expect(page.get_by_role("status")).to_be_visible(timeout=PATIENCE)
    await page.close()
    await show.sees(show.stage.cast.otto, number, "Rated: 1 excellent")

    def ended(unit: UnitOfWork) -> tuple[State, Signing, int | None]:
        ticket = unit.tickets.by_number(number)
        assert ticket is not None
        signoff, rating = unit.tickets.last_signoff(ticket.id), unit.tickets.last_rating(ticket.id)
        return ticket.state, signoff.status, rating.grade

    assert await show.stage.service.store.read(ended) == (State.CLOSED, Signing.CONFIRMED, 1)
    first = show.stage.post.submissions[0].data
    assert re.search(rb'charset="gb2312"', first)


async def test_the_report_of_a_mail_is_signed_and_rated_by_plain_reply(show: Show) -> None:
    number = await repaired(show)
    for until, words in (("修好了吗？请确认", "确认，谢谢！"), ("您已验收", "1\n师傅来得很快。")):
        await show.reads(until)
        await show.mailbox.locator("button.reply").click()
        await show.mailbox.locator("textarea.mail-words").fill(words)
        await show.mailbox.locator("button.mail-send").click()
        await show.mailbox.locator("button.back").click()
    await expect(show.mailbox.locator("button.mail-row").first).to_contain_text(
        "感谢您的评价", timeout=PATIENCE
    )
    await show.sees(show.stage.cast.otto, number, "Rated: 1 excellent")
