"""What is passed on in chat when it is too long, empty, or nothing Telegram would show: no word is lost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError, TimedOut
from town import Town, said

from bot.relays import refused
from dispatch import correspondence
from dispatch.letters import Letter, Part
from simulator.mail import Attachment, MailClient, MailSimulator
from simulator.telegram import Fault
from storage.records.message import Audience
from storage.unit import UnitOfWork

OFFICE, LI = "service@callout.example", "li@customer.example"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00"
    + bytes(9000)
)
REPORT = "Lift 2 does not move.\n\nAddress: 12 Harbour Street\nPhone: +49 30 555 0199"
LONG = "\n\n".join(f"{day} The door of lift 2 stayed open again, for {day} minutes." for day in range(1600))


class Works(Town):
    """The town whose office is a group, as Telegram bears it: 20 messages a minute; and Li, who writes mail."""

    li: MailClient
    group: int

    async def reported(self) -> Any:
        """Li has reported a fault; the receipt he got."""
        await self.li.write("Lift 2", REPORT)

        async def receipt() -> Any:
            return next((one for one in await self.li.inbox() if "T-" in one["subject"]), None)

        return await self.until(receipt)

    async def answers(self, text: str, *files: Attachment) -> None:
        await self.li.reply(await self.reported(), text, files, style="none")

    async def passed_on(self, text: str, *parts: Part) -> None:
        """Li's words about the first ticket as they would come from another channel."""

        def say(unit: UnitOfWork) -> None:
            ticket = unit.tickets.get(1)
            came = Letter("mail", LI, f"m{unit.chance.random()}", "mail", text, parts)
            entry, _ = correspondence.keep(
                unit, came, unit.people.get(ticket.customer_id), ticket.id, Audience.ALL
            )
            correspondence.pass_on(unit, ticket, entry)

        await self.store.write(say)

    def seen(self) -> list[dict[str, Any]]:
        return self.otto.messages(self.group)

    def texts(self) -> str:
        return "\n".join(said(message) for message in self.seen())

    def kept(self, message: dict[str, Any]) -> bytes:
        """What the document of a message holds."""
        found = self.sim.world.files.get(message["document"]["file_id"])
        assert found is not None
        return found.data


@pytest.fixture
async def works(tmp_path: Any, sim: Any) -> AsyncIterator[Works]:
    async with MailSimulator({OFFICE: "pw", LI: "pw"}, tls=False, dmarc=True) as post:
        place = Works(tmp_path, sim)
        place.li = MailClient(post, LI, "Li Lei", to=OFFICE)
        place.overrides = {
            "telegram": {"per_group_minute": 20},
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
                "authserv_id": post.hostname,
            },
        }
        await place.start()
        await place.hire()
        place.group = sim.add_group("Works", [place.otto])
        place.otto.say("/office", chat=place.group)
        await place.otto.wait_for("This chat is the office now", chat=place.group)
        yield place
        await place.stop()


async def test_a_very_long_mail_is_a_few_messages_and_a_file_and_comes_once(works: Works) -> None:
    assert len(LONG) > 90_000
    await works.answers(LONG, Attachment("door.png", PNG, "image/png"))
    await works.otto.wait_for(lambda one: "document" in one, chat=works.group)
    await works.quiet()
    words = works.texts()
    assert words.count("\n12 The door of lift 2 stayed open") == 1
    first = next(one for one in works.seen() if "0 The door of lift 2" in said(one))
    rest = [one for one in works.seen() if one["message_id"] >= first["message_id"]]
    assert len([one for one in rest if "The door of lift 2" in said(one)]) <= 4
    picture, document = ([one for one in rest if kind in one] for kind in ("photo", "document"))
    assert len(picture) == len(document) == 1 and document[0] == rest[-1], "the file is the last message"
    name = document[0]["document"]["file_name"]
    assert name.startswith("T-") and name.endswith(".txt")
    assert f"the whole text is in the file {name}" in words
    assert works.kept(document[0]).decode("utf-8-sig").split() == LONG.split()


async def test_a_long_text_is_cut_between_paragraphs(works: Works) -> None:
    await works.answers(LONG)
    await works.otto.wait_for("the whole text is in the file", chat=works.group)
    said_last = next(said(one) for one in works.seen() if "the whole text is in" in said(one))
    *_, last, _notice = said_last.splitlines()
    assert last.endswith(" minutes.")


