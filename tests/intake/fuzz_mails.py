"""Mails nobody would write: a generator that knows the grammar and breaks it, a mutator, and what must hold of each.

python tests/intake/fuzz_mails.py --count 100000 --seed 1 --corpus ../shared/mail-corpus
"""

import argparse
import base64
import json
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

from intake.mail import Mail
from intake.message import read
from intake.sorting import sort
from intake.wire import pack, unpack

SLOW = 1.0  # seconds of CPU for one mail
CHARSETS = (
    'utf-8', 'gb2312', 'gbk', 'gb18030', 'big5', 'shift_jis', 'iso-2022-jp', 'euc-kr', 'ks_c_5601-1987',
    'utf-7', 'utf-16', 'utf-32', 'hz', 'us-ascii', 'koi8-r', 'iso-8859-1', 'windows-1252', 'unknown-8bit',
    'x-unknown', 'zlib', 'idna', 'punycode', 'unicode_escape', '\x00', "'", '"', 'klingon',
)  # fmt: skip
KINDS = (
    'text/plain', 'text/html', 'text/enriched', 'text/calendar', 'image/png', 'application/pdf',
    'application/ms-tnef', 'message/rfc822', 'message/delivery-status', 'text/rfc822-headers',
    'multipart/mixed', 'multipart/alternative', 'multipart/related', 'multipart/report', 'multipart/signed',
    'multipart/digest', 'application/pkcs7-mime', 'text', 'multipart', '/', ';',
)  # fmt: skip
ENCODINGS = (
    "7bit",
    "8bit",
    "binary",
    "base64",
    "quoted-printable",
    "x-uuencode",
    "BASE64",
    "7-bit",
    "nonsense",
)
WORDS = (
    b"Guten Tag", "空调不制冷".encode(), "空调不制冷".encode("gbk"), "エアコン①".encode("iso2022_jp_3"), b"\x00",
    b"\xff\xfe", b"\x1b$B!!", b"begin 644 a.txt\n#86)C\n`\nend\n", b"> quoted\n> more\n", b"-- \nsignature\n",
    b"a=3D=\nb=C3=A4", b"<p>x<br>", b"<!-- ", b"<script>", b"<a href='http://x.example'>y</a>", b"<blockquote>",
    b"&#xD800;&amp;&#99999999;",
    b"+2AA-", b"\r", b"\n\n",
    b"On Monday, Ana <ana@example.org> wrote:\n", "\u202egpj.exe".encode(), b"x" * 300, b" " * 80, b"=?utf-8?q?=C3=A4?=",
)  # fmt: skip
FIELDS = (
    b"From Sender Reply-To To Cc Subject Date Message-ID In-Reply-To References Auto-Submitted Precedence "
    b"X-Failed-Recipients Return-Path Content-Type Content-Disposition Content-ID Authentication-Results Received "
    b"List-Id X-Callout-Ticket"
).split()
SPECIALS = b"<>\"'(),;:@[]\\=?*%\r\n\t \x00\x7f\x80\xff-"
SEEDS = (
    b"From: Mei <mei@example.org>\r\nTo: help@example.org\r\nSubject: =?gb2312?B?v9W197K71sbA5A==?=\r\n"
    b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n"
    b"\xbf\xd5\xb5\xf7\r\n--b\r\nContent-Type: image/png; name*0*=utf-8''%E7%A9; name*1*=%BA.png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n",
    b"From: MAILER-DAEMON@example.org\nSubject: failed\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
    b"--x\n\nIt failed.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
    b"Final-Recipient: rfc822; bo@example.org\nAction: failed\nStatus: 5.1.1\n"
    b"--x\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--x--\n",
)  # fmt: skip


def generated(random: Random) -> bytes:
    """A mail by the grammar, with every rule broken now and then."""
    end = random.choice((b"\r\n", b"\n", b"\n", b"\r", b"\r\r\n"))
    raw = end.join(_part(random, 0, top=True))
    return raw[: random.randrange(len(raw) + 1)] if random.random() < 0.1 else raw


def _part(random: Random, depth: int, *, top: bool = False) -> Iterator[bytes]:
    kind = random.choice(KINDS)
    boundary = random.choice((b"b", b"b1", b"=_x y", b"--b", b"", b"'q'", b"b" * 200))
    if top:
        for _ in range(random.randrange(8)):
            yield random.choice(FIELDS) + random.choice((b": ", b":", b" : ", b"")) + _value(random)
    encoding = random.choice(ENCODINGS)
    yield b"Content-Type: " + kind.encode() + _params(random, boundary)
    if random.random() < 0.5:
        yield b"Content-Transfer-Encoding: " + encoding.encode()
    if random.random() < 0.4:
        yield (
            b"Content-Disposition: "
            + random.choice((b"attachment", b"inline", b"x"))
            + _params(random, boundary)
        )
    yield random.choice((b"", b"", b"", b" ", b"no field"))
    if depth < 6 and kind.startswith("multipart") and random.random() < 0.9:
        for _ in range(random.randrange(4)):
            yield b"--" + random.choice((boundary, boundary, boundary, b"wrong"))
            yield from _part(random, depth + 1)
        yield b"--" + boundary + random.choice((b"--", b"--", b"", b"-- "))
    elif depth < 6 and kind == "message/rfc822":
        yield from _part(random, depth + 1, top=True)
    else:
        yield _encoded(random, encoding)


def _value(random: Random) -> bytes:
    made = [random.choice((_plain, _b_word, _q_word, _structure))(random) for _ in range(random.randrange(5))]
    return random.choice((b" ", b", ", b"\n ", b";")).join(made)


