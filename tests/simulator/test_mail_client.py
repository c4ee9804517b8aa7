"""People who write mails, as their mail clients write them, and read what comes."""

import email
import json
import re

import pytest
from mail_cast import ACCOUNTS, MEI, OFFICE

from simulator.mail import Attachment, Draft, MailClient, MailSimulator, compose
from simulator.mail.client import QUOTES, quote, read

PHOTO = b"\xff\xd8\xff\xe0 not really a photo" * 20
TEXT = "电梯停在3楼，门打不开。\n请尽快派人，联系人：朱镕基"


@pytest.fixture
async def world():
    async with MailSimulator(ACCOUNTS, tls=False, clock=lambda: 1_750_000_000.0) as simulator:
        yield simulator


@pytest.fixture
def mei(world):
    return MailClient(world, MEI, "梅", language="zh", to=OFFICE)


@pytest.fixture
def office(world):
    return MailClient(world, OFFICE, "Callout")


def payloads(raw):
    return {part.get_content_type(): part for part in email.message_from_bytes(raw).walk()}


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize(
    ("charset", "codec"), [("utf-8", "utf-8"), ("gb2312", "gbk"), ("GBK", "gbk"), ("big5", "big5hkscs")]
)
async def test_a_report_in_chinese_is_written_in_the_charset_that_was_asked_for(
    world, encoding, charset, codec
):
    text = "電梯停在3樓" if charset == "big5" else TEXT
    mei = MailClient(world, MEI, "梅", charset=charset, encoding=encoding, to=OFFICE)
    name = await mei.write(
        "电梯坏了" if charset != "big5" else "電梯", text, [("照片.jpg", PHOTO, "image/jpeg")]
    )
    (raw,) = await world.mails(OFFICE)
    parts = payloads(raw)
    plain, photo = parts["text/plain"], parts["image/jpeg"]
    assert plain.get_param("charset") == charset and plain["Content-Transfer-Encoding"] == encoding
    assert plain.get_payload(decode=True).decode(codec) == text.replace("\n", "\r\n") + "\r\n"
    assert photo.get_payload(decode=True) == PHOTO
    assert name.encode() in raw and max(map(len, raw.split(b"\r\n"))) <= 200
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii() and f"=?{charset.upper()}?B?".encode() in head


async def test_gbk_letters_under_the_label_gb2312_are_no_gb2312(world):
    mei = MailClient(world, MEI, charset="gb2312", to=OFFICE)
    await mei.write("朱镕基", "镕")
    plain = payloads((await world.mails(OFFICE))[0])["text/plain"]
    with pytest.raises(UnicodeDecodeError):
        plain.get_payload(decode=True).decode("gb2312")


async def test_what_is_written_is_read_the_same(mei, office):
    files = [("a b.txt", b"x"), ("现场 照片.jpg", PHOTO, "image/jpeg")]
    name = await mei.write("电梯 stuck: " + "很" * 60, TEXT, files, html="<p>电梯</p>")
    (letter,) = await office.inbox()
    assert letter["id"] == 1 and letter["message_id"] == name
    assert letter["from"] == "梅 <mei@example.org>" and letter["address"] == MEI
    assert letter["subject"] == "电梯 stuck: " + "很" * 60
    assert letter["text"] == TEXT + "\n" and letter["html"] == "<p>电梯</p>\n"
    assert letter["date"] == "2025-06-15T15:06:40+00:00"
    assert [(file["filename"], file["content"]) for file in letter["attachments"]] == [
        ("a b.txt", b"x"),
        ("现场 照片.jpg", PHOTO),
    ]
    assert letter["headers"]["Delivered-To"] == OFFICE


async def test_an_answer_stays_in_the_thread_and_quotes_as_chinese_clients_do(world, mei, office):
    first = await mei.write("电梯坏了", TEXT)
    second = await office.reply((await office.inbox())[0], "Which floor?\nThanks")
    (question,) = await mei.inbox()
    assert question["in_reply_to"] == first and question["references"] == [first]
    third = await mei.reply(question, "3楼")
    answer = (await office.inbox())[-1]
    assert answer["subject"] == "Re: 电梯坏了" and answer["to"] == OFFICE
    assert answer["references"] == [first, second] and answer["message_id"] == third
    assert answer["text"].startswith(
        "3楼\n\n在 2025年6月15日 周日 15:06，Callout <office@callout.example> 写道：\n"
    )
    assert "\n> Which floor?\n> Thanks\n" in answer["text"]


async def test_an_answer_goes_where_the_mail_wants_it_to_go(world, mei):
    mark = "office+t12.abc@callout.example"
    await world.deliver(
        f"From: Callout <{OFFICE}>\r\nReply-To: {mark}\r\nMessage-ID: <1@x>\r\nSubject: T-12\r\n\r\nDone?\r\n".encode(),
        MEI,
    )
    await mei.reply((await mei.inbox())[0], "确认")
    assert world.submissions[-1].rcpt_to == (mark,)
    assert read((await world.mails(OFFICE))[0])["subject"] == "回复: T-12"


@pytest.mark.parametrize("style", QUOTES)
async def test_each_style_of_quotation_names_the_sender_and_holds_the_text(world, mei, office, style):
    await office.write("Visit", "We come tomorrow.", to=MEI)
    (letter,) = await mei.inbox()
    quoted = quote(letter, style)
    if style == "none":
        assert quoted == ""
    else:
        assert OFFICE in quoted and "We come tomorrow." in quoted and "{" not in quoted
    await mei.reply(letter, "好的", style=style, below=True)
    text = (await office.inbox())[-1]["text"]
    assert text.endswith("好的\n") and (style == "none" or text.index("We come") < text.index("好的"))


async def test_the_same_seed_makes_the_same_message_ids():
    async def names(seed):
        async with MailSimulator(ACCOUNTS, tls=False, seed=seed) as world:
            mei = MailClient(world, MEI, to=OFFICE)
            return [await mei.write("x", "y") for _ in range(3)]

    assert await names(3) == await names(3) != await names(4)


async def test_a_letter_without_files_is_plain_json(mei, office):
    await mei.write("x", "y")
    assert json.loads(json.dumps(await office.inbox()))[0]["subject"] == "x"


def test_a_picture_in_the_html_is_inline_and_a_file_is_not(world):
    raw = compose(
        Draft(
            ("", MEI), (("Office", OFFICE),), "Logo", "plain", "<1.a@example.org>", world.now(), "<img src='cid:logo'>",
            (Attachment("logo.png", b"png", "image/png", "logo"), Attachment("f.bin", b"f")),
        )
    )  # fmt: skip
    message = email.message_from_bytes(raw)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/octet-stream",
    ]  # fmt: skip
    assert message["To"] == '"Office" <office@callout.example>'
    image = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<logo>" and image.get_content_disposition() == "inline"


def test_encoded_words_are_short_and_cut_no_character(world):
    subject = "电梯" * 50
    raw = compose(Draft(("", MEI), (("", OFFICE),), subject, "", "<1@x>", world.now(), charset="gb2312"))
    words = re.findall(rb"=\?GB2312\?B\?[^?]+\?=", raw)
    assert len(words) > 5 and all(len(word) <= 75 for word in words)
    assert all(email.header.decode_header(word.decode())[0][0].decode("gbk") for word in words)


def test_an_unknown_encoding_is_refused(world):
    with pytest.raises(ValueError, match="unknown encoding"):
        compose(Draft(("", MEI), (), "x", "y", "<1@x>", world.now(), encoding="rot13"))
