"""Outgoing mail as bytes: exactly our headers whatever people call themselves, and every mail client reads it well."""

import email
import email.policy
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.addressing import BadAddress, addressable
from intake.compose import Automatic, Enclosure, Letter, compose
from intake.heading import clean, encoded
from intake.verify import Forged, verify

PLAIN = Letter(
    message_id="7.abcdefghabcdefgh@lift.example",
    date=datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
    sender="service@lift.example",
    sender_name="Harbour Lifts",
    to="mei@customer.example",
    reply_to="service+t1.1.abc@lift.example",
    subject="[T-123456] Your report",
    text="Hello\n",
    html="<p>Hello</p>\n",
    automatic=Automatic.REPLIED,
    references=("1.a@lift.example", "first@customer.example"),
)
HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Callout",
    "MIME-Version",
    "Content-Type",
]
EVIL = "=?utf-8?q?Help=0D=0ABcc=3A_evil=40evil=2Eexample?="


def read(letter: Letter) -> EmailMessage:
    found = email.message_from_bytes(compose(letter), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def names(raw: bytes) -> list[str]:
    """The header fields as a strict reader sees them."""
    return list(email.message_from_bytes(raw, policy=email.policy.compat32).keys())


# --- header injection ----------------------------------------------------------------------------------------------


def test_pythons_own_package_writes_a_hidden_recipient_into_a_copied_header() -> None:
    inbound = f"Subject: {EVIL} {'x' * 60}\r\nFrom: a@b.example\r\n\r\nhi\r\n".encode()
    copied = email.message_from_bytes(inbound, policy=email.policy.default)
    out = EmailMessage()
    try:
        out["Subject"] = copied["Subject"]
        raw = out.as_bytes()
    except (ValueError, email.errors.MessageError):
        raw = b""
    injected = "Bcc" in names(raw)
    if sys.version_info[:3] <= (3, 11, 7):
        assert injected, "this is why we write headers ourselves"


@pytest.mark.parametrize(
    "evil",
    [
        EVIL,
        "Mei\r\nBcc: evil@evil.example",
        "Mei\nBcc: evil@evil.example",
        "Mei\rBcc: evil@evil.example",
        "Mei\u2028Bcc: evil@evil.example",
        "Mei\x0b\x0cBcc: evil@evil.example\r\n\r\nbody",
        '" <evil@evil.example>, "',
        "Mei\udcff\ud800",
        "梅" * 300,
        "",
        " ",
    ],
)
def test_no_name_and_no_subject_becomes_a_header_of_its_own(evil: str) -> None:
    letter = replace(
        PLAIN, sender_name=evil, subject=evil, files=(Enclosure(evil, f"image/png{evil}", b"x"),)
    )
    raw = compose(letter)
    assert names(raw) == HEADERS
    found = read(letter)
    assert [address.addr_spec for address in found["From"].addresses] == ["service@lift.example"]
    assert b"\nBcc" not in raw and b"\nbcc" not in raw.lower()


@settings(max_examples=300, deadline=None)
@given(
    name=st.text(max_size=120),
    subject=st.text(max_size=300),
    file=st.text(max_size=200),
    kind=st.text(max_size=60),
    reference=st.text(max_size=120),
)
def test_whatever_five_fields_hold_the_mail_has_exactly_our_headers(
    name: str, subject: str, file: str, kind: str, reference: str
) -> None:
    letter = replace(
        PLAIN,
        sender_name=name,
        subject=f"[T-1] {subject}",
        files=(Enclosure(file, kind, b"content"),),
        references=(*PLAIN.references, reference, "last@lift.example"),
    )
    raw = compose(letter)
    assert names(raw) == HEADERS
    found = read(letter)
    assert next(part.get_content_type() for part in found.iter_parts()) == "multipart/alternative"
    assert len(list(found.iter_attachments())) == 1
    assert [address.addr_spec for address in found["From"].addresses] == ["service@lift.example"]
    shown = str(make_header(decode_header(email.message_from_bytes(raw)["Subject"].replace("\r\n", ""))))
    assert " ".join(shown.split()) == clean(f"[T-1] {subject}")


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400), html=st.text(max_size=400))
def test_whatever_a_letter_says_its_text_arrives(text: str, html: str) -> None:
    raw = compose(replace(PLAIN, text=text, html=html))
    assert names(raw) == HEADERS
    plain, page = email.message_from_bytes(raw).get_payload()
    for part, said in ((plain, text), (page, html)):
        sent = said.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        arrived = part.get_payload(decode=True).decode().replace("\r\n", "\n")
        assert arrived.rstrip("\n") == sent.encode("utf-8", "replace").decode().rstrip("\n")


