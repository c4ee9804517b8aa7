"""Every mail becomes exactly one right thing: what customers and engineers do by plain mail, and what is set aside."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from gateway_house import OURS, GatewayHouse, mail
from mail_house import open_store

from callout.clock import HandClock
from dispatch.texts import Phrases
from storage.records.message import FileState
from storage.records.ticket import Kind, Offered, Signing, State


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[GatewayHouse]:
    store = open_store(tmp_path, clock)
    async with store.open():
        found = GatewayHouse(store, clock)
        await found.hire()
        await found.open_gateway(tmp_path / "files")
        yield found


async def said(house: GatewayHouse, name: str = "mei") -> list[str]:
    return [parcel.job.payload["text"] for parcel in await house.heard(name) if parcel.job.kind == "say"]


# --- a report ----------------------------------------------------------------------------------------------------------


async def test_a_mail_from_somebody_new_is_a_ticket_with_a_receipt_in_his_language(
    house: GatewayHouse,
) -> None:
    raw = mail(
        "三号电梯停在五楼，门打不开。\n地址：滨海路12号\n电话：13800000000",
        sender="li@example.org",
        subject="电梯故障",
    )
    assert await house.post(raw) == "ticket 1"
    (ticket,) = await house.tickets()
    assert (ticket.state, ticket.place, ticket.phone) == (State.RECEIVED, "滨海路12号", "13800000000")
    assert ticket.problem == "电梯故障\n三号电梯停在五楼，门打不开。"
    (receipt,) = [p for p in await house.heard("li@example.org") if p.job.kind == "card"]
    assert receipt.language == "zh" and receipt.postage.message_id


async def test_the_same_mail_delivered_twice_is_one_ticket(house: GatewayHouse) -> None:
    raw = mail("Lift 2 is stuck.", sender="li@example.org")
    assert await house.post(raw) == "ticket 1"
    assert await house.post(raw) == "the same as 1"
    other = raw.replace(b"Lift 2 is stuck.", b"Lift 3 is stuck.")
    assert await house.post(other) == "ticket 2", "the same Message-ID with other words is another mail (S31)"


async def test_a_photo_is_kept_and_a_logo_is_not(house: GatewayHouse) -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "li@example.org", OURS, "Broken step"
    made.set_content("See the photo.")
    made.add_alternative('<p>See the photo.</p><img src="cid:logo">', subtype="html")
    made.get_payload()[1].add_related(b"GIF89a" + bytes(1500), "image", "gif", cid="<logo>")
    made.add_attachment(
        b"\xff\xd8\xff" + bytes(200_000), maintype="image", subtype="jpeg", filename="step.jpg"
    )
    assert await house.post(made.as_bytes()) == "ticket 1"
    (entry,) = await house.entries(1)
    (photo,) = entry.files
    assert (photo.name, photo.kind, photo.state, photo.size) == (
        "step.jpg",
        "photo",
        FileState.STORED,
        200_003,
    )
    assert house.files.get(photo.sha256 or "")[:3] == b"\xff\xd8\xff"


async def test_the_history_of_a_reply_is_cut_and_kept(house: GatewayHouse) -> None:
    await house.accepted()
    ours = await house.last_letter()
    raw = mail(
        "Come after ten.\n\nOn Mon, 5 Jan 2026 at 09:00, Harbour Lifts wrote:\n> We are on our way.",
        answers=ours,
    )
    await house.post(raw)
    entry = (await house.entries(1))[-1]
    assert entry.text == "Come after ten." and "> We are on our way." in entry.data["full"]


# --- signing and rating by reply ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Confirm", "确认，谢谢！", "OK, thanks", "Yes"])
async def test_a_plain_word_signs_the_report_that_was_shown(house: GatewayHouse, words: str) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(
        want=lambda parcel: parcel.card is not None and parcel.card.audience == "signoff"
    )
    assert await house.post(mail(words, answers=ours, dmarc="pass")) == f"confirm of ticket {ticket.id}"
    signoff = await house.store.read(lambda unit: unit.tickets.last_signoff(ticket.id))
    report = await house.store.read(lambda unit: unit.tickets.last_report(ticket.id))
    assert signoff and report
    assert (signoff.status, signoff.channel, signoff.address) == (
        Signing.CONFIRMED,
        "mail",
        "mei@customer.example",
    )
    assert signoff.report_hash == report.hash and (signoff.evidence or "").startswith("mail:")
    (thanks,) = await said(house)
    assert ticket.label in thanks and "1 (excellent)" in thanks
    assert await house.post(mail("1\nVery kind.", answers=ours)) == f"grade of ticket {ticket.id}"
    rating = await house.store.read(lambda unit: unit.tickets.last_rating(ticket.id))
    assert rating and (rating.grade, rating.comment) == (1, "Very kind.")
    assert (await house.ticket(ticket.id)).state is State.CLOSED


async def test_not_fixed_goes_back_with_the_reason(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    assert (
        await house.post(mail("Not fixed because the door still sticks", answers=ours))
        == f"dispute of ticket {ticket.id}"
    )
    after = await house.ticket(ticket.id)
    assert (after.state, after.disputes) == (State.IN_PROGRESS, 1)
    heard = [
        p.job.payload["facts"]["reason"]
        for p in await house.heard("ana")
        if p.job.payload.get("key") == "disputed_owner"
    ]
    assert heard == ["Not fixed because the door still sticks"]


async def test_words_that_are_neither_sign_nothing_and_he_hears_how(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    await house.post(mail("OK, but it still drips", answers=ours))
    assert (await house.ticket(ticket.id)).state is State.COMPLETED
    (told,) = await said(house)
    assert "still waits for your word" in told


async def test_an_answer_to_an_older_report_does_not_sign_the_newer_one(house: GatewayHouse) -> None:
    ticket = await house.completed()
    old = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    await house.post(mail("Not fixed", answers=old))
    house.clock.advance(60)
    from dispatch import field
    from storage.records.ticket import Mode

    again = {"cause": "Belt", "action": "New belt", "parts": "belt", "tested": True, "mode": Mode.PHONE}
    await house.do(field.complete, ticket.id, house.ana, **again)
    assert await house.post(mail("Confirm", answers=old)) == "refused: report_outdated"
    assert (await house.ticket(ticket.id)).state is State.COMPLETED


async def test_a_bad_grade_opens_a_complaint(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    await house.post(mail("Confirm", answers=ours))
    assert await house.post(mail("Grade: 5 two hours late", answers=ours)) == f"grade of ticket {ticket.id}"
    complaint = next(one for one in await house.tickets() if one.kind is Kind.COMPLAINT)
    assert complaint.about_id == ticket.id and complaint.owner_id == house.otto.id


async def test_a_customer_cancels_by_mail_until_the_engineer_drives(house: GatewayHouse) -> None:
    ticket = await house.accepted()
    ours = await house.last_letter()
    assert await house.post(mail("取消，已经好了", answers=ours)) == f"cancel of ticket {ticket.id}"
    assert (await house.ticket(ticket.id)).state is State.CANCELLED


# --- the engineer ----------------------------------------------------------------------------------------


async def test_an_engineer_does_a_whole_job_by_mail(house: GatewayHouse) -> None:
    ticket = await house.offered()
    ours = await house.last_letter("ana")
    write = {"sender": "ana@lift.example", "answers": ours, "dmarc": "pass"}
    assert await house.post(mail("Accept", **write)) == f"accept of ticket {ticket.id}"
    assert await house.post(mail("On my way, 30 min", **write)) == f"depart of ticket {ticket.id}"
    assert await house.post(mail("arrived", **write)) == f"arrive of ticket {ticket.id}"
    assert await house.post(mail("Done", **write)) == "refused: mode_needed"
    report = "Done\nCause: worn belt\nAction: new belt\nParts: belt 8x20\nMode: on site\nTested: yes"
    assert await house.post(mail(report, **write)) == f"done of ticket {ticket.id}"
    done = await house.ticket(ticket.id)
    assert done.state is State.COMPLETED
    found = await house.store.read(lambda unit: unit.tickets.last_report(ticket.id))
    assert found and found.body["parts"] == ["belt 8x20"] and found.body["mode"] == "on_site"


async def test_an_engineer_without_a_dmarc_pass_is_sent_to_his_link(house: GatewayHouse) -> None:
    ticket = await house.offered()
    ours = await house.last_letter("ana")
    for dmarc in ("", "none", "fail"):
        await house.post(mail("Accept", sender="ana@lift.example", answers=ours, dmarc=dmarc))
    assert (await house.ticket(ticket.id)).state is State.OFFERED
    heard = await said(house, "ana")
    assert heard and all("use the link" in text for text in heard)


async def test_declining_names_the_reason(house: GatewayHouse) -> None:
    ticket = await house.offered()
    ours = await house.last_letter("ana")
    outcome = await house.post(
        mail("Decline: other side of town", sender="ana@lift.example", answers=ours, dmarc="pass")
    )
    assert outcome == f"decline of ticket {ticket.id}"
    (offer,) = await house.store.read(lambda unit: unit.tickets.offers(ticket.id))
    assert (offer.status, offer.reason) == (Offered.DECLINED, "other side of town")


# --- what is no report ----------------------------------------------------------------------------------


async def test_an_away_note_is_no_answer_and_gets_none(house: GatewayHouse) -> None:
    ticket = await house.completed()
    ours = await house.last_letter(want=lambda parcel: parcel.job.kind == "card")
    away = mail("I am away. Confirm", answers=ours, Auto_Submitted="auto-replied", subject="Out of office")
    assert (await house.post(away)).startswith(f"entry of ticket {ticket.id}")
    assert (await house.ticket(ticket.id)).state is State.COMPLETED
    assert not await house.heard("mei")
    lost = mail(
        "I am away.", sender="li@example.org", Auto_Submitted="auto-replied", In_Reply_To="<x@y.example>"
    )
    assert (await house.post(lost)).startswith("rejected: an automatic answer")


async def test_a_machine_that_reports_gets_a_ticket_and_no_receipt(house: GatewayHouse) -> None:
    raw = mail("UPS on battery", sender="ups@plant.example", Auto_Submitted="auto-generated", subject="ALARM")
    assert await house.post(raw) == "ticket 1, not acknowledged"
    assert not await house.heard("ups@plant.example")


async def test_our_own_mail_that_comes_back_is_set_aside(house: GatewayHouse) -> None:
    assert (await house.post(mail("echo", sender=OURS))).startswith("rejected: our own mail")


async def test_a_bounce_of_our_mail_makes_the_address_unreachable_and_the_office_hears(
    house: GatewayHouse,
) -> None:
    await house.accepted()
    ours = await house.last_letter()
    report = (
        f"From: MAILER-DAEMON@mx.customer.example\r\nTo: {OURS}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
        "Final-Recipient: rfc822; mei@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <%s>\r\nSubject: x\r\n\r\ntext\r\n--b--\r\n"
    )
    forged = report % "1.aaaaaaaaaaaaaaaa@lift.example"
    assert await house.post(forged.encode()) == "rejected: a report about nothing of ours"
    outcome = await house.post((report % ours.postage.message_id).encode())
    assert outcome == f"message {ours.job.id} came back"
    contact = await house.store.read(lambda unit: unit.people.contact(house.mei.id))
    assert contact and contact.unreachable_at
    assert any(p.job.payload.get("key") == "unreachable" for p in await house.heard("otto"))


async def test_nobody_gets_more_than_three_receipts_an_hour(house: GatewayHouse) -> None:
    for number in range(6):
        await house.post(mail(f"Fault {number}", sender="li@example.org", subject=f"Fault {number}"))
    cards = [p for p in await house.heard("li@example.org") if p.job.kind == "card"]
    assert len(cards) == 3 and len(await house.tickets()) == 6
    house.clock.advance(3601)
    await house.post(mail("Fault 7", sender="li@example.org"))
    assert len([p for p in await house.heard("li@example.org") if p.job.kind == "card"]) == 1


async def test_a_forged_sender_gets_no_receipt_and_the_office_is_warned(house: GatewayHouse) -> None:
    assert (
        await house.post(mail("Come at once", sender="boss@bank.example", dmarc="fail"))
        == "ticket 1, not acknowledged"
    )
    assert not await house.heard("boss@bank.example")


async def test_every_answer_of_the_gateway_has_its_words(house: GatewayHouse) -> None:
    for language in ("en", "zh"):
        phrases = Phrases(language, house.store.policy.zone, house.clock.now())
        for key in ("signed", "disputed", "rated", "rated_bad", "cancelled", "reopened", "passed_on_unsigned",
                    "use_the_link", "accepted", "declined", "noted", "completed"):  # fmt: skip
            assert phrases.say(f"mail.answer.{key}", number="T-1")
        assert phrases.say("mail.answer.too_big", number="T-1", size=30) and phrases.say(
            "refusal.mode_needed"
        )
