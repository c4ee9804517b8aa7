"""The post office: whose mailbox an address is, what is in it, what was handed over and what comes back."""

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pymap.parsing.message import AppendMessage

from simulator.mail.bounce import Bounce, report, trace
from simulator.mail.conversation import Submission
from simulator.mail.imap import Folders, Stored

BARE = re.compile(rb"\r\n|\r|\n")
FROM = re.compile(rb"^From:[^\r\n]*?@([A-Za-z0-9.-]{1,255})", re.IGNORECASE | re.MULTILINE)
Answer = Callable[[Submission], bytes | None]
T = TypeVar("T")


def _known(table: Mapping[str, T], address: str) -> T | None:
    """What is said of the address, or of its whole domain."""
    wanted = address.lower()
    return table.get(wanted, table.get(f"@{wanted.rpartition('@')[2]}"))


class PostOffice:
    """Folders by account, and the way of a mail from its submission into them. MailSimulator opens it to the
    wire. `submissions` are all mails handed over, oldest first; `outside` those for addresses that are no
    account's, by address in lower case."""

    def __init__(
        self,
        folders: Mapping[str, Folders],
        hostname: str,
        chance: random.Random,
        clock: Callable[[], float],
        dmarc: bool,
    ) -> None:
        self.chance = chance
        self.hostname = hostname
        self.submissions: list[Submission] = []
        self.outside: defaultdict[str, list[bytes]] = defaultdict(list)
        self._folders = folders
        self._clock = clock
        self._dmarc = dmarc
        self._bounces: dict[str, Bounce] = {}
        self._answers: dict[str, Answer] = {}
        self._later: set[asyncio.Task[None]] = set()
        self._traces = 0

    # Mailboxes

    def account(self, address: str) -> str | None:
        """Whose INBOX an address belongs to: office+anything@… is office@…; None if nobody's."""
        local, _, domain = address.lower().rpartition("@")
        name = f"{local.partition('+')[0]}@{domain}"
        return next((each for each in (address.lower(), name) if each in self._folders), None)

    async def deliver(
        self,
        raw: bytes,
        to: str,
        *,
        mail_from: str = "",
        traced: bool = False,
        exact: bool = False,
        folder: str = "INBOX",
        at: datetime | None = None,
    ) -> int:
        """Put a mail into an account's folder, as its mail server would; its UID. KeyError: no such account.

        traced: put Return-Path, Delivered-To and Received on top. exact: keep its line ends; else all become
        CRLF. at: IMAP's internal date.
        """
        name = self.account(to)
        if name is None:
            raise KeyError(to)
        when = at or self.now()
        octets = raw if exact else BARE.sub(b"\r\n", raw)
        if traced:
            self._traces += 1
            verdict = self._verdict(mail_from, octets) if self._dmarc else None
            octets = trace(self.hostname, mail_from, to, self._traces, when, verdict) + octets
        folders = self._folders[name]
        async with folders.moving:
            place = await folders.folder(folder)
            message = await place.append(AppendMessage(octets, when))
        return message.uid

    def _verdict(self, mail_from: str, octets: bytes) -> str:
        found = FROM.search(octets.partition(b"\r\n\r\n")[0])
        domain = found[1].decode("ascii").lower() if found else ""
        return "pass" if domain and mail_from.lower().endswith(f"@{domain}") else "fail"

    async def stored(self, account: str, folder: str = "INBOX") -> list[Stored]:
        """The mails of a folder with UID, flags and date. KeyError: no such account or folder."""
        return (await self._of(account).folder(folder)).stored()

    async def mails(self, account: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder, by UID."""
        return [mail.raw for mail in await self.stored(account, folder)]

    async def remove(self, account: str, uid: int, folder: str = "INBOX") -> None:
        """Take a mail away, as a person does who tidies up."""
        await (await self._of(account).folder(folder)).delete([uid])

    async def uid_validity(self, account: str, folder: str = "INBOX") -> int:
        """The folder's UIDVALIDITY."""
        return (await self._of(account).folder(folder)).uid_validity

    def _of(self, account: str) -> Folders:
        return self._folders[account.lower()]

    # Sending

    def now(self) -> datetime:
        """The moment by the simulator's clock."""
        return datetime.fromtimestamp(self._clock(), UTC)

    async def submit(self, mail_from: str, rcpt_to: Iterable[str], data: bytes) -> Submission:
        """Hand over a mail without SMTP (so no fault meets it): recorded and delivered like any other."""
        return await self.accept(mail_from, tuple(rcpt_to), data, "")

    async def accept(self, mail_from: str, rcpt_to: tuple[str, ...], data: bytes, who: str) -> Submission:
        """Take a mail from `who` has logged in, record it and hand it on to every recipient."""
        number = len(self.submissions) + 1
        submission = Submission(number, mail_from, rcpt_to, data, self.now(), who)
        self.submissions.append(submission)
        for recipient in rcpt_to:
            await self._hand_on(submission, recipient)
        return submission

    async def _hand_on(self, submission: Submission, recipient: str) -> None:
        bounce = _known(self._bounces, recipient)
        if bounce is not None:
            if submission.mail_from:
                self._soon(self._report(bounce, submission, recipient))
            return
        if self.account(recipient) is not None:
            await self.deliver(submission.data, recipient, mail_from=submission.mail_from, traced=True)
        else:
            self.outside[recipient.lower()].append(submission.data)
        answer = _known(self._answers, recipient)
        words = answer(submission) if answer is not None else None
        if words is not None and submission.mail_from:
            self._soon(self._reply(words, recipient, submission.mail_from))

    async def _report(self, bounce: Bounce, submission: Submission, recipient: str) -> None:
        await asyncio.sleep(bounce.seconds)
        token = f"report-{self.chance.getrandbits(64):016x}"
        names = {"host": self.hostname, "token": token, "date": f"{self.now():%a, %d %b %Y %H:%M:%S +0000}"}
        octets = report(bounce, submission.data, submission.mail_from, recipient, names)
        await self.submit("", [submission.mail_from], octets)

    async def _reply(self, words: bytes, sender: str, recipient: str) -> None:
        await self.submit(sender, [recipient], words)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # What comes back

    def bounce(self, address: str, bounce: Bounce | None = None) -> None:
        """From now on mails for the address ("@domain": for all there) come back to their envelope sender."""
        self._bounces[address.lower()] = bounce or Bounce()

    def answer(self, address: str, answer: Answer) -> None:
        """From now on the address answers by machine: `answer` makes the whole mail, or None, of a submission."""
        self._answers[address.lower()] = answer

    async def close(self) -> None:
        """Forget the answers that have not been sent yet."""
        for task in list(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
