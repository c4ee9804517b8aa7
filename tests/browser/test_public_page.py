"""The public page in a real browser of the size of a phone, without JavaScript: to sign, to rate, in both languages."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from callout.clock import HandClock
from storage.records.mail import Purpose
from storage.records.ticket import Signing, State
from tests.web.page_house import PageHouse, store_in

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed").expect

REFUSED = "status of 409"  # Chromium notes it when a page says that a press was refused
PHONE = {"width": 390, "height": 844}


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[PageHouse]:
    store = store_in(tmp_path, clock)
    async with store.open():
        place = PageHouse(store, clock)
        await place.open()
        yield place
        await place.close()


@pytest.fixture
async def site(house: PageHouse) -> AsyncIterator[str]:
    """The page, served on a port of its own; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(house.app, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
    listener.close()


@pytest.fixture
async def phone(browser: Any) -> AsyncIterator[Any]:
    """A phone whose browser runs no scripts; the page must make no error and ask for nothing elsewhere."""
    context = await browser.new_context(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, java_script_enabled=False
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type in {"error", "warning"} else None)
    yield page
    await context.close()
    assert [error for error in errors if REFUSED not in error] == []


async def fits(page: Any) -> None:
    """Nothing is wider than the phone, and every button is big enough for a thumb."""
    for button in await page.locator("button:visible, summary:visible").all():
        box = await button.bounding_box()
        assert box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    for heading in await page.locator("h1, dd, p, label").all():
        box = await heading.bounding_box()
        assert box is None or box["x"] + box["width"] <= PHONE["width"]


async def test_a_customer_signs_and_rates_on_his_phone(house: PageHouse, site: str, phone: Any) -> None:
    ticket = await house.completed()
    await phone.goto(site + await house.link(Purpose.SIGN, ticket))
    await expect(phone.locator("h1")).to_have_text("Does it work?")
    await fits(phone)
    await phone.get_by_text("Not fixed", exact=True).tap()
    await expect(phone.get_by_label("What does not work yet?")).to_be_visible()
    await phone.get_by_role("button", name="It is fixed – sign").tap()
    await expect(phone.get_by_role("status")).to_have_text("Signed. Thank you!")
    await expect(phone.locator(".grades button")).to_have_count(5)
    await fits(phone)
    assert (await house.signoff(ticket)).status is Signing.CONFIRMED
    await phone.get_by_role("link", name="中文").tap()
    await expect(phone.locator("h1")).to_have_text("您是否满意？")
    await phone.get_by_role("button", name="1 优秀").tap()
    await expect(phone.locator("h1")).to_have_text("感谢您的评价")
    await phone.get_by_label("您还有什么想补充的？").fill("师傅很专业")
    await phone.get_by_role("button", name="提交").tap()
    await expect(phone.get_by_role("textbox")).to_have_value("师傅很专业")
    rating = await house.rating(ticket)
    assert (rating.grade, rating.comment) == (1, "师傅很专业")
    assert (await house.ticket(ticket)).state is State.CLOSED


async def test_an_engineer_works_a_job_off_on_his_phone(house: PageHouse, site: str, phone: Any) -> None:
    ticket = await house.offered()
    await phone.goto(site + await house.link(Purpose.JOB, ticket, "ana"))
    await fits(phone)
    await phone.get_by_role("button", name="Accept", exact=True).tap()
    await expect(phone.get_by_role("status")).to_have_text("It is yours.")
    await fits(phone)
    await phone.get_by_role("button", name="Start by phone or remotely").tap()
    await phone.get_by_label("What was the cause?").fill("Door contact burnt")
    await phone.get_by_label("What did you do?").fill("Contact replaced")
    await phone.get_by_role("radio", name="on site").check()
    await phone.get_by_label("No parts").check()
    await phone.get_by_label("I have tested it, it works").check()
    await fits(phone)
    await phone.get_by_role("button", name="Send to the customer to sign").tap()
    await expect(phone.get_by_role("alert")).to_have_text("Please say when you arrived.")
    await expect(phone.get_by_label("What did you do?")).to_have_value("Contact replaced")
    await phone.get_by_label("When did you arrive?").fill("07:40")
    await phone.get_by_role("button", name="Send to the customer to sign").tap()
    await expect(phone.get_by_role("status")).to_have_text("Your report is with the customer to sign.")
    assert (await house.report(ticket)).body["visits"][0]["arrived"].startswith("2026-01-05T07:40")
