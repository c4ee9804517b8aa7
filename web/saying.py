"""What is said at the top of a page: what became of a press, by a code, or why it could not be. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from dispatch import closing
from dispatch.errors import Refusal
from dispatch.texts import Phrases
from dispatch.wording import word
from storage.records.ticket import Offered, Signing, State
from web.facts import Facts


@dataclass(frozen=True, slots=True)
class Tongue:
    """The reader's words: the sentence a page has of its own, where the one of a chat speaks of buttons and cards."""

    phrases: Phrases

    def __call__(self, key: str, **facts: Any) -> str:
        return self.phrases.say(key, **facts)

    def own(self, key: str, **facts: Any) -> str:
        """`page.key`, else the letter's `mail.key`, else `key`."""
        found = (f"{room}{key}" for room in ("page.", "mail.") if self.phrases.has(f"{room}{key}"))
        return self.phrases.say(next(found, key), **facts)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and whether it is good news."""

    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that is shown while it is true: a code in an address can be typed by anybody."""

    key: str
    true: Callable[[Facts], bool]
    good: bool = True


def _signed(facts: Facts) -> bool:
    signoff = facts.view.signoff
    return signoff is not None and signoff.status is Signing.CONFIRMED


def _disputed(facts: Facts) -> bool:
    signoff = facts.view.signoff
    return signoff is not None and signoff.status is Signing.DISPUTED


def _graded(facts: Facts) -> bool:
    return facts.view.rating is not None and facts.view.rating.grade is not None


def _bad(facts: Facts) -> bool:
    return facts.view.rating is not None and facts.view.rating.grade in closing.BAD


def _declined(facts: Facts) -> bool:
    return facts.offer is not None and facts.offer.status is Offered.DECLINED


def _working(facts: Facts) -> bool:
    return facts.mine and facts.ticket.open


def _completed(facts: Facts) -> bool:
    return facts.mine and facts.ticket.state is State.COMPLETED


SAYINGS: Mapping[str, Saying] = MappingProxyType(
    {
        "signed": Saying("answer.signed_you", _signed),
        "already_signed": Saying("refusal.already_signed", _signed),
        "disputed": Saying("disputed_thanks", _disputed),
        "rated": Saying("answer.rated_you", lambda facts: _graded(facts) and not _bad(facts)),
        "rated_bad": Saying("page.said.rated_bad", _bad),
        "commented": Saying("comment_thanks", _graded),
        "accepted": Saying("answer.accepted_you", lambda facts: facts.mine),
        "declined": Saying("answer.declined_you", _declined),
        "declined_nobody": Saying("answer.declined_nobody", _declined),
        "told": Saying("answer.customer_told", _working),
        "not_reached": Saying("answer.customer_not_reached", _working, good=False),
        "completed": Saying("page.said.completed", _completed),
    }
)


def outcome(facts: Facts, tongue: Tongue, code: str) -> Notice | None:
    """What a code says; nothing for one we do not know, or that is not (or no longer) true."""
    saying = SAYINGS.get(code)
    if saying is None or not saying.true(facts):
        return None
    hours = int(facts.policy.periods.return_call.total_seconds() // 3600)
    return Notice(saying.good, tongue(saying.key, number=facts.ticket.label, hours=hours))


def refused(tongue: Tongue, refusal: Refusal) -> Notice:
    """Why it could not be, with what the sentence needs."""
    facts = dict(refusal.facts)
    if "state" in facts:
        facts["state"] = word(tongue.phrases, ("state",), facts["state"])
    return Notice(False, tongue.own(f"refusal.{refusal.key}", **facts))


def speaking(tongue: Tongue, language: str) -> Tongue:
    """The same reader in another language."""
    return Tongue(replace(tongue.phrases, language=language))
