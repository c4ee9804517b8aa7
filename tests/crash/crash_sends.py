"""Which outbox row made which message: by the id it was told, or, where its sender died, by what was in doubt."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.telegram.records import Call

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


def sends(calls: Iterable[Call], outbox: list[Row]) -> dict[str, list[Sent]]:
    """Requests that made messages, chat by chat in order. `row` is None where nothing in the archive explains one."""
    rows = [row for row in outbox if row["kind"] in MAKES_MESSAGES]
    maker: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row["outside_id"]:
            maker.setdefault((row["address"], row["outside_id"]), row)
    chats: dict[str, list[Sent]] = defaultdict(list)
    for call in calls:
        if call.method in SENDS and call.effect_message_id:
            chat = str(call.params["chat_id"])
            row = maker.get((chat, str(call.effect_message_id)))
            chats[chat].append(Sent(call, row, row is not None))
    for chat, sent in chats.items():
        explain(sent, [row for row in rows if row["address"] == chat])
    return chats


def explain(sent: list[Sent], rows: list[Row]) -> None:
    """Sends no row knows of belong to a row in doubt: the next one of this chat, as often as it was in doubt."""
    doubts = {row["id"]: row["ambiguous"] for row in rows}
    for at, one in enumerate(sent):
        if one.recorded:
            continue
        before = sent[at - 1] if at else None
        if before is not None and is_place_of(before, one):
            one.row, one.recorded = before.row, before.recorded
            continue
        first = before.row["id"] if before is not None and before.row is not None else 0
        last = next((later.row["id"] for later in sent[at + 1 :] if later.row is not None), None)
        for row in rows:
            near = first <= row["id"] and (last is None or row["id"] <= last)
            if near and doubts[row["id"]] and fits(one, row):
                doubts[row["id"]] -= 1
                one.row = row
                break


def is_place_of(before: Sent, one: Sent) -> bool:
    """A place that is passed on goes in two messages, and only the first is written down."""
    relayed = before.row is not None and before.row["kind"] == "relay"
    return relayed and before.call.method == "sendMessage" and one.call.method == "sendLocation"


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
