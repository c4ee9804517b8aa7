"""The main job played by clicking on the page: a real Chromium, the real service, and nothing behind the curtain.

The picture of the README is taken on the way; to renew it:
    DEMO_PICTURE=docs/pictures/demo.png .venv/bin/python -m pytest tests/browser/test_story.py
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from show import PATIENCE, Show, complete, expect, number_of

from storage.records.ticket import Signing, State
from storage.unit import UnitOfWork

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


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
    await complete(show, bo, "Door contact burnt", "Contact replaced, ten trips without a fault")


async def sign(show: Show, number: str) -> None:
    mei = show.stage.cast.mei
    await show.press(mei, "Confirm: it works", "Service report", number)
    await show.press(mei, "1 excellent", "Service report", number)
    await show.sees(mei, "Service report", "Signed by you", "You rated it: 1 excellent")


async def mail(show: Show) -> None:
    """Li reports another fault from his mail client, in Chinese, and opens the receipt."""
    words = (
        "您好，\n\n三号电梯停在五楼，门打不开，请派人来修。\n\n地址：滨海路12号\n电话：13800000000\n\n李雷"
    )
    await show.mail("三号电梯停运", words)
    await show.reads("您的报修已受理")
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