# --- the last look -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"From: a\r\nBcc: b\r\n\r\nhi", "fields"),
        (b"From: a\r\n\r\nhi\nthere", "line end"),
        (b"From: a\r\n\r\nhi\rthere", "line end"),
        (b"From: a\r\nFrom: b\r\n\r\n", "fields"),
        (b"From: a\r\nnot a field\r\n\r\n", "no field"),
        (b"From: \xe6\xa2\x85\r\n\r\n", "ASCII"),
        (b"From: a\r\n \r\n\r\n", "empty line"),
        (b"From: a", "no end"),
        (b"From: " + b"a" * 1000 + b"\r\n\r\n", "too long"),
        (b"\r\n\r\nFrom: a", "no field"),
    ],
)
def test_bytes_that_are_not_what_was_meant_stay_here(raw: bytes, why: str) -> None:
    with pytest.raises(Forged, match=why):
        verify(raw, ["From"])


def test_a_part_with_fields_of_its_own_making_stays_here() -> None:
    raw = compose(replace(PLAIN, files=(Enclosure("a.png", "image/png", b"x"),)))
    smuggled = raw.replace(b'Content-Disposition: attachment; filename="a.png"', b"Subject: other")
    assert smuggled != raw
    verify(raw, HEADERS)
    with pytest.raises(Forged, match="MIME"):
        verify(smuggled, HEADERS)


# --- what mail clients read ----------------------------------------------------------------------------------------


def test_a_mail_is_read_as_it_was_meant() -> None:
    letter = replace(
        PLAIN,
        sender_name="港湾电梯",
        subject="[T-123456] 您的报修：电梯停在两层之间，门只开了一条缝，请尽快派人来看看，谢谢",
        text="第一行\n\n.\nFrom here\n",
        html="<p>第一行</p>",
        files=(
            Enclosure(
                "故障照片 2026年1月5日 电梯门只开一条缝 从走廊拍摄 第二张 放大.jpeg",
                "image/jpeg",
                b"\xff\xd8jpeg",
            ),
            Enclosure("../../etc/passwd", "text/html", b"<script>"),
        ),
    )
    found = read(letter)
    assert found["From"].addresses[0].display_name == "港湾电梯"
    assert found["Subject"] == letter.subject
    assert found["Date"].datetime == PLAIN.date
    assert found["Message-ID"] == f"<{PLAIN.message_id}>"
    assert found["In-Reply-To"] == "<first@customer.example>"
    assert found["References"].split() == ["<1.a@lift.example>", "<first@customer.example>"]
    body = found.get_body(("plain",))
    assert body is not None and body.get_content().replace("\r\n", "\n") == letter.text
    photo, other = found.iter_attachments()
    assert photo.get_filename() == letter.files[0].name and photo.get_content() == b"\xff\xd8jpeg"
    assert other.get_filename() == "_.._etc_passwd"
    assert other.get_content_type() == "application/octet-stream", "a page of a stranger is only ever kept"


def test_the_same_letter_is_the_same_bytes_each_time() -> None:
    assert compose(PLAIN) == compose(replace(PLAIN))


def test_an_acknowledgement_says_that_a_machine_sent_it_and_a_relay_does_not() -> None:
    receipt, relay = read(PLAIN), read(replace(PLAIN, automatic=None))
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert "OOF" in receipt["X-Auto-Response-Suppress"]
    assert "NDR" not in receipt["X-Auto-Response-Suppress"].split(", "), "bounces must come back"
    assert relay["Auto-Submitted"] is None and relay["X-Auto-Response-Suppress"] is None


def test_a_long_thread_keeps_its_first_and_latest_ids() -> None:
    ids = tuple(f"{number}.x@lift.example" for number in range(60))
    kept = read(replace(PLAIN, references=ids))["References"].split()
    assert len(kept) == 20 and kept[0] == "<0.x@lift.example>" and kept[-1] == "<59.x@lift.example>"


def test_lines_stay_short_enough_for_any_server() -> None:
    raw = compose(replace(PLAIN, text="x" * 5000, html="y" * 5000, subject="z" * 500))
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_no_character_is_torn_between_two_encoded_words() -> None:
    words = encoded("电梯🛗停在两层之间" * 20)
    assert all(len(word) <= 75 for word in words)
    assert "".join(str(make_header(decode_header(word))) for word in words) == "电梯🛗停在两层之间" * 20


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_address", "sent"),
    [
        ("mei@customer.example", "mei@customer.example"),
        ("  Mei.Lin+lift@Customer.Example ", "Mei.Lin+lift@customer.example"),
        ("mei@bücher.example", "mei@xn--bcher-kva.example"),
        ("梅@customer.example", None),
        ("a@b.c BODY=8BITMIME", None),
        ("a@b.c>\r\nRCPT TO:<x@y.z", None),
        ("a b@c.example", None),
        ("<a@b.c>", None),
        ("a@b.c,d@e.f", None),
        ("a@b@c.example", None),
        ("@b.example", None),
        ("a@", None),
        ("", None),
        (".a@b.example", None),
        ("a..b@c.example", None),
        ("a@-b.example", None),
        (f"{'a' * 65}@b.example", None),
        (f"a@{'b' * 64}.example", None),
    ],
)
def test_an_address_is_sent_to_as_it_is_or_not_at_all(given_address: str, sent: str | None) -> None:
    if sent:
        assert addressable(given_address) == sent
        return
    with pytest.raises(BadAddress):
        addressable(given_address)