def _plain(random: Random) -> bytes:
    return random.choice(
        (*WORDS, b"auto-replied", b"Ana <ana@example.org>", b"<m%d@example.org>" % random.randrange(9))
    )


def _b_word(random: Random) -> bytes:
    coded = base64.b64encode(random.choice(WORDS))[: random.randrange(40)]
    return b"=?" + random.choice(CHARSETS).encode() + b"?B?" + coded + b"?="


def _q_word(random: Random) -> bytes:
    coded = random.choice(WORDS).replace(b" ", b"_") + random.choice((b"?=", b""))
    return b"=?" + random.choice(CHARSETS).encode() + b"?q?" + coded


def _structure(random: Random) -> bytes:
    return bytes(random.choice(SPECIALS) for _ in range(random.randrange(8)))


def _params(random: Random, boundary: bytes) -> bytes:
    made = [b"", b"boundary=" + random.choice((boundary, b'"' + boundary + b'"'))]
    for _ in range(random.randrange(4)):
        name = random.choice(
            (b"charset", b"name", b"filename", b"filename*", b"filename*0*", b"filename*1", b"format", b"x")
        )
        value = random.choice(
            (random.choice(CHARSETS).encode(), b"utf-8''%E7%A9%BA", b"flowed", _value(random), b'"open')
        )
        made.append(name + random.choice((b"=", b" = ", b"")) + value)
    return random.choice((b"; ", b";", b";\n ", b" ")).join(made)


def _encoded(random: Random, encoding: str) -> bytes:
    body = b"".join(random.choice(WORDS) for _ in range(random.randrange(12)))
    if encoding.lower() == "base64" and random.random() < 0.8:
        return base64.encodebytes(body)
    if random.random() < 0.1:
        return b"\x78\x9f\x3e\x22\x01\x00" + random.randbytes(random.randrange(200))
    return body


def mutated(random: Random, seed: bytes) -> bytes:
    """A mail with a few bytes, lines or blocks changed, doubled, moved or lost."""
    raw = bytearray(seed)
    for _ in range(1 + random.randrange(8)):
        at, width = random.randrange(len(raw) + 1), random.choice((1, 1, 2, 8, 60, 500))
        change = random.randrange(6)
        if change == 0:
            raw[at : at + width] = b""
        elif change == 1:
            raw[at:at] = bytes(random.choice(SPECIALS) for _ in range(min(width, 20)))
        elif change == 2:
            raw[at:at] = raw[at : at + width] * random.choice((1, 2, 50))
        elif change == 3:
            raw[at : at + 1] = bytes((random.randrange(256),))
        elif change == 4:
            raw[at:at] = random.choice(
                (*WORDS, b"\r\n\r\n", b"--b\r\n", b"Content-Type: multipart/mixed\r\n")
            )
        else:
            other = random.randrange(len(raw) + 1)
            raw[at : at + width] = raw[other : other + width]
    return bytes(raw)


def check(raw: bytes) -> None:
    """What must hold of every mail, whatever the bytes are. AssertionError when it does not."""
    begin = time.process_time()
    mail = read(raw)
    found = sort(mail)
    took = time.process_time() - begin
    assert took < SLOW, f"took {took:.2f} s"
    _sane(mail)
    assert found.sort.value
    described, *contents = pack(mail)
    assert unpack(json.loads(described), contents) == mail


def _sane(mail: Mail) -> None:
    head = mail.headers
    texts = [
        mail.text,
        mail.html,
        mail.reply,
        head.subject,
        head.from_addr,
        head.from_name,
        head.message_id,
        *mail.notes,
    ]
    texts += [value for pair in head.all for value in pair] + [
        *head.to,
        *head.cc,
        *head.reply_to,
        *head.references,
    ]
    texts += [
        text for file in mail.attachments for text in (file.filename, file.content_type, file.content_id)
    ]
    texts += [part.text for part in mail.enclosed]
    for text in texts:
        text.encode("utf-8")
    one_line = [value for _, value in head.all] + [
        head.from_name,
        head.subject,
        *head.to,
        *head.cc,
        head.from_addr,
    ]
    one_line += [file.filename for file in mail.attachments]
    assert not any(char in line for line in one_line for char in "\r\n\0"), "a line end in a header"
    assert len(mail.text) <= 200_000 and len(mail.attachments) <= 1_000
    assert "\0" not in mail.text


def main() -> int:
    """Run as many as asked and tell what crashed or was slow; 1 when anything did."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--corpus", type=Path)
    options = asked.parse_args()
    seeds = list(SEEDS)
    if options.corpus:
        seeds += [
            file.read_bytes()
            for file in sorted(options.corpus.rglob("*.eml"))
            if file.stat().st_size < 30_000
        ]
    bad, slowest, begin = 0, 0.0, time.monotonic()
    for number in range(options.count):
        random = Random(f"{options.seed}/{number}")
        raw = generated(random) if number % 2 else mutated(random, random.choice(seeds))
        start = time.process_time()
        try:
            check(raw)
        except Exception:  # noqa: BLE001 - that is what we look for
            bad += 1
            print(
                f"--- input {options.seed}/{number}: {raw[:300]!r}\n{traceback.format_exc()}", file=sys.stderr
            )
        slowest = max(slowest, time.process_time() - start)
    print(
        f"{options.count} mails, {bad} bad, slowest {slowest:.3f} s, {time.monotonic() - begin:.0f} s in all"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
