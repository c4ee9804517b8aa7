"""Notices and answers as letters: one sentence, and how to answer where something is to be decided."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dispatch.wording import VOCABULARIES, excluded, notice_facts, ticket_facts, word
from intake.prose import GAP, Block, row
from intake.sheet import Sheet, Words
from intake.wording_cards import how_to_rate, how_to_sign
from storage.records.ticket import Kind

Further = Callable[[Sheet], list[Block]]


def notice(sheet: Sheet) -> Words:
    """The sentence of a notice in its reader's language, its moments with their day."""
    key = sheet.parcel.job.payload["key"]
    facts = notice_facts(sheet.parcel, sheet.phrases)
    more = FURTHER.get(key, _nothing)(sheet)
    if key == "nobody":
        more = [row(line) for line in excluded(sheet.phrases, facts["reasons"])]
    elif not more and sheet.to_customer and sheet.parcel.view is not None:
        more = [GAP, sheet.rich("mail.reply")]
    return sheet.letter(_subject(sheet, key), sheet.rich(sheet.own(f"notice.{key}"), **facts), *more)


def _subject(sheet: Sheet, key: str) -> str:
    """Letters about one report share a subject, so that mail clients keep them together; questions have their own."""
    if key in SUBJECTS:
        return sheet.subject(SUBJECTS[key])
    if sheet.parcel.view is None:
        return sheet.subject("mail.subject.plain", organisation=sheet.policy.organisation)
    if sheet.to_customer:
        complaint = sheet.ticket.kind is Kind.COMPLAINT
        return sheet.subject("mail.subject.complaint" if complaint else "mail.subject.report")
    return sheet.subject("mail.subject.job" if sheet.to_engineer else "mail.subject.office")


def _nothing(_sheet: Sheet) -> list[Block]:
    return []


def _sign(sheet: Sheet) -> list[Block]:
    return [GAP, *how_to_sign(sheet)]


def _rate(sheet: Sheet) -> list[Block]:
    return [GAP, *how_to_rate(sheet)]


def _answer_offer(sheet: Sheet) -> list[Block]:
    return [GAP, sheet.rich("mail.job.reply")]


def _reopen(sheet: Sheet) -> list[Block]:
    return [GAP, sheet.rich("mail.reopen.reply")]


FURTHER: Mapping[str, Further] = MappingProxyType(
    {"signoff_waits": _sign, "rating_waits": _rate, "offer_waits": _answer_offer, "auto_signed": _reopen}
)
SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "signoff_waits": "mail.subject.sign",
        "rating_waits": "mail.subject.rate",
        "offer_waits": "mail.subject.waits",
    }
)


# --- answers of the gateway --------------------------------------------------------------------------------------


def say(sheet: Sheet) -> Words:
    """What is said back to a mail: a sentence of the phrase book with its facts, or words that are ready."""
    payload = sheet.parcel.job.payload
    view = sheet.parcel.view
    if "key" in payload:
        facts = {**ticket_facts(view, sheet.phrases), **_shown(sheet, payload.get("facts") or {})}
        said = sheet.rich(sheet.own(payload["key"]), **facts)
    else:
        said = row(str(payload["text"]))
    if view is None:
        return sheet.letter(sheet.subject("mail.subject.plain", organisation=sheet.policy.organisation), said)
    return sheet.letter(_subject(sheet, ""), said)


def _shown(sheet: Sheet, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a reader may see them: the outbox keeps moments as text, and words of ours as their keys."""
    shown: dict[str, Any] = {}
    for name, value in facts.items():
        if name in VOCABULARIES:
            shown[name] = word(sheet.phrases, VOCABULARIES[name], value)
        elif name in MOMENTS and isinstance(value, str):
            shown[name] = _moment(value)
        else:
            shown[name] = value
    return shown


MOMENTS = {"at", "by", "eta", "due", "appointment"}


def _moment(value: str) -> datetime | str:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return found if found.tzinfo else value
