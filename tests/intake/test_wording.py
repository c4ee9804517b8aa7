"""Letters as their readers see them: what a customer, an engineer and the office read, in both languages."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_house import POLICY, PROBLEM, MailHouse, open_house

from callout.clock import HandClock
from dispatch import closing, correspondence, telling
from dispatch.letters import Letter as Incoming
from dispatch.letters import Part
from intake.compose import Automatic, Enclosure, Letter, compose
from intake.wording import letter
from intake.wording_relays import Files
from storage.records.message import Audience
from storage.unit import UnitOfWork

ROOT = Path(__file__).parents[2]
NO_PAGE = replace(POLICY, page="")


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[MailHouse]:
    async for place in open_house(tmp_path, clock, "en", POLICY):
        yield place


@pytest.fixture
async def chinese(tmp_path: Path, clock: HandClock) -> AsyncIterator[MailHouse]:
    async for place in open_house(tmp_path, clock, "zh", POLICY):
        yield place


@pytest.fixture
async def no_page(tmp_path: Path, clock: HandClock) -> AsyncIterator[MailHouse]:
    async for place in open_house(tmp_path, clock, "en", NO_PAGE):
        yield place


def shown(letter: Letter) -> str:
    """The HTML part as its reader sees it: tags away, entities read."""
    return html.unescape(re.sub(r"<[^>]+>", "", letter.html))


# --- the customer --------------------------------------------------------------------------------------------------


async def test_a_customer_gets_the_number_what_happens_next_and_by_when(house: MailHouse) -> None:
    ticket = await house.reported()
    (receipt,) = await house.letters("mei")
    assert receipt.subject == f"[{ticket.number}] Your report"
    assert f"Thank you, we have your report. Its number is {ticket.number}." in receipt.text
    assert "An engineer is asked by Mon, Jan 5 16:10." in receipt.text  # 08:10 UTC on the clock of Shanghai
    assert "See where it stands\nhttps://fix.lift.example/t/" in receipt.text
    assert f"{ticket.number} · Harbour Lifts · ☎ +49 30 555 0100" in receipt.text
    assert "In danger, or when it cannot wait, call +49 30 555 0100." in receipt.text
    assert receipt.automatic is Automatic.REPLIED
    assert receipt.sender_name == "Harbour Lifts" and receipt.sender == "service@lift.example"
    assert receipt.reply_to.startswith(f"service+t{ticket.id}.{house.mei.id}.")


async def test_an_acknowledgement_holds_nothing_of_what_the_sender_wrote(house: MailHouse) -> None:
    evil = "http://evil.example win a prize"
    await house.do(lambda unit: unit.people.update(house.mei, name=f"Prize {evil}"))
    await house.reported(problem=f"PROBLEM {evil}", place=f"PLACE {evil}", phone=f"555 {evil}")
    (receipt,) = await house.letters("mei")
    raw = compose(receipt)
    for said in (receipt.subject, receipt.text, receipt.html, receipt.sender_name, receipt.to):
        for word in ("evil", "Prize", "PROBLEM", "PLACE", "prize"):
            assert word not in said
    assert b"evil" not in raw and receipt.files == ()


async def test_a_customer_is_asked_for_what_is_missing(house: MailHouse) -> None:
    await house.reported(place="", phone=None)
    (receipt,) = await house.letters("mei")
    assert (
        "To send somebody we still need: the address, a telephone number for the engineer. "
        "Please reply with it." in receipt.text
    )


async def test_a_chinese_customer_reads_chinese(chinese: MailHouse) -> None:
    ticket = await chinese.completed()
    receipt, report = await chinese.letters("mei")
    assert receipt.subject == f"[{ticket.number}] 您的报修"
    assert report.subject == f"[{ticket.number}] 修好了吗？请确认"
    assert f"{ticket.number} 已完工，情况如下：" in report.text
    assert "原因：Door contact worn" in report.text
    assert "已修好，请回复“确认”。如未修好，请回复“没有修好”并说明情况。" in report.text
    assert "确认修好，或说明没有修好\nhttps://fix.lift.example/t/" in report.text
    assert "如有危险或情况紧急，请致电 +49 30 555 0100。" in report.text
    assert '<html lang="zh">' in report.html


async def test_the_service_report_says_what_was_done_and_how_to_sign(house: MailHouse) -> None:
    await house.reported()
    (receipt,) = await house.letters("mei")
    ticket = await house.completed()
    *_, report = await house.letters("mei")
    assert report.subject == f"[{ticket.number}] Does it work? Please confirm"
    for line in (
        "Found: Door contact worn",
        "Done: Contact replaced",
        "How: on site",
        "Parts: none",
        "On site: Mon, Jan 5 16:00 – Mon, Jan 5 16:40",
        "Engineer: Ana",
        "Does it work? Without an answer it counts as accepted on Thu, Jan 8 16:40.",
        "Reply “OK” if it works. If it does not, reply “Not fixed” and write what is not right.",
    ):
        assert line in report.text and line in shown(report)
    assert "Confirm that it works, or say that it does not\nhttps://fix.lift.example/t/" in report.text
    assert "<b>Found:</b> Door contact worn" in report.html
    assert report.automatic is Automatic.GENERATED
    assert receipt.message_id not in report.references, "that was another ticket"


async def test_letters_about_one_ticket_make_one_thread(house: MailHouse) -> None:
    await house.reported()
    (receipt,) = await house.letters("mei")
    ticket = await house.ask_first()
    await house.do(telling.notice, await house.address("mei"), "accepted", "x", ticket)
    (notice,) = await house.letters("mei")
    assert notice.references == (receipt.message_id,)
    assert notice.subject == receipt.subject
    assert notice.message_id != receipt.message_id


async def test_without_a_public_page_everything_is_done_by_reply(no_page: MailHouse) -> None:
    await no_page.completed()
    *_, report = await no_page.letters("mei")
    assert "https://" not in report.text and "<a " not in report.html
    assert "Reply “OK” if it works." in report.text


async def test_after_the_signature_a_grade_is_asked_for_by_number_or_link(house: MailHouse) -> None:
    ticket = await house.completed()
    await house.letters("mei")
    await house.do(closing.confirm, ticket.id, house.mei, "mail", "mei@customer.example")
    await house.do(telling.notice, await house.address("mei"), "rating_waits", "x", ticket)
    *_, asked = await house.letters("mei")
    assert asked.subject == f"[{ticket.number}] How satisfied are you?"
    assert "Reply with a number from 1 to 5 (1 excellent, 2 satisfied," in asked.text
    assert "Rate the work\nhttps://fix.lift.example/t/" in asked.text


async def test_a_report_signed_meanwhile_is_not_asked_for_again(house: MailHouse) -> None:
    ticket = await house.completed()
    await house.do(closing.confirm, ticket.id, house.mei, "telegram", "101")
    letters = await house.letters("mei")
    report = next(each for each in letters if "Found:" in each.text)
    assert "Reply “OK”" not in report.text
    assert "✅ Signed by you at Mon, Jan 5 16:40." in report.text
    assert "How satisfied are you?" in report.text


# --- engineers and the office --------------------------------------------------------------------------------------


async def test_an_engineer_reads_what_where_who_and_how_to_answer(house: MailHouse) -> None:
    ticket = await house.offered(latitude=53.5, longitude=9.9)
    (offer,) = await house.letters("ana")
    assert offer.subject == f"[{ticket.number}] New job, please answer by Mon, Jan 5 16:10"
    for line in (
        f"New job {ticket.number}",
        "S3 normal · fault",
        f"| {PROBLEM}",
        "📍 12 Harbour Street",
        "Open the map\nhttps://www.openstreetmap.org/?mlat=53.5&mlon=9.9",
        "👤 Mei",
        "📱 +49 30 555 0199",
        "Please answer by Mon, Jan 5 16:10.",
        "Reply “Accept”, or “Decline” and why.",
        "Accept or decline\nhttps://fix.lift.example/t/",
    ):
        assert line in offer.text
    assert "In danger" not in offer.text


async def test_an_engineer_who_has_the_job_reads_what_he_can_reply(house: MailHouse) -> None:
    await house.accepted()
    job = (await house.letters("ana"))[0]
    assert "“On the way 30” (minutes), “Arrived”, “Remote”" in job.text
    assert "Open the job\nhttps://fix.lift.example/t/" in job.text


async def test_the_office_reads_the_facts(house: MailHouse) -> None:
    ticket = await house.reported()
    (card,) = await house.letters("otto")
    assert card.subject == f"[{ticket.number}] Ticket for the office"
    assert PROBLEM in card.text and "What you reply to this letter goes to the customer." in card.text


async def test_a_letter_that_has_left_is_not_edited(house: MailHouse) -> None:
    await house.reported()
    parcels = await house.parcels()
    (receipt,) = [parcel for parcel in parcels if parcel.job.address == "mei@customer.example"]
    assert receipt.card is not None
    sent = replace(receipt, card=replace(receipt.card, message_id="1.x@lift.example"))
    assert letter(sent, house.clock.now()) is None


# --- relays --------------------------------------------------------------------------------------------------------


async def wrote(house: MailHouse, name: str, text: str, *parts: Part) -> None:
    """Somebody writes about the first ticket."""

    def say(unit: UnitOfWork) -> None:
        person = house.people[name]
        came = Incoming("mail", f"{name}@x.example", f"m{unit.chance.random()}", "text", text, parts)
        entry, _ = correspondence.keep(unit, came, person, 1, Audience.ALL)
        correspondence.pass_on(unit, unit.tickets.get(1), entry)

    await house.do(say)


async def test_what_a_person_wrote_is_shown_as_his_words_and_marks_nothing_up(house: MailHouse) -> None:
    ticket = await house.accepted()
    await house.letters("mei")
    await wrote(house, "ana", "<img src=x onerror=alert(1)> *bold*\n-- \nhttp://evil.example/a?b=1&c=2")
    (relay,) = await house.letters("mei")
    assert f"Ana writes about {ticket.number}:" in relay.text
    assert "| <img src=x onerror=alert(1)> *bold*\n| --\n| http://evil.example/a?b=1&c=2" in relay.text
    assert "To answer Ana, reply to this letter." in relay.text
    assert "<img" not in relay.html and "&lt;img src=x onerror=alert(1)&gt; *bold*" in relay.html
    assert "evil.example" not in "".join(re.findall(r'href="([^"]*)"', relay.html))
    assert relay.automatic is None, "a person wrote it"


async def test_files_go_along_and_what_is_missing_is_named(house: MailHouse) -> None:
    await house.accepted()
    await house.letters("mei")
    await wrote(house, "ana", "Look", Part("photo", "r1", "door.jpg", "image/jpeg", 5))
    files = Files(
        (Enclosure("door.jpg", "image/jpeg", b"\xff\xd8"),), missing=("lost.png",), too_big=("film.mp4",)
    )
    (relay,) = await house.letters("mei", files)
    assert "📎 Enclosed: door.jpg" in relay.text
    assert "because it could not be fetched: lost.png" in relay.text
    assert "because it is too large for a letter: film.mp4" in relay.text
    assert b'filename="door.jpg"' in compose(relay)


async def test_a_late_file_comes_without_the_words_again(house: MailHouse) -> None:
    await house.accepted()
    await house.letters("mei")
    await wrote(house, "ana", "Look", Part("photo", "r1", "a.jpg", "image/jpeg", 5))
    parcel = next(each for each in await house.parcels() if each.job.kind == "relay" and each.author)
    assert parcel.entry is not None
    late = replace(parcel, job=replace(parcel.job, payload={"entry": 1, "files": [parcel.entry.files[0].id]}))
    written = letter(late, house.clock.now(), Files((Enclosure("a.jpg", "image/jpeg", b"x"),)))
    assert written is not None
    assert "Ana sends more files about" in written.text and "| Look" not in written.text
