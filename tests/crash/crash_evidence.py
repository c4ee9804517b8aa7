"""What is left after the storm, asked as questions: was anything lost, done twice, out of order, sent unmarked?"""

import contextlib
import itertools
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crash_service import Callout, Ledger
from crash_words import words

from simulator.telegram.records import Call

MARK = words("again")
SENDS = (
    "sendMessage",
    "sendPhoto",
    "sendMediaGroup",
    "sendLocation",
    "sendDocument",
    "sendVoice",
    "sendVideo",
)
MAKES_MESSAGES = ("say", "notice", "card", "relay", "pin")
Row = sqlite3.Row


@dataclass
class Sent:
    """One request that made a message in a chat, and the outbox row it belongs to, if it can be found."""

    call: Call
    row: Row | None = None
    recorded: bool = False

    @property
    def words(self) -> str:
        """Text or caption as it was sent."""
        params = self.call.params
        if "media" in params:
            media = params["media"]
            first = (json.loads(media) if isinstance(media, str) else media)[0]
            return str(first.get("caption", ""))
        return str(params.get("text") or params.get("caption") or "")


@dataclass
class Evidence:
    """The archive and the phones after the storm; every method that names faults returns a list that must be empty."""

    ledger: Ledger
    service: Callout
    audit: tuple[int, str] = (0, "")
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def read(self) -> "Evidence":
        with contextlib.closing(sqlite3.connect(self.service.path)) as sql:
            sql.row_factory = sqlite3.Row
            for table in (
                "inbox",
                "outbox",
                "entries",
                "entry_files",
                "entry_texts",
                "tickets",
                "ticket_events",
            ):
                self.tables[table] = sql.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()  # noqa: S608 - our names
        return self

    # --- in ---

    def lost(self) -> list[str]:
        """Updates Telegram had for us that are not in the inbox, once, and done with an outcome."""
        kept: dict[int, list[Row]] = defaultdict(list)
        for row in self.tables["inbox"]:
            kept[int(row["outside_id"])].append(row)
        faults = [
            f"update {number}: {[(row['status'], row['outcome']) for row in kept[number]]}"
            for number in self.ledger.updates
            if len(kept[number]) != 1 or kept[number][0]["status"] != "done" or not kept[number][0]["outcome"]
        ]
        return faults + [
            f"update {number} is none of ours" for number in kept.keys() - self.ledger.updates.keys()
        ]

    def out_of_order(self) -> list[str]:
        """Rows of a chat that were kept, or done, before an earlier one."""
        faults = []
        for lane, rows in self.by("inbox", "lane").items():
            for before, after in itertools.pairwise(rows):
                if (
                    int(before["outside_id"]) > int(after["outside_id"])
                    or before["done_at"] > after["done_at"]
                ):
                    faults.append(f"chat {lane}: inbox {after['id']} before {before['id']}")
        return faults

    def messages(self) -> Iterator[tuple[Row, dict[str, Any]]]:
        """Kept updates that are new messages, with their content."""
        for row in self.tables["inbox"]:
            message = json.loads(row["raw"]).get("message")
            if message:
                yield row, message

    def missing_entries(self) -> list[str]:
        """Messages that should be an entry, once, or a part of one, and are not."""
        whole = {(entry["address"], entry["outside_id"]) for entry in self.tables["entries"]}
        address = {entry["id"]: entry["address"] for entry in self.tables["entries"]}
        parts = {(address[file["entry_id"]], file["outside_id"]) for file in self.tables["entry_files"]}
        return [
            f"{row['outside_id']}: {row['outcome']}"
            for row, message in self.messages()
            if not row["outcome"].startswith(("rejected", "refused", "command"))
            and (str(message["chat"]["id"]), str(message["message_id"])) not in whole | parts
        ]

    def broken_albums(self) -> list[str]:
        """Albums that are not one entry with all their parts."""
        parts: dict[str, set[str]] = defaultdict(set)
        for row, message in self.messages():
            if "media_group_id" in message and not row["outcome"].startswith(("rejected", "refused")):
                parts[message["media_group_id"]].add(str(message["message_id"]))
        files = self.by("entry_files", "entry_id")
        kept = self.by("entries", "album")
        return [
            f"album {album}: {len(sent)} parts, entries {[entry['id'] for entry in kept.get(album, [])]}"
            for album, sent in parts.items()
            if len(kept.get(album, [])) != 1
            or {file["outside_id"] for file in files[kept[album][0]["id"]]} != sent
        ]

    def files_not_stored(self) -> list[str]:
        return [
            f"file {file['id']}: {file['state']}"
            for file in self.tables["entry_files"]
            if file["state"] != "stored"
        ]

    # --- out ---

    def sends(self) -> dict[str, list[Sent]]:
        """What the bot sent, chat by chat in order, each with the outbox row that knows of it."""
        maker: dict[tuple[str, str], Row] = {}
        for row in self.tables["outbox"]:
            if row["outside_id"] and row["kind"] in MAKES_MESSAGES:
                maker.setdefault((row["address"], row["outside_id"]), row)
        chats: dict[str, list[Sent]] = defaultdict(list)
        for call in self.service.sim.calls:
            if call.method in SENDS and call.effect_message_id:
                chat = str(call.params["chat_id"])
                row = maker.get((chat, str(call.effect_message_id)))
                chats[chat].append(Sent(call, row, row is not None))
        for chat, sent in chats.items():
            self._explain(chat, sent)
        return chats

    def _explain(self, chat: str, sent: list[Sent]) -> None:
        """Sends no row knows of belong to a row in doubt: the next one of this chat, as often as it was in doubt."""
        rows = [row for row in self.by("outbox", "address").get(chat, []) if row["kind"] in MAKES_MESSAGES]
        doubts = {row["id"]: row["ambiguous"] for row in rows}
        for at, one in enumerate(sent):
            if one.recorded:
                continue
            before = sent[at - 1].row if at else None
            if (
                before is not None
                and before["kind"] == "relay"
                and one.call.method == "sendLocation"
                and sent[at - 1].call.method == "sendMessage"
            ):
                one.row, one.recorded = before, sent[at - 1].recorded  # a place goes in two messages
                continue
            first = before["id"] if before is not None else 0
            last = next((later.row["id"] for later in sent[at + 1 :] if later.row is not None), float("inf"))
            for row in rows:
                if first <= row["id"] <= last and doubts[row["id"]] and fits(one, row):
                    doubts[row["id"]] -= 1
                    one.row = row
                    break

    def unexplained(self) -> list[str]:
        """Messages people saw that the archive neither knows of nor has in doubt."""
        return [
            f"chat {chat}: {one.call.method} {one.call.effect_message_id} {one.words[:60]!r}"
            for chat, sent in self.sends().items()
            for one in sent
            if one.row is None
        ]

    def doubles(self) -> list[Sent]:
        """Messages that arrived although their first sender died before he could write it down."""
        return [
            one for sent in self.sends().values() for one in sent if one.row is not None and not one.recorded
        ]

    def unmarked(self) -> list[str]:
        """Second sendings that do not say so, and marks on messages that were sent once."""
        return [
            f"row {one.row['id']} {one.row['kind']} ambiguous={one.row['ambiguous']}: {one.words[:60]!r}"
            for sent in self.sends().values()
            for one in sent
            if one.row is not None
            and one.call.method != "sendLocation"
            and (
                (one.recorded and one.row["ambiguous"] > 0)
                if MARK not in one.words
                else one.row["ambiguous"] == 0
            )
        ]

    def sent_out_of_order(self) -> list[str]:
        """Messages of a chat that arrived in another order than they were planned."""
        return [
            f"chat {chat}: row {after.row['id']} before {before.row['id']}"
            for chat, sent in self.sends().items()
            for before, after in itertools.pairwise(sent)
            if before.row is not None and after.row is not None and before.row["id"] > after.row["id"]
        ]

    def not_settled(self) -> list[str]:
        """Rows of the outbox that came to no end although they were due, or to a bad one."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        fine = {"sent", "dropped", "unknown"}
        return [
            f"{row['id']} {row['kind']} {row['status']} {row['error']}"
            for row in self.tables["outbox"]
            if row["status"] not in fine and row["due_at"] < now
        ]

    # --- presses ---

    def unanswered(self) -> list[str]:
        return [query for person, query in self.ledger.presses if person.answer(query) is None]

    def told(self, key: str) -> int:
        """How many presses were answered so."""
        answers = [person.answer(query) or {} for person, query in self.ledger.presses]
        return sum(answer.get("text") == words(key) for answer in answers)

    def verbs(self, *verbs: str) -> int:
        """How many transitions of these verbs the journals hold."""
        return sum(event["verb"] in verbs for event in self.tables["ticket_events"])

    # --- figures ---

    def recoveries(self) -> list[float]:
        """Seconds from each start to the first update handled by that process."""
        done = sorted(moment(row["done_at"]) for row in self.tables["inbox"])
        starts = [*self.service.started, datetime.max.replace(tzinfo=UTC)]
        found = []
        for start, end in itertools.pairwise(starts):
            first = next((at for at in done if start <= at < end), None)
            if first is not None:
                found.append((first - start).total_seconds())
        return found

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        groups: dict[Any, list[Row]] = defaultdict(list)
        for row in self.tables[table]:
            groups[row[column]].append(row)
        return groups


def fits(one: Sent, row: Row) -> bool:
    """Whether a request can have come from this row."""
    if row["kind"] == "say":
        said = str(json.loads(row["payload"])["text"])
        return one.call.method == "sendMessage" and one.words.endswith(said)
    if row["kind"] == "pin":
        return one.call.method == "sendLocation"
    if row["kind"] in ("card", "notice"):
        return one.call.method == "sendMessage"
    return True


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