async def test_an_empty_file_is_named_and_the_words_arrive(works: Works) -> None:
    await works.answers("The key is with the porter.", Attachment("plan.pdf", b"", "application/pdf"))
    shown = await works.otto.wait_for("The key is with the porter.", chat=works.group)
    assert "An empty file: plan.pdf" in shown["text"] and "document" not in shown
    await works.quiet()
    assert works.texts().count("The key is with the porter.") == 1


async def test_beside_an_empty_file_the_others_are_shown(works: Works) -> None:
    await works.answers(
        "Two plans",
        Attachment("a.pdf", b"", "application/pdf"),
        Attachment("b.pdf", b"%PDF", "application/pdf"),
    )
    shown = await works.otto.wait_for("Two plans", chat=works.group)
    assert shown["document"]["file_name"] == "b.pdf" and "An empty file: a.pdf" in shown["caption"]


@pytest.mark.parametrize("words", ["The porter has the key.", "The porter has the key. " * 60])
async def test_the_words_with_a_file_that_telegram_refuses_arrive_once_and_the_file_is_named(
    works: Works, words: str
) -> None:
    refusal = works.sim.faults.add(Fault("400:wrong type of the document", method="sendDocument", times=None))
    await works.answers(words, Attachment("plan.pdf", b"%PDF", "application/pdf"))
    await works.otto.wait_for("Could not be shown here: plan.pdf", chat=works.group)
    await works.quiet()
    assert refusal.fired == 1, "it will not get better by repeating"
    said_of = [said(one) for one in works.seen() if "The porter has the key." in said(one)]
    assert len(said_of) == 1
    assert works.texts().count("Could not be shown here") == 1 and "message was lost" not in works.texts()


async def test_when_the_first_of_two_files_is_refused_the_words_go_with_the_second(works: Works) -> None:
    works.sim.faults.add(Fault("400:wrong type of the document", method="sendDocument", times=1))
    await works.answers(
        "Two plans",
        Attachment("a.pdf", b"%PDF a", "application/pdf"),
        Attachment("b.pdf", b"%PDF b", "application/pdf"),
    )
    await works.otto.wait_for("Could not be shown here: a.pdf", chat=works.group)
    shown = next(one for one in works.seen() if one.get("document"))
    assert shown["document"]["file_name"] == "b.pdf" and "Two plans" in shown["caption"]
    assert works.texts().count("Two plans") == 1


async def test_a_picture_that_is_none_comes_as_a_file_with_the_words(works: Works) -> None:
    nothing = b"no picture at all" * 1000
    await works.answers("Look", Attachment("door.png", nothing, "image/png"))
    shown = await works.otto.wait_for("Look", chat=works.group)
    assert shown["document"]["file_name"] == "door.png" and works.kept(shown) == nothing


async def test_a_file_larger_than_telegram_takes_or_lost_from_the_store_is_named(works: Works) -> None:
    await works.reported()
    digest = "ab" * 32
    for name, size in (("film.mov", 60 << 20), ("gone.pdf", 10)):
        part = Part("document", f"sha256:{digest}", name, "application/octet-stream", size, sha256=digest)
        await works.passed_on(f"About {name}.", part)
        shown = await works.otto.wait_for(f"About {name}.", chat=works.group)
        assert f"Could not be shown here: {name}" in shown["text"]


async def test_an_album_with_one_picture_telegram_has_forgotten_is_shown_one_by_one(works: Works) -> None:
    await works.reported()
    known = works.sim.world.files.add("photo", PNG).file_id
    parts = [Part("photo", ref, f"{at}.png", "image/png", 5) for at, ref in enumerate((known, "forgotten"))]
    await works.passed_on("Both doors", *parts)
    shown = await works.otto.wait_for("Both doors", chat=works.group)
    assert shown["photo"]
    await works.otto.wait_for("Could not be shown here: 1.png", chat=works.group)
    assert works.texts().count("Both doors") == 1


async def test_a_group_that_is_gone_is_not_taken_for_a_bad_file(works: Works) -> None:
    receipt = await works.reported()
    await works.quiet()
    works.sim.faults.add(Fault("400:chat not found", chat=works.group, times=None))
    await works.li.reply(receipt, "The porter has it.", [Attachment("plan.pdf", b"%PDF", "application/pdf")])
    await works.otto.wait_for("Works")  # the office hears where it can that its room cannot be reached
    await works.until(lambda: works.ask(lambda unit: unit.people.offices()[0].unreachable_at))


def test_a_file_is_given_up_only_when_telegram_surely_never_takes_it() -> None:
    assert refused(BadRequest("Wrong file identifier")) and refused(NetworkError("Request Entity Too Large"))
    assert not refused(TimedOut()) and not refused(NetworkError("Bad Gateway"))
