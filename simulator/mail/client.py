"""A person's mail client: writes, replies as mail clients quote, and reads the INBOX."""

import email
import email.policy
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypedDict

from simulator.mail.compose import Attachment, Draft, attachments, compose
from simulator.mail.post import PostOffice

Files = Iterable[Attachment | tuple[str, bytes] | tuple[str, bytes, str]]
CHINESE_DAYS = "一二三四五六日"
# How the clients open a quotation: {name}, {address}, {date}, {subject}, {to}; then the text, with `>` or without.
QUOTES = {
    "en": ("On {day:%a}, {day.day} {day:%b} {day.year} at {day:%H:%M}, {name} <{address}> wrote:\n\n", "> "),
    "zh": (
        "在 {day.year}年{day.month}月{day.day}日 周{weekday} {day:%H:%M}，{name} <{address}> 写道：\n\n",
        "> ",
    ),
    "outlook": (
        "-----Original Message-----\nFrom: {name} <{address}>\nSent: {day:%A, %B} {day.day}, {day.year} "
        "{day:%I:%M %p}\nTo: {to}\nSubject: {subject}\n\n",
        "",
    ),
    "outlook-zh": (
        "-----邮件原件-----\n发件人: {name} <{address}>\n发送时间: {day.year}年{day.month}月{day.day}日 {day:%H:%M}\n"
        "收件人: {to}\n主题: {subject}\n\n",
        "",
    ),
    "qq": (
        '------------------ 原始邮件 ------------------\n发件人: "{name}" <{address}>;\n'
        "发送时间: {day.year}年{day.month}月{day.day}日(星期{weekday}) {day:%H:%M}\n"
        "收件人: {to};\n主题: {subject}\n\n",
        "",
    ),
    "none": ("", ""),
}
REPLY = {"en": "Re: ", "zh": "回复: "}


class File(TypedDict):
    """A file in a mail that was read."""

    filename: str
    content_type: str
    size: int
    content: bytes


# A mail that was read. id: its UID. from: as written; address: without the name. date: ISO 8601, "" if unreadable.
Letter = TypedDict(
    "Letter",
    {
        "id": int,
        "message_id": str,
        "from": str,
        "address": str,
        "reply_to": str,
        "to": str,
        "subject": str,
        "date": str,
        "text": str,
        "html": str,
        "attachments": list[File],
        "in_reply_to": str,
        "references": list[str],
        "headers": dict[str, str],
    },
)


class MailClient:
    """The mail client of one account of the simulator.

    name: as it stands in From. language: "zh" or "en", for Re: and quotations. charset, encoding: how it writes
    ("gb2312" writes GBK under that label; "base64", "quoted-printable" or "8bit"). to: whom it writes to when
    nobody is named. html: whether it sends an HTML version along.
    """

    def __init__(
        self,
        world: PostOffice,
        address: str,
        name: str = "",
        *,
        language: str = "en",
        charset: str = "utf-8",
        encoding: str = "base64",
        to: str = "",
        signature: str = "",
    ) -> None:
        self.address = address
        self.name = name
        self.language = language
        self.charset = charset
        self.encoding = encoding
        self.to = to
        self.signature = signature
        self._world = world

    async def write(
        self,
        subject: str,
        text: str,
        attachments: Files = (),
        to: str = "",
        *,
        html: str | None = None,
        charset: str = "",
    ) -> str:
        """Send a mail; its Message-ID."""
        return await self._send(subject, text, to or self.to, attachments, html=html, charset=charset)

    async def reply(
        self,
        to: Letter,
        text: str,
        attachments: Files = (),
        *,
        style: str = "",
        below: bool = False,
        charset: str = "",
    ) -> str:
        """Answer a mail; the answer's Message-ID.

        style: how the mail is quoted, a key of QUOTES; by the client's language if not given. below: the text
        stands under the quotation.
        """
        quotation = quote(to, style or self.language)
        body = f"{quotation}\n\n{text}" if below and quotation else f"{text}\n\n{quotation}".rstrip()
        references = tuple(dict.fromkeys((*to["references"], to["message_id"])))
        return await self._send(
            self.reply_subject(to["subject"]),
            body,
            to["reply_to"] or to["address"],
            attachments,
            charset=charset,
            in_reply_to=to["message_id"],
            references=references,
        )

    def reply_subject(self, subject: str) -> str:
        """The subject of an answer, in the client's language; marked once."""
        marked = subject.lower().startswith(("re:", "re：", "回复:", "回复："))
        return subject if marked else REPLY.get(self.language, REPLY["en"]) + subject

    async def _send(
        self,
        subject: str,
        text: str,
        to: str,
        files: Files,
        *,
        html: str | None = None,
        charset: str = "",
        in_reply_to: str = "",
        references: tuple[str, ...] = (),
    ) -> str:
        token = f"{self._world.chance.getrandbits(80):020x}"
        domain = self.address.rpartition("@")[2]
        draft = Draft(
            sender=(self.name, self.address),
            to=(("", to),),
            subject=subject,
            text=f"{text}\n\n{self.signature}" if self.signature else text,
            html=html,
            message_id=f"<{token}@{domain}>",
            date=self._world.now(),
            attachments=attachments(files),
            in_reply_to=in_reply_to,
            references=references,
            charset=charset or self.charset,
            encoding=self.encoding,
        )
        await self._world.submit(self.address, [to], compose(draft))
        return draft.message_id

    async def inbox(self) -> list[Letter]:
        """The mails in the INBOX, oldest first."""
        return [read(octets, number) for number, octets in await self.octets("inbox")]

    async def octets(self, folder: str) -> list[tuple[int, bytes]]:
        """The mails as they came ("inbox", with their UIDs) or as they were sent ("sent", counted), oldest first.

        KeyError for a folder that is neither.
        """
        if folder == "inbox":
            return [(mail.uid, mail.raw) for mail in await self._world.stored(self.address)]
        if folder == "sent":
            mine = [one for one in self._world.submissions if one.mail_from == self.address]
            return [(one.number, one.data) for one in mine]
        raise KeyError(folder)


