"""What is left after the storm, asked as questions: was anything lost, done twice, out of order, sent unmarked?"""

import contextlib
import itertools
import json
import sqlite3
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from crash_sends import Sent, sends
from crash_service import Callout, Ledger
from crash_words import words

Row = sqlite3.Row
T = TypeVar("T", int, float)


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
        return sends(self.service.sim.calls, self.tables["outbox"])

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

    def doubled_in_life(self) -> dict[int, set[int]]:
        """Life of the service (from 0) → the outbox rows it sent without living to write it down."""
        starts = [start.timestamp() for start in self.service.started]
        lives: dict[int, set[int]] = defaultdict(set)
        for one in self.doubles():
            if one.row is not None:
                lives[bisect_right(starts, one.call.at) - 1].add(one.row["id"])
        return lives

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
                if words("again") not in one.words
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

    def figures(self) -> str:
        """The storm in a few lines."""
        doubles = sum(len(rows) for rows in self.doubled_in_life().values())
        verbs = Counter(event["verb"] for event in self.tables["ticket_events"])
        marks = Counter(row["ambiguous"] > 0 for row in self.tables["outbox"])
        waiting = sorted(sum(vars(backlog).values()) for backlog in self.service.killed)
        lines = (
            f"{len(self.ledger)} updates, {len(self.ledger.presses)} presses, {len(self.service.killed)} kills",
            f"waiting at the kill: p50 {middle(waiting)}, most {waiting[-1]}",
            f"handed out again by Telegram: {self.service.sim.delivered - len(self.ledger)}",
            f"messages sent: {len(self.tables['outbox'])}, in doubt {marks[True]}, really doubled {doubles}",
            f"recovery to the first update: p50 {middle(self.recoveries()):.1f} s, "
            f"p95 {middle(self.recoveries(), 0.95):.1f} s",
            f"press to answer, kills included: p50 {middle(self.patience()):.1f} s, "
            f"p95 {middle(self.patience(), 0.95):.1f} s",
            f"transitions: {dict(verbs)}",
        )
        return "\n" + "\n".join(lines)

    def patience(self) -> list[float]:
        """Seconds between a press that reached us and the answer that was delivered."""
        came = {}
        for row in self.tables["inbox"]:
            press = json.loads(row["raw"]).get("callback_query")
            if press:
                came[f"answer:{press['id']}"] = moment(row["received_at"])
        return [
            (moment(row["settled_at"]) - came[row["key"]]).total_seconds()
            for row in self.tables["outbox"]
            if row["key"] in came and row["settled_at"]
        ]

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


def middle(values: Iterable[T], share: float = 0.5) -> T:
    """The value that `share` of them do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
