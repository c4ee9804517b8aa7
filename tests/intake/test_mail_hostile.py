"""Mails written to break readers: each is read within a second, or ends as a note about a limit; never an exception."""

import time
from collections.abc import Callable

import pytest

from intake.mail import Mail
from intake.message import read
from intake.sorting import sort

SECOND = 1.0


def timed(raw: bytes) -> Mail:
    begin = time.process_time()
    mail = read(raw)
    sort(mail)
    took = time.process_time() - begin
    assert took < SECOND, f"took {took:.2f} s"
    return mail


TINY = {
    "From is a quote": b'From: "\n\nhi',
    "From is a bracket": b"From: <\n\nhi",
    "From is half an address literal": b"From: a@[\n\nhi",
    "Message-ID is a bracket": b"From: a@example.org\nMessage-ID: <\n\nhi",
    "Message-ID has two brackets": b"From: a@example.org\nMessage-ID: <<a@b>>\n\nhi",
    "the charset is unknown": b"From: a@example.org\nContent-Type: text/plain; charset=klingon\n\nhi",
    "the charset is a NUL": b"From: a@example.org\nContent-Type: text/plain; charset=\x00\n\nhi",
    "the charset is a codec of bytes": b"From: a@example.org\nContent-Type: text/plain; charset=zlib\n\nhi",
    "a multipart without a boundary": b"From: a@example.org\nContent-Type: multipart/mixed\n\nhi",
    "To is 1000 brackets": b"From: a@example.org\nTo: " + b"(" * 1000 + b"\n\nhi",
}


@pytest.mark.parametrize("name", TINY)
def test_a_tiny_hostile_mail_still_says_what_it_says(name: str) -> None:
    mail = timed(TINY[name])
    assert mail.text.strip() == "hi"


def _many_addresses() -> bytes:
    return (
        b"From: a@example.org\nTo: " + b", ".join(b"a%d@example.org" % n for n in range(32_000)) + b"\n\nhi"
    )


def _many_words() -> bytes:
    return b"From: a@example.org\nSubject: " + b"\n ".join([b"=?utf-8?q?=C3=A4?="] * 16_000) + b"\n\nhi"


def _changing_words() -> bytes:
    words = [b"=?utf-8?q?=C3=A4?=", b"=?gbk?b?xOM=?=", b"=?utf-8?b?w6"] * 5_000
    return b"From: a@example.org\nSubject: " + b"\n ".join(words) + b"\n\nhi"


def _many_params() -> bytes:
    params = b"".join(b"; p%d*%d*=%%41" % (n % 7, n) for n in range(16_000))
    return b"From: a@example.org\nContent-Type: text/plain" + params + b"\n\nhi"


def _empty_parts() -> bytes:
    return (
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\n\n" * 100_000
        + b"--b--\n"
    )


def _nested(levels: int) -> bytes:
    heads = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)
    )
    return b"From: a@example.org\n" + heads + b"Content-Type: text/plain\n\nhi\n"


def _nested_mails() -> bytes:
    return b"From: a@example.org\n" + b"Content-Type: message/rfc822\n\n" * 3_000 + b"Subject: x\n\nhi"


def _missing_boundaries() -> bytes:
    part = b"--b\nContent-Type: multipart/mixed; boundary=missing\n\nx\n"
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 50_000


def _html(*pieces: bytes) -> bytes:
    return b"From: a@example.org\nContent-Type: text/html\n\n" + b"".join(pieces)


