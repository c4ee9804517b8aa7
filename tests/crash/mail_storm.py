"""Two thousand mails of every kind for a service that is killed again and again, and what is left of them."""

import contextlib
import random
import re
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from crash_service import Callout

from simulator.mail import Draft, MailSimulator, compose
from simulator.telegram import TelegramSimulator

OFFICE = "service@callout.example"
SENDERS = [f"person{number}@customer.example" for number in range(30)]
MARK = re.compile(rb"MARK(\d{5})")
OURS = re.compile(rb"^Message-ID: <(\d+)\.[a-z2-7]{16}@", re.MULTILINE | re.IGNORECASE)


class MailCallout(Callout):
    """`callout run` with a mailbox of the simulator, and receipts without a brake: they are what may be doubled."""

    def __init__(self, folder: Path, sim: TelegramSimulator, post: MailSimulator) -> None:
        super().__init__(folder, sim)
        self.post = post

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "CALLOUT_MAIL__ADDRESS": OFFICE,
            "CALLOUT_MAIL__IMAP_HOST": "127.0.0.1",
            "CALLOUT_MAIL__IMAP_PORT": str(self.post.imap_port),
            "CALLOUT_MAIL__IMAP_SECURITY": "none",
            "CALLOUT_MAIL__IMAP_PASSWORD": "secret",
            "CALLOUT_MAIL__SMTP_PORT": str(self.post.smtp_port),
            "CALLOUT_MAIL__SMTP_SECURITY": "none",
            "CALLOUT_MAIL__SMTP_LOGIN": "false",
            "CALLOUT_MAIL__POLL_SECONDS": "1",
            "CALLOUT_MAIL__ACKS_PER_HOUR": "1000",
            "CALLOUT_MAIL__ACKS_PER_MINUTE": "100000",
            "CALLOUT_MAIL__AUTHSERV_ID": self.post.hostname,
        }


@dataclass
class Writers:
    """People and machines who write; every mail bears a mark of its own."""

    post: MailSimulator
    chance: random.Random
    sent: Counter[str] = field(default_factory=Counter)  # how often a mark was delivered
    kinds: dict[str, str] = field(default_factory=dict)
    last: dict[str, bytes] = field(default_factory=dict)
    number: int = 0

    async def write(self) -> None:
        """One more mail, of a kind that chance picks."""
        kind = self.chance.choices(tuple(KINDS), list(KINDS.values()))[0]
        sender = self.chance.choice(SENDERS)
        if kind == "again" and sender in self.last:
            await self._deliver(self.last[sender], sender)
            return
        self.number += 1
        mark = f"MARK{self.number:05d}"
        raw = await self._raw(kind, sender, mark)
        self.kinds[mark] = kind
        self.last[sender] = raw
        await self._deliver(raw, sender)

    async def _deliver(self, raw: bytes, sender: str) -> None:
        found = MARK.search(raw)
        assert found is not None
        self.sent[f"MARK{found[1].decode()}"] += 1
        await self.post.deliver(raw, OFFICE, mail_from=sender, traced=True)

    async def _raw(self, kind: str, sender: str, mark: str) -> bytes:
        draft = Draft(
            sender=("Somebody", sender),
            to=(("", OFFICE),),
            subject=f"Fault {mark}",
            text=f"The lift is stuck. {mark}",
            message_id=f"<{mark}@customer.example>",
            date=self.post.now(),
        )
        if kind == "same id":  # a Message-ID that was used before, with other words (S31)
            raw = compose(draft)
            return raw.replace(f"<{mark}@customer.example>".encode(), b"<always-the-same@customer.example>")
        if kind == "no id":
            return re.sub(rb"(?m)^Message-ID:.*\r\n", b"", compose(draft))
        if kind == "machine":
            return b"Auto-Submitted: auto-replied\r\nIn-Reply-To: <nothing@nowhere.example>\r\n" + compose(
                draft
            )
        if kind == "bulk":
            return b"Precedence: bulk\r\nList-Unsubscribe: <mailto:x@list.example>\r\n" + compose(draft)
        if kind == "broken":
            return (
                b"From: <\r\nSubject: "
                + mark.encode()
                + b"\r\nContent-Type: multipart/mixed\r\n\r\n"
                + bytes(range(256))
            )
        if kind == "reply":
            return await self._reply(draft, sender)
        return compose(draft)

    async def _reply(self, draft: Draft, sender: str) -> bytes:
        """An answer to the newest mail of ours in the sender's mailbox; a new report when there is none."""
        mails = await self.post.mails(sender)
        raw = compose(draft)
        if not mails:
            return raw
        ours = mails[-1]
        found = re.search(rb"(?mi)^Message-ID: (<[^>]+>)", ours)
        to = re.search(rb"(?mi)^Reply-To: .*?([^\s<>]+@[^\s<>]+)", ours)
        if found is None or to is None:
            return raw
        raw = raw.replace(f"To: {OFFICE}".encode(), b"To: " + to[1])
        return b"In-Reply-To: " + found[1] + b"\r\n" + raw


