"""Sorting: who may be answered by a machine, what is a report, what is a reply."""

import pytest

from intake.mail import Attachment, Enclosed, Headers, Mail, Sort
from intake.sorting import Context, base_subject, is_reply_subject, sort


def a_mail(text: str = "The pump drips.", enclosed: tuple[Enclosed, ...] = (), **fields: str) -> Mail:
    """A mail of Mei's with the given header fields ("_" stands for "-")."""
    every = {"from": "Mei <mei@customer.example>", "subject": "Pump", "to": "help@desk.example"}
    every |= {name.replace("_", "-"): value for name, value in fields.items()}
    address = every["from"].partition("<")[2].rstrip(">") if "<" in every["from"] else every["from"]
    head = Headers(
        all=tuple(every.items()),
        from_addr=address,
        from_name=every["from"].partition("<")[0].strip(),
        subject=every["subject"],
        to=(every["to"],),
        reply_to=tuple(filter(None, (every.get("reply-to", ""),))),
        message_id=every.get("message-id", "").strip("<>"),
        in_reply_to=every.get("in-reply-to", "").strip("<>"),
        content_type=every.get("content-type", "text/plain"),
    )
    return Mail(head, text=text, html="", reply=text, quoted=False, attachments=(), enclosed=enclosed)


MDN = Enclosed("message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed")
ARF = Enclosed("message/feedback-report", "Feedback-Type: abuse")

AUTORESPONDERS = {
    "RFC 3834 vacation": a_mail(auto_submitted="auto-replied", subject="Re: Pump"),
    "with a parameter": a_mail(auto_submitted='auto-replied; owner-email="mei@customer.example"'),
    "generated report": a_mail(auto_submitted="auto-generated"),
    "Exchange out of office": a_mail(subject="Automatic reply: Pump", x_auto_response_suppress="All"),
    "German": a_mail(subject="Abwesenheitsnotiz: Pumpe"),
    "German, newer": a_mail(subject="Automatische Antwort: Pumpe"),
    "French": a_mail(subject="Réponse automatique : pompe"),
    "Spanish": a_mail(subject="Respuesta automática: bomba"),
    "Italian": a_mail(subject="Risposta automatica: pompa"),
    "Portuguese": a_mail(subject="Resposta automática: bomba"),
    "Polish": a_mail(subject="[Automatyczna odpowiedź] pompa"),
    "Russian": a_mail(subject="Автоматический ответ: насос"),
    "Chinese": a_mail(subject="自动回复：水泵"),
    "Traditional Chinese": a_mail(subject="自動回覆: 水泵"),
    "Japanese": a_mail(subject="自動返信: ポンプ"),
    "old Unix vacation": a_mail(precedence="junk", x_mailer="vacation 1.2"),
    "auto_reply precedence": a_mail(precedence="auto_reply"),
    "cPanel": a_mail(x_autorespond="Pump", precedence="auto_reply"),
    "X-Autoreply": a_mail(x_autoreply="yes"),
    "ticket receipt": a_mail(subject="[#4711] We got it", auto_submitted="auto-generated", precedence="bulk"),
    "read receipt": a_mail(subject="Read: Pump", enclosed=(MDN,), content_type="multipart/report"),
    "complaint": a_mail(subject="complaint about message", enclosed=(ARF,), content_type="multipart/report"),
    "null sender": a_mail(return_path="<>"),
    "cron": a_mail(x_cron_env="<SHELL=/bin/sh>", **{"from": "root@machine.example"}),
    "calendar": a_mail(auto_submitted="auto-replied", subject="Accepted: visit"),
}


@pytest.mark.parametrize("name", AUTORESPONDERS)
def test_an_automatic_answer_is_automatic_and_gets_none(name: str) -> None:
    found = sort(AUTORESPONDERS[name])
    assert (found.sort, found.silent) == (Sort.AUTOMATIC, True), found.hits


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(auto_submitted="no"),
        a_mail(auto_submitted="No; reason=person"),
        a_mail(auto_submitted="no (a person)"),
        a_mail(precedence="never-bounce"),
        a_mail(precedence="first-class"),
        a_mail(subject="Automatic reply does not work on line 3"),
        a_mail(subject="Out of office supplies in room 5"),
        a_mail(subject="Vacation house: the heating failed"),
        a_mail(x_auto_response_suppress="DR, RN, NRN"),
        a_mail(text="Delivery failed, the pallet could not be delivered, the gate is broken."),
        a_mail(**{"from": "Undeliverable Ltd <mei@customer.example>"}, text="mailbox full of leaves"),
        a_mail(return_path="<mei@customer.example>"),
        a_mail(
            **{"from": "System Administrator <it@customer.example>"}, text="My mailbox is full, user unknown?"
        ),
        a_mail(
            **{"from": "ACME Delivery Service <mei@customer.example>"}, text="The boxes were not delivered."
        ),
        a_mail(x_spam_flag="NO", x_spam_status="No, score=1.2"),
        a_mail(text="", subject="Lift 3 is stuck"),
    ],
)
def test_a_person_is_answered(mail: Mail) -> None:
    found = sort(mail)
    assert (found.sort, found.silent) == (Sort.NEW, False), found.hits


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(**{"from": "noreply@shop.example"}),
        a_mail(reply_to="no-reply@shop.example"),
        a_mail(x_auto_response_suppress="OOF, AutoReply"),
        a_mail(x_ms_exchange_inbox_rules_loop="mei@customer.example"),
        a_mail(**{"from": "Postmaster <postmaster@customer.example>"}, text="Our lift is stuck."),
    ],
)
def test_who_may_be_a_person_becomes_a_ticket_but_gets_no_automatic_answer(mail: Mail) -> None:
    found = sort(mail)
    assert (found.sort, found.silent) == (Sort.NEW, True), found.hits