CPU: dict[str, Callable[[], bytes]] = {
    "32,000 addresses": _many_addresses,
    "16,000 encoded words": _many_words,
    "15,000 words of changing charsets, some open": _changing_words,
    "16,000 parameters": _many_params,
    "100,000 empty parts": _empty_parts,
    "500 nested parts": lambda: _nested(500),
    "3000 nested parts": lambda: _nested(3_000),
    "3000 nested mails": _nested_mails,
    "50,000 multiparts without their boundary": _missing_boundaries,
    "100,000 header lines": lambda: b"X: y\n" * 100_000 + b"\nhi",
    "100,000 broken header lines": lambda: b"From: a@example.org\n" + b"no colon here\n" * 100_000 + b"Subject: x\n\nhi",
    "one header of 5 MB": lambda: b"From: a@example.org\nSubject: " + b"x" * 5_000_000 + b"\n\nhi",
    "5 MB of returns": lambda: b"From: a@example.org\n" + b"\r" * 5_000_000 + b"\nhi",
    "5 MB of delimiters that are none": lambda: (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n" + b"\n--" * 1_600_000
    ),
    "brackets of comments": lambda: b"From: " + b"(a" * 40_000 + b"\nTo: " + b"<" * 40_000 + b"\n\nhi",
    "quotes and backslashes": lambda: b"From: " + b'"\\' * 40_000 + b"\nCc: " + b"\\" * 40_000 + b"\n\nhi",
    "1 MB of opening tags": lambda: _html(b"<a " * 330_000),
    "1 MB of opening tags and one end": lambda: _html(b"<a " * 330_000, b">"),
    "1 MB of opening comments": lambda: _html(b"<!--" * 250_000),
    "1 MB of opening scripts": lambda: _html(b"<script>" * 125_000),
    "1 MB of quotes in tags": lambda: _html(b'<a ">' * 200_000),
    "100,000 quotations in quotations": lambda: _html(b"<blockquote>x" * 76_000),
    "100,000 lists in lists": lambda: _html(b"<ul><li>x" * 110_000),
    "1 MB of entities": lambda: _html(b"&#x41;&" * 140_000),
    "50,000 files in the text": lambda: b"From: a@example.org\n\n" + b"begin 644 a\n#86)C\n`\nend\n" * 50_000,
    "100,000 beginnings of files": lambda: b"From: a@example.org\n\n" + b"begin 644 a\n" * 100_000,
    "1 MB of flowed lines": lambda: (
        b"Content-Type: text/plain; format=flowed; delsp=yes\n\n" + b"x \n" * 330_000
    ),
    "5 MB of equals signs as base64": lambda: (
        b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + b"=" * 5_000_000
    ),
    "1 MB of escapes": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B!!\x1b(B" * 120_000,
    "1 MB of every byte without a charset": lambda: b"From: a@example.org\n\n" + bytes(range(256)) * 4_000,
    "a winmail.dat with false counts": lambda: (
        b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x01\x00"
        b"\x01\x03\x90\x06\x00\x20\x00\x00\x00\xff\xff\xff\xff" + b"\x1e\x10\x01\x30\xff\xff\xff\xff" * 4
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CPU)
def test_a_mail_that_is_nothing_but_work_takes_less_than_a_second(name: str) -> None:
    timed(CPU[name]())


def test_what_is_cut_is_said_in_the_notes() -> None:
    assert "more than 200 parts" in timed(_empty_parts()).notes
    assert "nested deeper than 20" in timed(_nested(3_000)).notes
    assert "headers over 100 kB cut" in timed(_many_addresses()).notes
    long = timed(b"From: a@example.org\n\n" + b"word " * 100_000)
    assert "text over 200 kB cut" in long.notes
    assert len(long.text) <= 200_000


def test_an_encoded_line_end_never_becomes_one() -> None:
    raw = b"From: =?utf-8?q?A=0D=0ABcc=3A_evil=40example=2Eorg?= <a@example.org>\n"
    raw += b"Subject: =?utf-8?q?Help=0D=0ABcc=3A_x?=\n\n"
    headers = timed(raw).headers
    assert headers.subject == "Help Bcc: x"
    assert not any(char in value for _, value in headers.all for char in "\r\n\0")
    assert "\n" not in headers.from_name and headers.from_addr == "a@example.org"


def test_every_text_can_be_stored_as_utf_8() -> None:
    lone = read(b"Subject: =?utf-7?q?+2AA-?=\nContent-Type: text/html; charset=utf-7\n\n+2AA- &#xD800; \xff")
    assert "\ud800" not in lone.text
    for text in (lone.headers.subject, lone.text, lone.html):
        text.encode("utf-8")


def test_no_bytes_at_all_are_a_mail_with_nothing_in_it() -> None:
    for raw in (b"", b"\n", b"\r\n\r\n", b"\x00", b"--", b":", b"\xff" * 10):
        assert timed(raw).headers.from_addr == ""