def read(raw: bytes, uid: int = 0) -> Letter:
    """A mail that obeys the standards (as Callout's and the simulator's do), parsed."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    sender = getaddresses([str(message["From"] or "")])
    reply_to = getaddresses([str(message["Reply-To"] or "")])
    return {
        "id": uid,
        "message_id": str(message["Message-ID"] or "").strip(),
        "from": str(message["From"] or ""),
        "address": sender[0][1] if sender else "",
        "reply_to": reply_to[0][1] if reply_to else "",
        "to": str(message["To"] or ""),
        "subject": str(message["Subject"] or ""),
        "date": _date(str(message["Date"] or "")),
        "text": _text(message, "plain"),
        "html": _text(message, "html"),
        "attachments": [_file(part) for part in message.walk() if _is_file(part)],
        "in_reply_to": str(message["In-Reply-To"] or "").strip(),
        "references": str(message["References"] or "").split(),
        "headers": {name: str(value) for name, value in message.items()},
    }


def _date(words: str) -> str:
    try:
        return parsedate_to_datetime(words).isoformat()
    except ValueError:
        return ""


def _text(message: EmailMessage, kind: str) -> str:
    """The text of this kind; a report without one part for reading has its first plain part."""
    body = message.get_body(preferencelist=(kind,))
    if body is None:
        return ""
    label = (body.get_content_charset() or "utf-8").replace("gb2312", "gb18030")
    octets = body.get_payload(decode=True)
    return octets.decode(label, "replace").replace("\r\n", "\n") if isinstance(octets, bytes) else ""


def _is_file(part: EmailMessage) -> bool:
    return not part.is_multipart() and (part.is_attachment() or part.get_filename() is not None)


def _file(part: EmailMessage) -> File:
    content = part.get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    return {
        "filename": part.get_filename() or "",
        "content_type": part.get_content_type(),
        "size": len(octets),
        "content": octets,
    }


def quote(letter: Letter, style: str) -> str:
    """The letter as the client puts it under an answer. KeyError for a style that is no key of QUOTES."""
    opening, mark = QUOTES[style]
    if not opening:
        return ""
    day = datetime.fromisoformat(letter["date"]) if letter["date"] else datetime.fromtimestamp(0).astimezone()
    names = getaddresses([letter["from"]])
    first = opening.format(
        name=(names[0][0] if names else "") or letter["address"],
        address=letter["address"],
        day=day,
        weekday=CHINESE_DAYS[day.weekday()],
        to=letter["to"],
        subject=letter["subject"],
    )
    return first + "\n".join(f"{mark}{line}".rstrip() for line in letter["text"].rstrip().splitlines())
