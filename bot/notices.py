"""Notices put into words: one sentence, the facts of the moment, and a button where something is to be decided."""

from datetime import datetime
from typing import Any

from bot.callbacks import Press
from bot.rich import lines, rich
from bot.screens import Button, Rows, Screen
from dispatch import wording
from dispatch.parcels import Parcel
from dispatch.texts import Phrases


def render(parcel: Parcel, now: datetime) -> Screen:
    """The screen of a notice in its reader's language."""
    phrases = Phrases(parcel.language, parcel.policy.zone, now)
    payload = parcel.job.payload
    key, facts = payload["key"], wording.notice_facts(parcel, phrases)
    text = rich(phrases.pieces(f"notice.{key}", **facts))
    if key == "nobody":
        return Screen(lines(text, *wording.excluded(phrases, facts["reasons"])))
    return Screen(text, _rows(key, payload.get("facts") or {}, phrases))


def _rows(key: str, facts: dict[str, Any], phrases: Phrases) -> Rows:
    if key != "join_request":
        return ()
    yes, no = (
        Button(phrases.say(f"button.{word}"), Press("jn", facts["invitation"], 0, word))
        for word in ("yes", "no")
    )
    return ((yes, no),)
