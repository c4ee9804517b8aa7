"""The whole service on Dovecot and Postfix: a mail becomes a ticket, and what is answered to its letters stays in it."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from collecting import SUPPORT, until
from postfix import ABROAD, written
from real_town import Town

from simulator.telegram import TelegramSimulator
from storage.records.ticket import State

PROMPT = 5.0  # seconds; an administrator's patience
REPORT = "Lift 3 is stuck.\n\nAddress: 12 Harbour Street\nPhone: +49 30 555 0199"


@pytest.fixture
async def town(tmp_path: Path, servers: Any) -> AsyncIterator[Town]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with TelegramSimulator(pacing=False) as sim:
        place = Town(tmp_path, sim, servers)
        try:
            await place.start()
            yield place
        finally:
            await place.stop()


async def test_a_reply_to_the_receipt_stays_in_the_ticket_of_the_mail(town: Town) -> None:
    await town.mei_writes(REPORT)
    sent = time.monotonic()
    receipt = await town.mei_reads("T-")
    print(f"mail taken by Postfix to receipt in the sender's mailbox: {time.monotonic() - sent:.2f} s")
    (ticket,) = await town.tickets()
    assert f"[{ticket.label}]" in receipt["Subject"]
    assert "Lift 3 is stuck" not in receipt.as_string(), "a receipt quotes nothing of the sender's"
    assert receipt["Return-Path"] == f"<{SUPPORT}>"
    await town.otto.wait_for(ticket.label, timeout=20)

    await town.mei_replies(receipt, "It is the one beside the stairs.")
    shown = await town.otto.wait_for("It is the one beside the stairs.", timeout=20)
    assert "> " not in shown["text"]
    assert len(await town.tickets()) == 1
    assert [entry.text for entry in await town.entries(ticket)][-1] == "It is the one beside the stairs."


@pytest.mark.parametrize("left", ["address", "ids"])
async def test_half_of_what_a_mail_program_keeps_is_enough_to_find_the_ticket(town: Town, left: str) -> None:
    """Some programs forget Reply-To, others the ids."""
    await town.mei_writes(REPORT)
    receipt = await town.mei_reads("T-")
    if left == "address":
        await town.mei_writes("It hums, too.", To=str(receipt["Reply-To"]), Subject="Something else")
    else:
        answered = str(receipt["Message-ID"])
        await town.mei_writes("It hums, too.", Subject="Something else", In_Reply_To=answered)
    await town.otto.wait_for("It hums, too.", timeout=20)
    assert len(await town.tickets()) == 1


async def test_a_customer_who_only_writes_mail_is_served_to_the_end(town: Town) -> None:
    await town.mei_writes(REPORT)
    await town.mei_reads("T-")
    (ticket,) = await town.tickets()
    await town.press(town.otto, "Dispatch now", ticket.label)
    await town.press(town.ana, "Accept", ticket.label)
    accepted = await town.mei_reads("Ana", ticket.label)
    await town.mei_replies(accepted, "The back door is open.")
    await town.ana.wait_for("The back door is open.", timeout=20)
    await town.press(town.ana, "Arrived", ticket.label)
    await _complete(town)
    report = await town.mei_reads("Door contact worn", ticket.label)
    await town.mei_replies(report, "Confirm. Thank you!")
    await until(lambda: _state(town, State.CONFIRMED, State.CLOSED), 30)
    thread = [str(mail["Message-ID"]) for mail in town.mei_has()]
    assert len(set(thread)) == len(thread), "no letter came twice"
    done = town.servers.dovecot.letters(SUPPORT, "Callout/Done")
    await until(lambda: not town.servers.dovecot.letters(SUPPORT))
    assert len(done) <= len(town.servers.dovecot.letters(SUPPORT, "Callout/Done")) == 3


async def test_an_address_whose_letters_come_back_is_told_to_the_office(town: Town) -> None:
    raw = written(1, REPORT, From=f"gone@{ABROAD}")
    await asyncio.to_thread(town.servers.postfix.deliver, f"gone@{ABROAD}", SUPPORT, raw)
    await town.otto.wait_for(lambda message: "5.1.1" in str(message.get("text")), timeout=30)
    assert len(await town.tickets()) == 1, "the report that came back is no ticket"


async def test_it_stops_promptly_while_it_waits_for_mail_and_nothing_is_wrong(town: Town) -> None:
    await town.mei_writes(REPORT)
    await town.mei_reads("T-")
    assert town.service.post is not None
    assert town.service.post.troubles() == {}
    begun = time.monotonic()
    await town.stop()
    print(f"the service waiting in IDLE stops in {time.monotonic() - begun:.1f} s")
    assert time.monotonic() - begun < PROMPT


async def _state(town: Town, *states: State) -> bool:
    return (await town.tickets())[0].state in states


async def _complete(town: Town) -> None:
    """Ana goes through the completion dialogue."""
    await town.press(town.ana, "Complete", "T-")
    await town.ana.wait_for("What was the cause?")
    town.ana.say("Door contact worn")
    await town.ana.wait_for("What did you do?")
    town.ana.say("Contact replaced")
    await town.press(town.ana, "on site", "How was it solved?")
    await town.press(town.ana, "No other parts", "Which parts")
    await town.press(town.ana, "Tested, it works", "Have you tested")
    await town.press(town.ana, "Go on", "Send photos")
    await town.press(town.ana, "Send to the customer", "Your report")
