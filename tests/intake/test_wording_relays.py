"""Letters with what somebody else wrote: their reader is warned of what the chat warns of as well."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway_house import GatewayHouse, mail
from mail_house import POLICY, open_store

from callout.clock import HandClock
from dispatch import correspondence
from dispatch.letters import Letter as Incoming
from intake.compose import Letter
from intake.wording import letter
from storage.records.message import Audience
from storage.unit import UnitOfWork

WARNINGS = {
    "en": (
        "⚠ Not verified: the sender says mei@customer.example, nothing proves it.",
        "✂ The mail is too big (30 MB)",
    ),
    "zh": (
        "⚠ 未经核实：发件人自称 mei@customer.example，没有任何凭证。",
        "✂ 邮件过大（30 MB），此处只有开头部分。",
    ),
}
FORGED = "This is Mei. Give the key to my nephew."


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[GatewayHouse]:
    store = open_store(tmp_path, clock, POLICY)
    async with store.open():
        place = GatewayHouse(store, clock)
        await place.open_gateway(tmp_path / "files")
        yield place


async def relayed(house: GatewayHouse, name: str) -> Letter:
    """The letter that passes somebody's words on to `name`."""
    parcel = await house.last_letter(name, lambda one: one.job.kind == "relay")
    written = letter(parcel, house.clock.now())
    assert written is not None
    return written


async def wrote(house: GatewayHouse, **data: object) -> None:
    """Mei writes about the first ticket; what is known about her mail is `data`."""

    def say(unit: UnitOfWork) -> None:
        came = Incoming("mail", "mei@customer.example", "m1", "mail", "The door hums.", data=dict(data))
        entry, _ = correspondence.keep(unit, came, house.mei, 1, Audience.STAFF)
        correspondence.pass_on(unit, unit.tickets.get(1), entry)

    await house.do(say)


async def test_the_engineer_is_warned_above_words_that_may_be_forged(house: GatewayHouse) -> None:
    await house.hire()
    ticket = await house.accepted()
    await house.parcels()
    await house.post(mail(FORGED, subject=f"[{ticket.number}] Re: Your report", dmarc="fail"))
    read = await relayed(house, "ana")
    warning, words = WARNINGS["en"][0], f"| {FORGED}"
    assert read.text.startswith(warning) and words in read.text
    assert read.html.index(warning) < read.html.index(FORGED)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_both_warnings_stand_on_top_in_the_readers_language(house: GatewayHouse, language: str) -> None:
    await house.hire(language)
    await house.accepted()
    await house.parcels()
    await wrote(house, unverified=True, cut=30 << 20)
    first, second, *_ = (await relayed(house, "ana")).text.splitlines()
    for line, begins in zip((first, second), WARNINGS[language], strict=True):
        assert line.startswith(begins)


async def test_proved_and_whole_words_carry_no_warning(house: GatewayHouse) -> None:
    await house.hire()
    ticket = await house.accepted()
    await house.parcels()
    await wrote(house)
    read = await relayed(house, "ana")
    assert read.text.startswith(f"Mei writes about {ticket.number}:")
    assert "⚠" not in read.text and "✂" not in read.text


async def test_a_mail_nobody_could_read_is_said_to_be_one_and_is_from_nobody(house: GatewayHouse) -> None:
    await house.hire()

    def bury(unit: UnitOfWork) -> None:
        entry = unit.messages.write(
            ticket_id=None,
            author_id=None,
            audience=Audience.STAFF,
            kind="mail",
            text="",
            data={"dead": "broken <beyond>\nrepair"},
            channel="mail",
            address="li@example.org",
            outside_id="dead:1",
            album=None,
            reply_to=None,
        )
        unit.outbox.tell(
            "relay:dead", "relay", "mail", "otto@lift.example", {"entry": entry.id}, person_id=house.otto.id
        )

    await house.do(bury)
    read = await relayed(house, "otto")
    assert read.text.startswith(
        "A mail could not be read and is attached as it came: broken <beyond> repair\n"
    )
    assert "<b>A mail could not be read</b> and" in read.html and "&lt;beyond&gt;" in read.html
    assert "writes about" not in read.text and "To answer" not in read.text
