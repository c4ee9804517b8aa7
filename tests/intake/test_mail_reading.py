"""What stands in a mail comes out of it, in whatever charset, encoding and structure it was sent."""

import base64
import hashlib

import pytest

from intake.mail import Mail
from intake.message import read

SENTENCE = "设备故障：三楼空调不制冷，请尽快派工程师。"


def letter(head: str | bytes = "", body: str | bytes = "hi", kind: str = "text/plain") -> Mail:
    """A mail with these headers and this body."""
    head, body = (each.encode() if isinstance(each, str) else each for each in (head, body))
    return read(b"From: mei@example.org\n" + head + b"Content-Type: " + kind.encode() + b"\n\n" + body)


def parts(*pieces: str | bytes, kind: str = "mixed") -> Mail:
    """A multipart of these pieces, each with its own header."""
    raw = b"".join(b"--b\n" + (each.encode() if isinstance(each, str) else each) + b"\n" for each in pieces)
    return letter(body=raw + b"--b--\n", kind=f"multipart/{kind}; boundary=b")


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gbk"),
        ("GBK", "gb18030"),
        ("x-gbk", "gbk"),
        ("cp936", "gbk"),
        ("gb18030", "gb18030"),
        ("hz-gb-2312", "hz"),
        ("utf-8", "utf-8"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("utf-16", "utf-16"),
        ("unknown-8bit", "gbk"),
        ("us-ascii", "gbk"),
        ("iso-8859-1", "gbk"),
        ("windows-1252", "utf-8"),
        ("gb2312", "utf-8"),
        ("utf-8", "gbk"),
        ("klingon", "gbk"),
    ],
)
def test_a_chinese_mail_is_read_whatever_its_label_says(label: str, codec: str) -> None:
    coded = base64.b64encode(SENTENCE.encode(codec))
    mail = letter(
        b"Subject: =?" + label.encode() + b"?B?" + coded + b"?=\nContent-Transfer-Encoding: base64\n",
        coded,
        f"text/plain; charset={label}",
    )
    assert mail.text == SENTENCE
    assert mail.headers.subject == SENTENCE


@pytest.mark.parametrize(
    ("label", "raw", "text"),
    [
        ("big5", "設備故障囍".encode("big5hkscs"), "設備故障囍"),
        ("shift_jis", "①号機 ㈱髙橋".encode("cp932"), "①号機 ㈱髙橋"),
        ("iso-2022-jp", b"\x1b$B-!9f5!\x1b(B OK", "①号機 OK"),
        ("iso-2022-jp-ms", b"\x1b$B-j\x1b(B", "㈱"),
        ("iso-2022-jp", b"\x1b(I1\x1b(B", "ア".translate({0x30A2: "ｱ"})),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("euc-kr", "고장 신고".encode("euc_kr"), "고장 신고"),
        ("iso-8859-1", b"caf\xe9 \x96 \x8065", "café – €65"),
        ("koi8-r", "Кондиционер".encode("koi8_r"), "Кондиционер"),
        ("utf-8", b"gut \xff ende f\xc3\xbcr alle \xc3\xa4\xc3\xb6", "gut \ufffd ende für alle äö"),
    ],
)
def test_a_label_stands_for_everything_senders_put_under_it(label: str, raw: bytes, text: str) -> None:
    assert letter(body=raw, kind=f"text/plain; charset={label}").text == text


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_raw_bytes_in_headers_and_file_names_are_read(codec: str) -> None:
    name = "空调维修报告.pdf".encode(codec)
    mail = parts(
        b"Content-Type: text/plain\n\nhi",
        b'Content-Type: application/pdf; name="' + name + b'"\n\nx',
        kind="mixed",
    )
    assert mail.attachments[0].filename == "空调维修报告.pdf"
    assert letter(b"Subject: " + SENTENCE.encode(codec) + b"\n").headers.subject == SENTENCE


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=utf-8''%E7%A9%BA%E8%B0%83.pdf",
        "attachment; filename*0*=gb18030'zh'%BF%D5; filename*1*=%B5%F7; filename*2=.pdf",
        "attachment; filename*1*=%A9%BA%E8%B0%83.pdf;\n filename*0*=utf-8''%E7",
        'attachment; filename="=?gb2312?B?v9W19w==?=.pdf"',
        'attachment; filename*0="=?utf-8?B?56m6"; filename*1="6LCD?=.pdf"',
        "attachment; filename=空调.pdf; size=1",
        "ATTACHMENT;FILENAME = 空调.pdf",
        "attachment; filename=\"kongtiao.pdf\"; filename*=UTF-8''%E7%A9%BA%E8%B0%83.pdf",
    ],
)
def test_a_file_name_is_read_in_every_way_it_is_written(disposition: str) -> None:
    mail = parts(f"Content-Type: application/pdf\nContent-Disposition: {disposition}\n\nx")
    assert mail.attachments[0].filename == "空调.pdf"


