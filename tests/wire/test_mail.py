"""Mail over the whole service: a customer who only writes mail, staff who only look at their phones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from town import Town

from simulator.mail import Attachment, MailClient, MailSimulator
from simulator.mail.client import Letter
from storage.records.ticket import State

OFFICE, LI = "service@callout.example", "li@customer.example"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00"
    + bytes(9000)
)
REPORT = "Lift 2 does not move.\n\nAddress: 12 Harbour Street\nPhone: +49 30 555 0199"


class MailTown(Town):
    """The town, and Li who has no phone."""

    post: MailSimulator
    li: MailClient

    async def letter(self, fits: Callable[[Letter], bool], timeout: float = 10.0) -> Letter:
        """The newest mail in Li's inbox that fits, as soon as there is one."""
        async with asyncio.timeout(timeout):
            while True:
                found = [one for one in await self.li.inbox() if fits(one)]
                if found:
                    return found[-1]
                await asyncio.sleep(0.03)

    async def reads(self, *words: str) -> Letter:
        return await self.letter(lambda one: all(word in one["text"] for word in words))

    async def numbered(self) -> str:
        """The number of the ticket that Li's first mail became."""
        receipt = await self.letter(lambda one: "T-" in one["subject"])
        return str(receipt["subject"].split("[")[1].split("]")[0])


@pytest.fixture
async def town(tmp_path: Any, sim: Any) -> AsyncIterator[MailTown]:
    async with MailSimulator({OFFICE: "pw", LI: "pw"}, tls=False, dmarc=True) as post:
        place = MailTown(tmp_path, sim)
        place.post = post
        place.li = MailClient(post, LI, "Li Lei", to=OFFICE)
        place.overrides = {
            "mail": {
                "address": OFFICE,
                "imap_host": "127.0.0.1",
                "imap_port": post.imap_port,
                "imap_security": "none",
                "imap_password": "pw",
                "smtp_port": post.smtp_port,
                "smtp_security": "none",
                "smtp_login": False,
                "poll_seconds": 2,
                "max_bytes": 400_000,
                "authserv_id": post.hostname,
            }
        }
        await place.start()
        await place.hire()
        yield place
        await place.stop()


async def test_a_customer_who_only_writes_mail_is_served_to_the_end(town: MailTown) -> None:
    await town.li.write("Lift 2", REPORT, [Attachment("door.png", PNG, "image/png")])
    number = await town.numbered()
    receipt = await town.reads(number)
    assert "does not move" not in receipt["text"], "a receipt quotes nothing of the sender's"
    await town.otto.wait_for(lambda one: one.get("photo") or one.get("document"))
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.ana, "Accept", number)
    accepted = await town.reads("Ana", number)
    await town.li.reply(accepted, "The back door is open.")
    await town.ana.wait_for("The back door is open.")
    await town.press(town.ana, "Arrived", number)
    await town.complete()
    report = await town.reads("Door contact worn", number)
    await town.li.reply(report, "Confirm. Thank you!")
    thanks = await town.reads("you have signed")
    await town.li.reply(thanks, "2")
    await town.reads("Thank you for the grade")
    assert (await town.ticket(number)).state is State.CLOSED
    assert "Li Lei" in town.words(town.ana)


async def test_a_long_mail_is_shown_short_and_whole_at_a_tap(town: MailTown) -> None:
    await town.li.write("Lift 2", REPORT)
    number = await town.numbered()
    receipt = await town.reads(number)
    await town.li.reply(receipt, "It hums, too.")
    shown = await town.otto.wait_for("It hums, too.")
    assert receipt["text"].splitlines()[0] not in shown["text"]
    await town.press(town.otto, "Whole mail", "It hums, too.")
    await town.otto.wait_for(
        lambda one: "It hums, too." in one.get("text", "") and "> " in one.get("text", "")
    )


async def test_what_the_office_writes_in_chat_and_the_engineers_photo_reach_him_by_mail(
    town: MailTown,
) -> None:
    await town.li.write("Lift 2", REPORT)
    number = await town.numbered()
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.ana, "Accept", number)
    card = await town.ana.wait_for(lambda one: number in one.get("text", "") and one.get("reply_markup"))
    town.ana.photo(caption="This is the part.", reply_to=card["message_id"])
    letter = await town.reads("This is the part.")
    assert [one["content_type"] for one in letter["attachments"]] and letter["attachments"][0]["size"] > 100
    await town.press(town.otto, "Write to customer", number)
    await town.otto.wait_for("What shall")
    town.otto.say("We bring it on Monday.")
    await town.reads("We bring it on Monday.")


async def test_of_a_mail_that_is_too_big_the_beginning_is_a_ticket_and_the_sender_is_told(
    town: MailTown,
) -> None:
    await town.li.write("Lift 2", REPORT, [Attachment("film.bin", bytes(600_000))])
    told = await town.reads("too big")
    number = told["subject"].split("[")[1].split("]")[0] if "[" in told["subject"] else await town.numbered()
    ticket = await town.ticket(number)
    assert ticket.problem.startswith("Lift 2 does not move.")


async def test_her_mail_address_becomes_hers_by_a_code(town: MailTown) -> None:
    number = await town.report()
    town.mei.say(f"/mail {LI}")
    await town.mei.wait_for("We have mailed a code")
    letter = await town.reads("Your code is")
    code = next(word.strip(".") for word in letter["text"].split() if word.strip(".").isdigit())
    town.mei.say("/mail 000000" if code != "000000" else "/mail 000001")
    await town.mei.wait_for("does not fit")
    town.mei.say(f"/mail {code}")
    await town.mei.wait_for("is yours")
    town.mei.say("/mail on")
    await town.mei.wait_for("Notices go to your mail address now")
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.ana, "Accept", number)
    await town.reads("Ana", number)
