"""Files that come with a mail: Outlook's parcels, mails in mails, invitations, signatures, and logos that are none."""

import struct

import pytest

from intake.enclosures import decoration
from intake.mail import Attachment
from intake.message import read


def parts(*pieces: bytes, kind: bytes = b"mixed") -> bytes:
    body = b"".join(b"--b\n" + each + b"\n" for each in pieces)
    return b"From: mei@example.org\nContent-Type: multipart/" + kind + b"; boundary=b\n\n" + body + b"--b--\n"


def attribute(level: int, name: int, kind: int, value: bytes) -> bytes:
    return (
        struct.pack("<BHHI", level, name, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    )


def string(name: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def winmail() -> bytes:
    body = struct.pack("<I", 1) + string(0x1000, "The unit is broken.")
    names = struct.pack("<I", 2) + string(0x3707, "空调报告.pdf") + string(0x370E, "application/pdf")
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
        + attribute(1, 0x9003, 6, body)
        + attribute(2, 0x9002, 6, b"\0" * 14)
        + attribute(2, 0x8010, 1, b"REPORT~1.PDF\0")
        + attribute(2, 0x800F, 6, b"%PDF-1.4")
        + attribute(2, 0x9005, 6, names)
    )


def test_a_winmail_dat_is_opened() -> None:
    mail = read(parts(b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + winmail()))
    assert mail.text == "The unit is broken."
    (file,) = mail.attachments
    assert (file.filename, file.content_type, file.content) == (
        "空调报告.pdf",
        "application/pdf",
        b"%PDF-1.4",
    )


@pytest.mark.parametrize("length", range(0, 320, 7))
def test_a_winmail_dat_that_is_cut_gives_what_it_has(length: int) -> None:
    mail = read(parts(b"Content-Type: application/ms-tnef\n\n" + winmail()[:length]))
    assert mail.attachments or mail.text or length > 40


def test_a_mail_in_a_mail_is_a_file_named_after_its_subject() -> None:
    inner = b"Content-Type: message/rfc822\n\nSubject: =?utf-8?b?56m66LCD?= / roof\nFrom: bo@example.org\n\ninner text"
    mail = read(parts(b"\nSee below.", inner))
    assert mail.text == "See below."
    assert [(file.filename, file.content_type) for file in mail.attachments] == [
        ("空调 - roof.eml", "message/rfc822")
    ]
    assert mail.enclosed[0].text.startswith("Subject:")


def test_a_mail_that_is_nothing_but_another_mail_shows_the_text_of_that() -> None:
    mail = read(parts(b"Content-Type: message/rfc822\n\nSubject: x\nContent-Type: text/html\n\n<p>inner"))
    assert mail.text == "inner"
    assert len(mail.attachments) == 1


def test_the_parts_of_a_report_come_as_text_too() -> None:
    status = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\nAction: failed"
    mail = read(
        parts(b"\nIt failed.", status, b"Content-Type: text/rfc822-headers\n\nSubject: x", kind=b"report")
    )
    assert mail.text == "It failed."
    assert [each.content_type for each in mail.enclosed] == ["message/delivery-status", "text/rfc822-headers"]
    assert "Action: failed" in mail.enclosed[0].text


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/calendar; method=REQUEST", "invitation.ics"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m"),
        ("application/pkcs7-signature", "smime.p7s"),
        ("application/pgp-signature", "signature.asc"),
        ("image/jpeg", "attachment.jpg"),
        ("application/x-unheard-of", "attachment.bin"),
    ],
)
def test_what_has_no_name_is_named_after_what_it_is(kind: str, name: str) -> None:
    mail = read(parts(b"\nhi", b"Content-Type: " + kind.encode() + b"\n\nx"))
    assert [file.filename for file in mail.attachments] == [name]


def test_a_signed_mail_is_its_text_and_the_signature_a_file() -> None:
    mail = read(
        parts(
            b"Content-Type: text/plain\n\nhi", b"Content-Type: application/pgp-signature\n\nx", kind=b"signed"
        )
    )
    assert (mail.text, [file.filename for file in mail.attachments]) == ("hi", ["signature.asc"])


def test_a_file_in_the_text_is_taken_out_of_it() -> None:
    mail = read(b"From: mei@example.org\n\nabove\nbegin 644 note.txt\n%:&5L;&\\\n`\nend\nbelow")
    assert mail.text == "above\nbelow"
    assert [(file.filename, file.content) for file in mail.attachments] == [("note.txt", b"hello")]


def test_a_sentence_that_begins_with_begin_is_no_file() -> None:
    mail = read(b"From: mei@example.org\n\nbegin 644 days ago\nit was still cold here, then not.\nend\n")
    assert "still cold" in mail.text
    assert not mail.attachments


def test_a_text_with_a_file_name_is_a_file_and_the_body_only_when_nothing_else_is() -> None:
    named = (
        b"Content-Type: text/plain; name=log.txt\nContent-Disposition: inline; filename=log.txt\n\nthe log"
    )
    alone = read(parts(named))
    assert (alone.text, len(alone.attachments)) == ("the log", 1)
    beside = read(parts(b"\nhi", named))
    assert (beside.text, len(beside.attachments)) == ("hi", 1)


@pytest.mark.parametrize(
    ("file", "is_decoration"),
    [
        (Attachment("image001.png", "image/png", b"x" * 2_000, True, "logo@x"), True),
        (Attachment("image001.png", "image/png", b"x" * 12_000, True, "logo@x"), True),
        (Attachment("pixel.gif", "image/gif", b"x" * 43), True),
        (Attachment("fault.jpg", "image/jpeg", b"x" * 2_000_000, True, "photo@x"), False),
        (Attachment("fault.jpg", "image/jpeg", b"x" * 2_000, False), False),
        (Attachment("image001.jpg", "image/jpeg", b"x" * 90_000, True, "photo@x"), False),
        (Attachment("report.pdf", "application/pdf", b"x" * 100), False),
    ],
)
def test_a_logo_is_no_photo_of_the_fault(file: Attachment, is_decoration: bool) -> None:
    assert decoration(file) is is_decoration
