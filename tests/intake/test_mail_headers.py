"""The header of a mail is read as senders write it: addresses, encoded words, file names, dates, message ids."""

import base64

import pytest

from intake.addresses import addresses
from intake.headers import date
from intake.message import read
from intake.words import decode_words

SENTENCE = "设备故障：三楼空调不制冷，请尽快派工程师。"


def test_words_cut_in_the_middle_of_a_character_are_joined_first() -> None:
    raw = SENTENCE.encode()
    cut = [base64.b64encode(raw[at : at + 10]).decode() for at in range(0, len(raw), 10)]
    assert decode_words(" ".join(f"=?utf-8?B?{each}?=" for each in cut)) == SENTENCE


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?caf=C3=A9?= au lait", "café au lait"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b"),
        ("=?iso-8859-1*de?Q?M=FCller?=", "Müller"),
        ("=?utf-8?Q?what's up? now?=", "what's up? now"),
        ("=?utf-8?B?w6TDtg", "äö"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?=?=", "=?=?="),
        ("Re:=?gb2312?B?v9W19w==?=[1]", "Re:空调[1]"),
    ],
)
def test_encoded_words_are_read_also_where_they_are_broken(raw: str, text: str) -> None:
    assert decode_words(raw) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mei <mei@example.org>", [("Mei", "mei@example.org")]),
        (
            '"Mei, Li" <mei@example.org>, bo@example.org',
            [("Mei, Li", "mei@example.org"), ("", "bo@example.org")],
        ),
        ("Li, Mei <mei@example.org>", [("Li, Mei", "mei@example.org")]),
        ("mei@example.org (Mei (the \\) customer))", [("Mei (the ) customer)", "mei@example.org")]),
        ("undisclosed-recipients:;", []),
        (
            "crew: a@example.org, Bo <b@example.org>;, c@example.org",
            [("", "a@example.org"), ("Bo", "b@example.org"), ("", "c@example.org")],
        ),
        ("=?utf-8?b?5qKF?= <mei@example.org>", [("梅", "mei@example.org")]),
        ('"=?utf-8?b?5qKF?=" <mei@example.org>', [("梅", "mei@example.org")]),
        ("=?utf-8?q?Mei_=3Cmei=40example=2Eorg=3E?=", [("Mei", "mei@example.org")]),
        ("<<mei@example.org>>", [("", "mei@example.org")]),
        ("mei@example.org <mei@example.org>", [("mei@example.org", "mei@example.org")]),
        ("Mei <mei@example.org", [("Mei", "mei@example.org")]),
        ("mailto:mei@example.org", [("", "mei@example.org")]),
        ("Mei mei@example.org", [("Mei", "mei@example.org")]),
        ("<@relay.example.org:mei@example.org>", [("", "mei@example.org")]),
        ("a@example.org; b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("'mei@example.org'", [("", "mei@example.org")]),
        ("Mei <mei@[192.0.2.1]>", [("Mei", "mei@[192.0.2.1]")]),
        ('"mei li"@example.org', [("", '"mei li"@example.org')]),
        ('"ana@example.org" @example.net', [("", '"ana@example.org"@example.net')]),
        ('"ana@example.org" mei@example.net', [("ana@example.org", "mei@example.net")]),
        ('"ana@example.org" <mei@example.net>', [("ana@example.org", "mei@example.net")]),
        ('"mei@example.org"', [("", "mei@example.org")]),
    ],
)
def test_addresses_are_read_as_people_write_them(raw: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.name, each.addr) for each in addresses(raw)] == expected


def test_a_header_that_lost_its_indentation_is_put_together_again() -> None:
    mail = read(b"From: mei@example.org\nX-Long: aaaa\nbbbb\ncccc\nSubject: still there\n\nhi")
    assert mail.headers.subject == "still there"
    assert mail.text == "hi"


def test_a_line_that_is_no_header_begins_the_body() -> None:
    mail = read(b"From: mei@example.org\nSubject: x\nthe text\n\nand more: of it\n")
    assert (mail.headers.subject, mail.text) == ("x", "the text\n\nand more: of it")


def test_mailbox_lines_and_empty_lines_before_a_mail_are_passed_over() -> None:
    assert read(b"From mei Mon Mar  2 08:00:00 2026\nSubject: x\n\nhi").headers.subject == "x"
    assert read(b"   \r\n\r\nSubject: x\n\nhi").headers.subject == "x"


def test_a_sender_is_found_where_from_says_nothing() -> None:
    assert read(b"From: \nSender: ana@example.org\n\nhi").headers.from_addr == "ana@example.org"
    assert read(b"Return-Path: <bo@example.org>\n\nhi").headers.from_addr == "bo@example.org"
    twice = read(b"From: [??]\nFrom: Mei <mei@example.org>\n\nhi").headers
    assert (twice.from_addr, twice.from_name) == ("mei@example.org", "Mei")


def test_message_ids_come_without_their_brackets_and_in_order() -> None:
    head = read(
        b"Message-ID: <1@x>\nReferences: <a@x>\n <b@x>(c) <d@x>\nIn-Reply-To: Your mail <b@x>\n\nhi"
    ).headers
    assert (head.message_id, head.in_reply_to, head.references) == ("1@x", "b@x", ("a@x", "b@x", "d@x"))


def test_dates_are_moments_or_nothing() -> None:
    moment = date("Mon, 2 Mar 2026 08:00:00 +0800 (CST)")
    assert moment is not None
    assert moment.isoformat() == "2026-03-02T00:00:00+00:00"
    assert date("yesterday") is None
    assert date("Mon, 99 Mar 99999 08:00:00 +9999") is None
