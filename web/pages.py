"""What stands on a page: the facts of a link in the reader's words, as rows, buttons and a template's name. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dispatch import closing
from dispatch.field import NO_PARTS
from dispatch.register import LANGUAGES
from dispatch.texts import Phrases
from dispatch.wording import next_step
from storage.records.mail import Purpose
from storage.records.ticket import RatingState, Signing, State, Work
from web import jobs
from web.facts import Facts
from web.rows import Row, dial, place, row, when
from web.saying import Notice, Tongue

HTML_LANG = {"en": "en", "zh": "zh-Hans"}
GRADES = (1, 2, 3, 4, 5)  # 1 excellent 优秀 … 5 dissatisfied 不满意 (P17.5)
SCAN = "entry "  # how the evidence of a signature on paper begins

# How far a report has come, in five steps a customer understands.
STEPS = ("reported", "engineer", "work", "done", "signed")
FAR: Mapping[State, int] = MappingProxyType(
    {
        State.DRAFT: -1,
        State.RECEIVED: 0,
        State.TRIAGED: 0,
        State.OFFERED: 0,
        State.ACCEPTED: 1,
        State.SCHEDULED: 1,
        State.IN_PROGRESS: 2,
        State.ON_HOLD: 2,
        State.COMPLETED: 3,
        State.CONFIRMED: 4,
        State.CLOSED: 4,
    }
)


@dataclass(frozen=True, slots=True)
class Page:
    """A template and everything it shows."""

    template: str
    context: dict[str, Any]


def tongue_of(facts: Facts, language: str) -> Tongue:
    return Tongue(Phrases(language, facts.policy.zone, facts.now))


def page(
    facts: Facts, language: str, notice: Notice | None = None, typed: Mapping[str, str] | None = None
) -> Page:
    """The page of a link. `typed` is what stood in a form that was refused, so that nobody writes twice."""
    tongue = tongue_of(facts, language)
    template, content = PAGES[facts.link.purpose](facts, tongue)
    shown = {
        **frame(tongue, language),
        "organisation": facts.policy.organisation,
        "number": facts.ticket.label,
        "phone": facts.policy.phone,
        "dial": dial(facts.policy.phone),
        "nonce": facts.nonce,
        "ticket_version": facts.ticket.version,
        "notice": notice,
        "typed": typed or {},
        "as_of": tongue("page.as_of", at=facts.now),
        **content,
    }
    return Page(template, shown)


def frame(tongue: Tongue, language: str) -> dict[str, Any]:
    """What every page has, also one without a ticket."""
    return {
        "t": tongue,
        "lang": HTML_LANG[language],
        "organisation": "",
        "number": "",
        "phone": "",
        "dial": "",
        "as_of": "",
        "notice": None,
        "others": [(other, HTML_LANG[other]) for other in LANGUAGES if other != language],
    }


def sorry(what: str, language: str) -> Page:
    """A page for what cannot be shown: it tells nothing but that, and what helps."""
    tongue = Tongue(
        Phrases(language, ZoneInfo("UTC"), datetime.min.replace(tzinfo=UTC))
    )  # it names no moment
    words = {"head": tongue(f"page.sorry.{what}"), "help": tongue(f"page.help.{what}")}
    return Page("sorry.html", {**frame(tongue, language), **words, "title": words["head"]})


# --- the customer ------------------------------------------------------------------------------------------------


def status(facts: Facts, t: Tongue) -> tuple[str, dict[str, Any]]:
    """Where it stands, who comes when, what happens next and by when."""
    ticket, view = facts.ticket, facts.view
    rows = [
        row(t("page.row.engineer"), view.owner.name) if view.owner else None,
        row(t("page.row.eta"), when(t, ticket.eta_at)) if ticket.eta_at else None,
        row(t("page.row.appointment"), when(t, ticket.appointment_at)) if ticket.appointment_at else None,
        row(t("page.row.about"), view.about.label) if view.about else None,
        row(t("page.row.problem"), ticket.problem),
        place(t, ticket),
        row(t("page.row.files"), str(view.files)) if view.files else None,
        row(t("page.row.bad_files"), str(view.bad_files)) if view.bad_files else None,
    ]
    content = {
        "title": t("page.title.status"),
        "head": state(facts, t),
        "next": next_words(facts, t),
        "steps": steps(facts, t),
        "rows": [found for found in rows if found],
        "open": ticket.open,
    }
    return "status.html", content


def state(facts: Facts, t: Tongue) -> str:
    ticket = facts.ticket
    said = t.own(f"state.{ticket.state}")
    return f"{said} · {t(f'detail.{ticket.detail}')}" if ticket.detail else said


def next_words(facts: Facts, t: Tongue) -> str:
    """What happens next; with the moment by which, where there is one."""
    ticket, view = facts.ticket, facts.view
    key, said = next_step(view, facts.policy, t.phrases)
    until = ticket.completed_at and ticket.completed_at + facts.policy.periods.signoff_auto
    if view.duplicate_of:
        key = "duplicate"
    elif ticket.eta_at and key in {State.ACCEPTED, Work.EN_ROUTE}:
        key = f"{key}_at"
    elif ticket.state is State.COMPLETED and until and not ticket.urgent:
        key = "completed_until"
    return t.own(f"next.{key}", **{**said, "until": until})


def steps(facts: Facts, t: Tongue) -> list[tuple[str, str]]:
    """(word, past | now | later) of each step; none for what was cancelled or never sent."""
    far = FAR.get(facts.ticket.state, -1)
    if far < 0:
        return []
    over = far == len(STEPS) - 1
    return [
        (t(f"page.step.{name}"), "past" if at < far or over else "now" if at == far else "later")
        for at, name in enumerate(STEPS)
    ]


def sign(facts: Facts, t: Tongue) -> tuple[str, dict[str, Any]]:
    """The report to be signed, or what became of it; of an older report only that there is a newer one."""
    view, ticket = facts.view, facts.ticket
    report, signed, rating = view.report, view.signoff, view.rating
    title = t("page.title.report")
    if report is None or signed is None or report.id != facts.link.subject_id:
        return "sign.html", {"title": title, "head": t("page.outdated.head"), "what": "outdated", "rows": ()}
    asked = signed.status is Signing.REQUESTED and ticket.state is State.COMPLETED
    ended = {Signing.CONFIRMED, Signing.AUTO_CONFIRMED}
    can_rate = signed.status in ended and rating is not None and rating.status is not RatingState.EXPIRED
    content = {
        "title": title,
        "head": t("page.sign.head") if asked else title,
        "what": "asked" if asked else "answered",
        "ending": "" if asked else ending(facts, t),
        "silence": silence(facts, t),
        "can_rate": can_rate,
        "graded": rating is not None and rating.grade is not None,
        "version": report.version,
        "rows": told(report.body, t),
    }
    return "sign.html", content


def told(body: Mapping[str, Any], t: Tongue) -> list[Row]:
    """The report as it was frozen: what was found and done, how, with which parts, when, by whom (P17)."""
    parts = [t("none") if part == NO_PARTS else part for part in body["parts"]]
    rows = [
        row(t("page.row.problem"), body["problem"]),
        row(t("page.row.cause"), body["cause"]),
        row(t("page.row.action"), body["action"]),
        row(t("page.row.mode"), t(f"mode.{body['mode']}")),
        row(t("page.row.parts"), t("list.comma").join(parts)),
        *(
            row(t("page.row.visit"), f"{_at(t, visit['arrived'])} – {_at(t, visit['left'])}")
            for visit in body["visits"]
        ),
        row(t("page.row.engineer"), body["engineer"]),
        row(t("page.row.files"), str(len(body["photos"]))) if body["photos"] else None,
    ]
    return [found for found in rows if found]


def _at(t: Tongue, moment: str | None) -> str:
    return when(t, datetime.fromisoformat(moment)) if moment else "—"


def silence(facts: Facts, t: Tongue) -> str:
    """What no answer will mean: never a signature when it was urgent (T8)."""
    ticket = facts.ticket
    if ticket.urgent or ticket.completed_at is None:
        return t("page.sign.silence")
    return t("page.sign.until", at=ticket.completed_at + facts.policy.periods.signoff_auto)


def ending(facts: Facts, t: Tongue) -> str:
    """What became of the report."""
    signed = facts.view.signoff
    if signed is None or signed.status in {Signing.REQUESTED, Signing.CANCELLED}:
        return t("refusal.not_now", state=t(f"state.{facts.ticket.state}"))
    if signed.status is Signing.DISPUTED:
        return t("signoff.disputed", reason=signed.reason or "")
    done = "signoff.auto" if signed.status is Signing.AUTO_CONFIRMED else "signoff.done"
    if (signed.evidence or "").startswith(SCAN):
        done = "signoff.scan"
    return t.own(done, at=signed.answered_at)


def rate(facts: Facts, t: Tongue) -> tuple[str, dict[str, Any]]:
    """Five grades to choose from, or the one that was given; changeable for a while."""
    rating = facts.view.rating
    title = t("page.title.rate")
    over = rating is None or rating.id != facts.link.subject_id or rating.status is RatingState.EXPIRED
    if rating is None or over:
        return "rate.html", {"title": title, "head": t("page.rate.over"), "what": "over"}
    closed = facts.ticket.state is State.CLOSED
    until = rating.given_at + facts.policy.periods.rating_change if closed and rating.given_at else None
    waiting = rating.grade is None
    if waiting and facts.ticket.state is not State.CONFIRMED:
        return "rate.html", {"title": title, "head": t("page.rate.over"), "what": "over"}
    bad = rating.grade in closing.BAD
    content = {
        "title": title,
        "head": t("page.rate.head") if waiting else t("page.rate.sorry" if bad else "page.rate.thanks"),
        "what": "waiting" if waiting else "given",
        "grades": [(grade, grade_word(t, grade)) for grade in GRADES],
        "grade": rating.grade,
        "word": grade_word(t, rating.grade) if rating.grade else "",
        "comment": rating.comment or "",
        "bad": bad,
        "until": t("page.rate.until", at=until) if until and facts.now <= until else "",
        "engineer": facts.view.report.body["engineer"] if facts.view.report else "",
        "action": facts.view.report.body["action"] if facts.view.report else "",
    }
    return "rate.html", content


def grade_word(t: Tongue, grade: int) -> str:
    """The word of a grade without its number, which stands beside it."""
    return t(f"grade.{grade}").partition(" ")[2]


PAGES: Mapping[Purpose, Callable[[Facts, Tongue], tuple[str, dict[str, Any]]]] = MappingProxyType(
    {Purpose.STATUS: status, Purpose.SIGN: sign, Purpose.RATE: rate, Purpose.JOB: jobs.job}
)