def test_a_person_who_attaches_a_report_is_answered() -> None:
    failed = Enclosed("message/delivery-status", "Final-Recipient: rfc822; bo@firm.example\nAction: failed")
    for part in (MDN, ARF, failed):
        found = sort(a_mail(enclosed=(part,), content_type="multipart/mixed", subject="What is this?"))
        assert (found.sort, found.silent) == (Sort.NEW, False), found.hits


def test_a_noreply_sender_with_an_address_for_answers_is_answered() -> None:
    assert not sort(a_mail(**{"from": "noreply@form.example"}, reply_to="mei@customer.example")).silent


@pytest.mark.parametrize("field", ["list_id", "list_unsubscribe", "list_post", "x_mailman_version"])
def test_a_mailing_list_is_a_list_and_gets_no_answer(field: str) -> None:
    found = sort(a_mail(precedence="bulk", **{field: "<pumps.list.example>"}))
    assert (found.sort, found.silent) == (Sort.LIST, True)


def test_our_own_mail_that_comes_back_is_a_loop() -> None:
    us = Context(
        own_addresses=frozenset({"help@desk.example"}), ours=lambda name: name.endswith("@desk.example")
    )
    for mail in (
        a_mail(**{"from": "Help <Help+t412@Desk.example>"}),
        a_mail(message_id="<a.b@desk.example>"),
        a_mail(x_callout_id="<a.b@desk.example>"),
    ):
        assert (sort(mail, us).sort, sort(mail, us).silent) == (Sort.LOOP, True)


def test_a_forged_internal_mark_does_nothing() -> None:
    found = sort(a_mail(x_callout_id="7", x_callout_person="otto", x_callout_verified="yes"))
    assert (found.sort, found.hits) == (Sort.NEW, ())


def test_the_topmost_spam_mark_counts() -> None:
    assert sort(a_mail(x_spam_flag="YES")).sort is Sort.SPAM
    fields = (("x-spam-flag", "NO"), ("x-spam-flag", "YES"), ("from", "mei@customer.example"))
    head = Headers(all=fields, from_addr="mei@customer.example")
    assert not sort(Mail(head, "The pump drips.", "", "", quoted=False, attachments=())).spam


def test_a_mail_without_sender_or_with_nothing_in_it_is_empty() -> None:
    assert sort(Mail(Headers(), "The pump drips.", "", "", quoted=False, attachments=())).sort is Sort.EMPTY
    assert sort(a_mail(text=" \n", subject="")).sort is Sort.EMPTY
    photo = Mail(
        a_mail(subject="").headers,
        "",
        "",
        "",
        quoted=False,
        attachments=(Attachment("a.jpg", "image/jpeg", b"x"),),
    )
    assert sort(photo).sort is Sort.NEW


def test_every_hit_is_written_down_and_the_first_decides() -> None:
    found = sort(a_mail(auto_submitted="auto-replied", in_reply_to="<1@desk.example>", subject="Re: Pump"))
    assert found.sort is Sort.AUTOMATIC
    assert found.hits == ("auto-submitted", "answers", "reply subject")


def test_an_answered_invitation_is_automatic() -> None:
    mail = a_mail(subject="Visit")
    reply = Attachment("invite.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n")
    assert (
        sort(Mail(mail.headers, mail.text, "", "", quoted=False, attachments=(reply,))).sort is Sort.AUTOMATIC
    )


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: Pump", "Pump"),
        ("RE[2]: Pump", "Pump"),
        ("AW: WG: Pumpe", "Pumpe"),
        ("Antw: Fwd: pomp", "pomp"),
        ("回复：转发：水泵", "水泵"),
        ("答复: Re: 水泵", "水泵"),
        ("SV: pump", "pump"),
        ("R: I: pompa", "pompa"),
        ("RE : pompe", "pompe"),
        ("Отв: насос", "насос"),
        ("  re:re: re:   Pump  ", "Pump"),
    ],
)
def test_the_prefixes_of_an_answer_are_seen_and_taken_off(subject: str, base: str) -> None:
    assert is_reply_subject(subject)
    assert base_subject(subject) == base
    assert sort(a_mail(subject=subject)).sort is Sort.REPLY


@pytest.mark.parametrize(
    "subject",
    ["Fwd: Pump", "转发：水泵", "Repair: Pump", "Ref: 4711", "12:30 visit", "Pump", "", ":", "Res : x"],
)
def test_a_forward_or_another_word_is_no_answer(subject: str) -> None:
    assert not is_reply_subject(subject)
