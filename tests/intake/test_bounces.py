"""Bounces: what came back, to whom, for good or for now, and which of our mails it was."""

import pytest

from intake.bounces import read_bounce
from intake.mail import Bounce, Enclosed, Headers, Mail, Sort
from intake.sorting import sort

RETURNED = Enclosed(
    "message/rfc822", "Received: by mx\nMessage-ID: <412.x@desk.example>\nSubject: T-412\n\nHello\n"
)


ANA = "Final-Recipient: rfc822; ana@firm.example"


def report(
    text: str,
    *parts: Enclosed,
    subject: str = "Undelivered Mail Returned to Sender",
    sender: str = "MAILER-DAEMON@mx.example",
    name: str = "",
    **fields: str,
) -> Mail:
    """A mail of a mail server ("_" in a field's name stands for "-")."""
    every = (("from", f"{name} <{sender}>"), ("subject", subject), ("to", "help@desk.example"))
    more = tuple((key.replace("_", "-"), value) for key, value in fields.items())
    head = Headers(
        all=more + every, from_addr=sender, from_name=name, subject=subject, to=("help@desk.example",)
    )
    return Mail(head, text, "", text, quoted=False, attachments=(), enclosed=parts)


def status(*groups: str) -> Enclosed:
    return Enclosed("message/delivery-status", "\n\n".join(("Reporting-MTA: dns; mx.example", *groups)))


def read(mail: Mail) -> Bounce:
    found = read_bounce(mail)
    assert found is not None
    return found


def test_a_standard_report_tells_all() -> None:
    group = f"{ANA}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n User unknown"
    assert read(report("The mail system", status(group), RETURNED)) == Bounce(
        recipients=("ana@firm.example",),
        temporary=False,
        status="5.1.1",
        hard=True,
        reason="userunknown",
        original_id="412.x@desk.example",
    )


def test_the_address_we_wrote_to_comes_before_the_one_it_was_forwarded_to() -> None:
    wrote = "Original-Recipient: rfc822;ana@firm.example"
    group = f"{wrote}\nFinal-Recipient: rfc822;a17@inner.example\nAction: failed\nStatus: 5.2.2"
    found = read(report("", status(group)))
    assert (found.recipients, found.reason, found.hard) == (("ana@firm.example",), "mailboxfull", False)


def test_a_delay_is_not_a_loss() -> None:
    group = f"{ANA}\nAction: delayed\nStatus: 4.4.1"
    found = read(report("Gmail will retry", status(group), subject="Delivery Status Notification (Delay)"))
    assert (found.temporary, found.hard, found.reason) == (True, False, "expired")


def test_giving_up_after_days_is_a_loss_though_the_code_begins_with_four() -> None:
    group = f"{ANA}\nAction: failed\nStatus: 4.4.7"
    found = read(report("", status(group)))
    assert (found.temporary, found.hard) == (False, False)


def test_several_recipients_are_all_named() -> None:
    groups = [
        f"Final-Recipient: rfc822; {who}@firm.example\nAction: failed\nStatus: 5.1.1" for who in ("ana", "bo")
    ]
    delivered = "Final-Recipient: rfc822; mei@firm.example\nAction: delivered\nStatus: 2.0.0"
    assert read(report("", status(*groups, delivered))).recipients == ("ana@firm.example", "bo@firm.example")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "deliverable"])
def test_a_success_report_is_no_bounce_but_gets_no_answer(action: str) -> None:
    mail = report("As you asked", status(f"{ANA}\nAction: {action}\nStatus: 2.1.5"))
    assert (sort(mail).sort, sort(mail).silent) == (Sort.AUTOMATIC, True)


def test_the_remote_servers_own_code_beats_a_stopgap() -> None:
    group = f"{ANA}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 5.7.1 no SPF record"
    found = read(report("", status(group)))
    assert (found.status, found.reason) == ("5.7.1", "authfailure")


FREE_FORM = {
    "qmail": (
        "Hi. This is the qmail-send program at mx.example.\nI wasn't able to deliver your message.\n\n"
        "<ana@firm.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 no mailbox here by that name\n"
        "Giving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n\nTo: other@firm.example\n",
        "userunknown",
    ),
    "Exim": (
        "A message that you sent could not be delivered to one or more of its recipients.\n"
        "The following address(es) failed:\n\n  ana@firm.example\n    mailbox is full: retry timeout exceeded\n",
        "mailboxfull",
    ),
    "Exchange": (
        "Your message\n\n  To: Ana\n  Subject: T-412\n\ndid not reach the following recipient(s):\n\n"
        "ana@firm.example on Tue, 4 Mar 2025 10:00:00 +0100\n    The recipient name is not recognized\n",
        "userunknown",
    ),
    "Domino": (
        "Your message\n\n  Subject: T-412\n\nwas not delivered to:\n\n  ana@firm.example\n\n"
        "because:\n\n  User ana not listed in directory\n",
        "userunknown",
    ),
    "IMail": (
        "Unknown user: ana@firm.example\n\nRCPT TO generated following response:\n550 no\n",
        "userunknown",
    ),
    "MDaemon": (
        "YOUR MESSAGE WAS NOT DELIVERED!\n\n"
        "The following addresses did NOT receive a copy of your message:\n\n> ana@firm.example\n",
        "onhold",
    ),
    "CommuniGate": (
        "Failed to deliver to '<ana@firm.example>'\nLOCAL module reports:\n account is full (quota exceeded)\n",
        "mailboxfull",
    ),
    "Chinese provider": (
        "很抱歉，您的邮件无法送达以下收件人：\n\nana@firm.example\n\n退信原因：收件人不存在\n",
        "userunknown",
    ),
    "German provider": (
        "Ihre Nachricht konnte nicht zugestellt werden an folgende Adresse:\n\n<ana@firm.example>\n\nPostfach voll\n",
        "mailboxfull",
    ),
    "spam filter": (
        "Your message to <ana@firm.example> was rejected.\nIt cannot be delivered: message looks like spam\n",
        "spamdetected",
    ),
    "unknown host": (
        "<ana@firm.example>: Host or domain name not found, cannot be delivered\n",
        "hostunknown",
    ),
}