KINDS = {"new": 30, "reply": 35, "same id": 6, "no id": 8, "again": 8, "machine": 4, "bulk": 4, "broken": 5}


@dataclass
class Left:
    """The archive afterwards; every method that names faults returns a list that must be empty."""

    writers: Writers
    service: MailCallout
    mails: list[sqlite3.Row] = field(default_factory=list)
    inbox: dict[int, sqlite3.Row] = field(default_factory=dict)
    outbox: dict[int, sqlite3.Row] = field(default_factory=dict)
    entries: Counter[str] = field(default_factory=Counter)
    tickets: Counter[str] = field(default_factory=Counter)

    def read(self) -> "Left":
        with contextlib.closing(sqlite3.connect(self.service.path)) as sql:
            sql.row_factory = sqlite3.Row
            self.mails = sql.execute("SELECT * FROM mails").fetchall()
            self.inbox = {row["id"]: row for row in sql.execute("SELECT * FROM inbox")}
            self.outbox = {row["id"]: row for row in sql.execute("SELECT * FROM outbox")}
            for row in sql.execute("SELECT text, data FROM entries WHERE channel = 'mail'"):
                self.entries.update(set(re.findall(r"MARK\d{5}", row["text"] + row["data"])))
            for row in sql.execute("SELECT problem FROM tickets"):
                self.tickets.update(set(re.findall(r"MARK\d{5}", row["problem"])))
        return self

    def became(self) -> dict[str, list[str]]:
        """What became of every mark: the outcomes of the inbox rows that handled it."""
        found: dict[str, list[str]] = defaultdict(list)
        for mail in self.mails:
            mark = MARK.search(mail["raw"])
            assert mark is not None
            outcomes = found[f"MARK{mark[1].decode()}"]
            if mail["inbox_id"] is not None:
                row = self.inbox[mail["inbox_id"]]
                outcomes.append(f"{row['status']}: {row['outcome']}")
        return found

    def lost(self) -> list[str]:
        became = self.became()
        return [mark for mark in self.writers.sent if not became.get(mark)]

    def due(self, mark: str) -> int:
        """How many mails a mark stands for: one, however often it was delivered; but what has no Message-ID and comes
        again under the same UIDVALIDITY may be meant, and losing it would be worse than handling it again."""
        return self.writers.sent[mark] if self.writers.kinds[mark] in {"no id", "broken"} else 1

    def not_one_thing(self) -> list[str]:
        """Marks that are not handled exactly once, or whose handling has no end."""
        return [
            f"{mark}: {outcomes}"
            for mark, outcomes in self.became().items()
            if len(outcomes) != self.due(mark)
            or any(not one.startswith(("done: ", "dead: ")) or one == "done: None" for one in outcomes)
        ]

    def doubled(self) -> list[str]:
        """Marks with more than one ticket, or words that stand in more than one entry."""
        found = (("tickets", self.tickets), ("entries", self.entries))
        return [
            f"{mark}: {count} {what}"
            for what, counts in found
            for mark, count in counts.items()
            if count > self.due(mark)
        ]

    def sent_twice(self) -> list[tuple[int, int]]:
        """(outbox row, times) of letters that the provider got more than once."""
        times: Counter[int] = Counter()
        for submission in self.service.post.submissions:
            if found := OURS.search(submission.data):
                times[int(found[1])] += 1
        return [(job, count) for job, count in times.items() if count > 1]

    def unmarked(self) -> list[str]:
        """Letters that went out twice without the archive knowing that they may have."""
        return [
            f"letter {job} went out {count} times"
            for job, count in self.sent_twice()
            if self.outbox[job]["attempts"] < count or (count > 1 and self.outbox[job]["ambiguous"] == 0)
        ]

    def unsent(self) -> list[str]:
        """Letters said to be sent that the provider never got."""
        got = {int(found[1]) for one in self.service.post.submissions if (found := OURS.search(one.data))}
        return [
            f"letter {row['id']}"
            for row in self.outbox.values()
            if row["channel"] == "mail"
            and row["status"] == "sent"
            and row["outside_id"]
            and row["id"] not in got
        ]

    def figures(self) -> str:
        counts = Counter(re.sub(r"\d+", "N", outcome[0]) for outcome in self.became().values() if outcome)
        return (
            f"{len(self.writers.sent)} mails ({sum(self.writers.sent.values())} deliveries), "
            f"{len(self.service.killed)} kills, {len(self.service.post.submissions)} letters out, "
            f"doubled {len(self.sent_twice())}, "
            f"marked ambiguous {sum(row['ambiguous'] > 0 for row in self.outbox.values())}; {dict(counts)}"
        )