def test_the_plain_text_is_the_text_and_the_html_is_kept_raw() -> None:
    mail = parts(
        "Content-Type: text/plain\n\nplain",
        "Content-Type: text/html\n\n<p>rich<script>x</script>",
        kind="alternative",
    )
    assert mail.text == "plain"
    assert mail.html == "<p>rich<script>x</script>"


def test_html_alone_becomes_text_with_its_lists_tables_links_and_quotations() -> None:
    body = (
        "<html><head><title>no</title><style>p{}</style></head><body>"
        "<p>三楼 &amp; 四楼<br>坏了</p><script>alert(1)</script>"
        "<ul><li>one<li>two</ul><ol><li>first</li><li>second</li></ol>"
        "<table><tr><td>Unit</td><td>AC-7</td></tr><tr><td>Floor</td><td>3</td></tr></table>"
        "<a href='https://example.org/manual'>the manual</a> <a href='https://example.org'>example.org</a>"
        "<blockquote>older<br>words</blockquote><pre>a  b\n c</pre><!-- hidden --></body>"
    )
    assert letter(body=body, kind="text/html; charset=utf-8").text == (
        "三楼 & 四楼\n坏了\n\n- one\n- two\n\n1. first\n2. second\n\nUnit\tAC-7\nFloor\t3\n\n"
        "the manual (https://example.org/manual) example.org\n\n> older\n> words\n\na  b\n c"
    )


def test_html_names_its_charset_itself_when_the_header_does_not() -> None:
    body = b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>' + SENTENCE.encode("gbk")
    assert letter(body=body, kind="text/html").text == SENTENCE


def test_flowed_lines_are_joined_and_quotes_and_signatures_stay_apart() -> None:
    body = "the unit \non the roof\n> quoted \n> on\n-- \nMei\n  stuffed\n"
    assert (
        letter(body=body, kind="text/plain; format=flowed").text
        == "the unit on the roof\n> quoted on\n-- \nMei\n stuffed"
    )
    assert letter(body="空 \n调\n", kind="text/plain; format=flowed; delsp=yes").text == "空调"


def test_text_between_pictures_is_one_text() -> None:
    picture = "Content-Type: image/jpeg; name=a.jpg\nContent-Disposition: inline\n\nx"
    mail = parts("Content-Type: text/plain\n\nabove", picture, "Content-Type: text/plain\n\nbelow")
    assert mail.text == "above\n\nbelow"
    assert [(file.filename, file.inline) for file in mail.attachments] == [("a.jpg", True)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_every_line_end_is_understood(end: bytes) -> None:
    lines = b"""From: mei@example.org
Subject: long
\tsubject
Content-Type: multipart/mixed; boundary=b

--b

hi
--b
Content-Type: image/png
Content-Transfer-Encoding: base64

eA==
--b--""".split(b"\n")
    mail = read(end.join(lines))
    assert mail.headers.subject == "long subject"
    assert mail.text == "hi"
    assert mail.attachments[0].content == b"x"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/mixed; boundary=b", "--b\n\nhi\n"),
        ("multipart/mixed; boundary=wrong", "--b\nContent-Type: text/plain\n\nhi\n--b--\n"),
        ("multipart/mixed", "--b\nContent-Type: text/plain\n\nhi\n--b--\n"),
        ("multipart/mixed; boundary=b", "hi"),
        ('multipart/mixed; boundary="b', "--b\n\nhi\n--b--"),
        ("multipart/mixed; boundary=b", "--b\nContent-Type: text/plain\n--b\n\nhi\n--b--"),
        (
            "multipart/mixed; boundary=b",
            "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nhi\n--b--\n",
        ),
    ],
)
def test_a_damaged_multipart_still_says_what_it_says(kind: str, body: str) -> None:
    assert letter(body=body, kind=kind).text == "hi"


def test_a_content_that_was_never_encoded_is_read_in_spite_of_its_label() -> None:
    body = "Hello, the unit on the third floor is broken.\nPlease come, Mei!\n"
    assert letter("Content-Transfer-Encoding: base64\n", body).text == body.strip()
    assert letter("Content-Transfer-Encoding: klingon\n", body).text == body.strip()
    assert letter("Content-Transfer-Encoding: base64\n", "aGVsbG8=\nd29ybGQ=\n").text == "helloworld"
    assert letter("Content-Transfer-Encoding: quoted-printable\n", "a=\nb=3D=  \nc=ZZ").text == "ab=c=ZZ"


def test_the_hash_of_a_file_is_of_its_decoded_bytes() -> None:
    content = bytes(range(256))
    coded = base64.encodebytes(content).decode()
    file = parts(f"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n{coded}").attachments[0]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.filename, file.size) == ("attachment.png", 256)