@pytest.mark.parametrize("server", FREE_FORM)
def test_the_free_words_of_the_mail_servers_are_understood(server: str) -> None:
    text, reason = FREE_FORM[server]
    found = read(report(text))
    assert (found.recipients, found.reason) == (("ana@firm.example",), reason)


def test_a_provider_that_leaves_its_domain_out_is_understood() -> None:
    text = "Your mail to the following recipients could not be delivered:\n\tana17\n"
    assert read(report(text, sender="MAILER-DAEMON@provider.example")).recipients == (
        "ana17@provider.example",
    )


def test_the_header_field_of_exim_names_the_recipients() -> None:
    found = read(report("could not be delivered", x_failed_recipients="ana@firm.example, bo@firm.example"))
    assert found.recipients == ("ana@firm.example", "bo@firm.example")


def test_a_free_warning_is_a_delay() -> None:
    text = (
        "THIS IS A WARNING MESSAGE ONLY.\nDelivery to the following has been delayed:\n\n  ana@firm.example\n"
    )
    assert read(report(text, subject="Warning: message delayed")).temporary


def test_a_report_whose_boundary_is_broken_is_read_from_the_text() -> None:
    part = f"Reporting-MTA: dns; mx\n\n{ANA}\nAction: failed\nStatus: 5.1.1\n"
    text = f"--b\nContent-Type: message/delivery-status\n\n{part}"
    found = read(report(text))
    assert (found.recipients, found.status) == (("ana@firm.example",), "5.1.1")


def test_the_returned_message_is_known_by_its_id_wherever_the_server_put_it() -> None:
    group = f"{ANA}\nAction: failed\nStatus: 5.1.1"
    head = Enclosed("text/rfc822-headers", "From: help@desk.example\nMessage-Id:\n <412.x@desk.example>\n")
    assert read(report("", status(group), head)).original_id == "412.x@desk.example"
    copy = "--- Below this line is a copy of the message.\n\nMessage-ID: <412.x@desk.example>\n"
    inline = f"<ana@firm.example>: user unknown\n{copy}"
    assert read(report(inline)).original_id == "412.x@desk.example"


def test_complaints_receipts_and_challenges_are_no_bounces() -> None:
    complaint = report("An abuse report", Enclosed("message/feedback-report", "Feedback-Type: abuse"))
    receipt = report(
        "Read",
        Enclosed(
            "message/disposition-notification",
            f"{ANA}\nDisposition: manual-action/MDN-sent-manually; displayed",
        ),
    )
    challenge = report("This account is protected by a filter. Delivery failed until you confirm.")
    assert [read_bounce(mail) for mail in (complaint, receipt, challenge)] == [None, None, None]


def test_a_mail_thrown_away_by_a_filter_rule_came_back_though_it_looks_like_a_receipt() -> None:
    part = Enclosed(
        "message/disposition-notification",
        f"{ANA}\nDisposition: automatic-action/MDN-sent-automatically; deleted",
    )
    mail = report(
        "Your message to <ana@firm.example> was automatically rejected:\nQuota exceeded",
        part,
        subject="Automatically rejected mail",
    )
    assert read(mail).recipients == ("ana@firm.example",)


def test_a_person_who_forwards_or_tells_of_a_bounce_is_no_bounce() -> None:
    group = f"{ANA}\nAction: failed\nStatus: 5.1.1"
    forwarded = report(
        "See below, what is this?",
        status(group),
        subject="Fwd: Undelivered Mail",
        sender="mei@customer.example",
    )
    told = report(
        "My mail could not be delivered, user unknown",
        subject="Undelivered mail?",
        sender="mei@customer.example",
    )
    assert [read_bounce(mail) for mail in (forwarded, told)] == [None, None]


@pytest.mark.parametrize(
    ("diagnosis", "reason", "hard"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", "userunknown", True),
        ("550 5.4.1 Recipient address rejected: Access denied", "userunknown", True),
        ("552 5.2.2 Mailbox full", "mailboxfull", False),
        ("552 5.3.4 Message size exceeds maximum", "mesgtoobig", False),
        ("550 5.7.26 unauthenticated", "authfailure", False),
        ("550 5.7.25 no PTR record", "requireptr", False),
        ("550 5.7.1 Relaying denied", "norelaying", False),
        ("554 5.7.1 blocked using zen.spamhaus.org", "blocked", False),
        ("550 5.1.6 moved, no forwarding address", "hasmoved", True),
        ("550 5.2.1 The email account that you tried to reach is disabled", "suspend", False),
        ("421 4.7.0 too many connections", "toomanyconn", False),
        ("554 5.4.6 too many hops", "networkerror", False),
        ("550 5.1.8 domain of sender address does not exist", "rejected", False),
        ("550 Connection frequency limited", "toomanyconn", False),
        ("554 virus detected", "virusdetected", False),
        ("550 5.1.2 Host unknown", "hostunknown", True),
        ("500 5.5.2 syntax error", "syntaxerror", False),
        ("554 hm", "onhold", False),
    ],
)
def test_the_servers_answer_becomes_one_word(diagnosis: str, reason: str, hard: bool) -> None:
    group = f"{ANA}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; {diagnosis}"
    found = read(report("", status(group)))
    assert (found.reason, found.hard) == (reason, hard)
