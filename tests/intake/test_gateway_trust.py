"""What a hostile reader of the gateway tried: secrets in quotations, answers to strangers, machines that move tickets."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from gateway_house import MX, OURS, GatewayHouse, mail
from mail_house import open_store

from callout.clock import HandClock
from dispatch import closing, desk, holding, joining, register
from storage.records.message import Audience
from storage.records.ticket import Hold, State

JPEG = b"\xff\xd8\xff" + bytes(200_000)


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[GatewayHouse]:
    store = open_store(tmp_path, clock)
    async with store.open():
        found = GatewayHouse(store, clock)
        await found.hire()
        await found.open_gateway(tmp_path / "files")
        yield found


def with_photo(raw: bytes) -> bytes:
    """The same mail with a photo."""
    head, _, text = raw.partition(b"\n\n")
    made = EmailMessage()
    for line in head.decode().splitlines():
        name, _, value = line.partition(": ")
        if not name.lower().startswith(("content-", "mime-")):
            made[name] = value
    made.set_content(text.decode())
    made.add_attachment(JPEG, maintype="image", subtype="jpeg", filename="step.jpg")
    return made.as_bytes()


async def signing(house: GatewayHouse) -> Any:
    return await house.last_letter(
        want=lambda parcel: parcel.card is not None and parcel.card.audience == "signoff"
    )


async def test_what_he_quotes_carries_no_secret_to_the_other_side(house: GatewayHouse) -> None:
    ticket = await house.offered()
    ours = await house.last_letter("ana")
    link = next(iter(ours.postage.links.values()))
    quoted = f"Which door?\n\nOn Mon, 5 Jan 2026 at 09:00, Harbour Lifts wrote:\n> {link}\n> {ours.postage.reply_to}"
    await house.post(mail(quoted, sender="ana@lift.example", answers=ours, dmarc="pass"))
    entry = (await house.entries(ticket.id))[-1]
    for secret in (link.rpartition("/")[2], ours.postage.reply_to.partition("+")[2].partition("@")[0]):
        assert secret not in entry.text + entry.data["full"]
    assert "Which door?" in entry.text


async def test_a_stranger_with_a_lent_secret_is_told_nothing_and_gets_no_secret_of_his_own(
    house: GatewayHouse,
) -> None:
    ticket = await house.completed()
    ours = await signing(house)
    raw = mail("Confirm", answers=ours, sender="nora@stranger.example", dmarc="pass")
    await house.post(raw)
    assert not await house.heard("nora@stranger.example")
    assert (await house.ticket(ticket.id)).state is State.COMPLETED


async def test_an_away_note_does_not_end_waiting_for_the_customer(house: GatewayHouse) -> None:
    ticket = await house.accepted()
    await house.do(holding.hold, ticket.id, house.ana, Hold.WAITING_CUSTOMER)
    ours = await house.last_letter()
    await house.post(
        mail("I am away until Monday.", answers=ours, Auto_Submitted="auto-replied", dmarc="pass")
    )
    assert (await house.ticket(ticket.id)).state is State.ON_HOLD


async def test_a_pass_for_the_other_of_two_authors_vouches_for_nobody(house: GatewayHouse) -> None:
    ticket = await house.accepted()
    await house.do(holding.hold, ticket.id, house.ana, Hold.WAITING_CUSTOMER)
    raw = mail("Go on.", subject=ticket.label, sender="mei@customer.example, x@evil.example")
    raw = f"Authentication-Results: {MX}; dmarc=pass header.from=evil.example\n".encode() + raw
    assert (await house.post(raw)).endswith("sender not verified")
    assert (await house.ticket(ticket.id)).state is State.ON_HOLD


async def test_a_photo_that_comes_with_a_word_that_acts_is_seen_by_the_other_side(
    house: GatewayHouse,
) -> None:
    ticket = await house.completed()
    ours = await signing(house)
    assert await house.post(with_photo(mail("Not fixed", answers=ours))) == f"dispute of ticket {ticket.id}"
    relays = [parcel for parcel in await house.heard("ana") if parcel.job.kind == "relay"]
    assert [file.name for parcel in relays if parcel.entry for file in parcel.entry.files] == ["step.jpg"]


async def test_the_photo_of_a_report_by_mail_belongs_to_the_report(house: GatewayHouse) -> None:
    ticket = await house.accepted()
    ours = await house.last_letter("ana")
    write: dict[str, Any] = {"sender": "ana@lift.example", "answers": ours, "dmarc": "pass"}
    await house.post(mail("arrived", **write))
    report = "Done\nCause: worn belt\nAction: new belt\nParts: none\nMode: on site\nTested: yes"
    assert await house.post(with_photo(mail(report, **write))) == f"done of ticket {ticket.id}"
    found = await house.store.read(lambda unit: unit.tickets.last_report(ticket.id))
    assert found and len(found.body["photos"]) == 1


async def test_polite_words_of_the_one_who_has_the_job_reach_the_customer(house: GatewayHouse) -> None:
    ticket = await house.accepted()
    ours = await house.last_letter("ana")
    outcome = await house.post(mail("OK, thanks", sender="ana@lift.example", answers=ours, dmarc="pass"))
    assert outcome == f"entry of ticket {ticket.id}"
    assert (await house.entries(ticket.id))[-1].audience is Audience.ALL
    assert [p.entry.text for p in await house.heard("mei") if p.entry] == ["OK, thanks"]


async def test_without_a_named_message_a_word_signs_only_while_there_has_been_one_report(
    house: GatewayHouse,
) -> None:
    ticket = await house.completed()
    ours = await signing(house)
    assert await house.post(mail("Confirm", to=ours.postage.reply_to)) == f"confirm of ticket {ticket.id}"


async def test_words_on_what_is_closed_reach_the_office_and_after_a_month_they_are_a_new_report(
    house: GatewayHouse,
) -> None:
    ticket = await house.completed()
    ours = await signing(house)
    await house.post(mail("Confirm", answers=ours))
    await house.post(mail("1", answers=ours))
    await house.heard("otto")
    await house.post(mail("The key is still with your man.", answers=ours))
    assert any(p.entry and "The key" in p.entry.text for p in await house.heard("otto"))
    house.clock.advance(house.store.policy.periods.reopen.total_seconds() + 3600)
    assert await house.post(mail("Lift 7 now, two people inside!", answers=ours)) == "ticket 2"
    assert (await house.ticket(ticket.id)).state is State.CLOSED


async def test_he_is_told_once_how_to_sign_however_often_a_machine_of_his_writes(house: GatewayHouse) -> None:
    await house.completed()
    ours = await signing(house)
    for number in range(30):
        await house.post(mail(f"Thank you for your mail, number {number}", answers=ours))
    said = [p for p in await house.heard("mei") if p.job.kind == "say"]
    assert len(said) == 1
    relays = [p for p in await house.heard("ana") if p.job.kind == "relay"]
    assert len(relays) <= 21


async def test_after_joining_his_old_letters_can_still_be_answered(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await signing(house)

    def join(unit: Any) -> int:
        phone = register.caller(unit, "telegram", "77", "Mei Lin", "en")
        joining.ask(unit, phone, "mei@customer.example")
        text = next(job.payload["text"] for job in unit.outbox.recent() if job.key.startswith("join:"))
        code = next(word.strip(".") for word in text.split() if word.strip(".").isdigit())
        return joining.confirm(unit, phone, code).id

    person = await house.do(join)
    assert await house.post(mail("Confirm", to=ours.postage.reply_to)) == f"confirm of ticket {ticket.id}"
    assert (await house.ticket(ticket.id)).customer_id == person


async def test_of_a_chain_of_duplicates_the_living_one_gets_the_words(house: GatewayHouse) -> None:
    first, second, third = [await house.reported(problem=f"Lift {n}") for n in range(3)]
    ours = await house.last_letter(want=lambda parcel: parcel.job.ticket_id == first.id)
    await house.do(desk.duplicate, first.id, house.otto, second.id)
    await house.do(desk.duplicate, second.id, house.otto, third.id)
    assert await house.post(mail("Any news?", answers=ours)) == f"entry of ticket {third.id}"


async def test_a_report_about_another_address_or_of_last_month_kills_no_address(house: GatewayHouse) -> None:
    await house.accepted()
    ours = await house.last_letter()

    def report(recipient: str) -> bytes:
        return (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {OURS}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{ours.postage.message_id}>\r\n\r\nx\r\n--b--\r\n"
        ).encode()

    assert "from another address" in await house.post(report("somebody@evil.example"))
    house.clock.advance(8 * 86400)
    assert (await house.post(report("mei@customer.example"))).startswith("rejected")
    contact = await house.store.read(lambda unit: unit.people.contact(house.mei.id))
    assert contact and contact.unreachable_at is None


async def test_a_bad_grade_by_mail_is_not_given_by_a_numbered_list(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await signing(house)
    await house.post(mail("Confirm", answers=ours))
    await house.post(mail("1. The door still sticks.\n2. The light is off.", answers=ours))
    assert (await house.ticket(ticket.id)).state is State.CONFIRMED
    assert closing.BAD == (4, 5)


async def test_whoever_was_asked_by_letter_hears_that_it_is_over(house: GatewayHouse) -> None:
    ticket = await house.offered()
    await house.heard("ana")
    await house.do(desk.withdraw, ticket.id, house.otto)
    assert [p.job.payload["key"] for p in await house.heard("ana") if p.job.kind == "notice"] == [
        "offer_gone"
    ]


async def test_a_signature_on_paper_is_told_by_letter_with_the_question_for_the_grade(
    house: GatewayHouse,
) -> None:
    ticket = await house.completed()
    await house.heard("mei")
    await house.do(closing.confirm, ticket.id, house.otto, "telegram", "301", None, "entry 1")
    (told,) = [p for p in await house.heard("mei") if p.job.payload.get("key") == "signed_on_paper"]
    assert "rate" in told.postage.links
