"""The service report in the customer's chat: first to be signed, then to be rated, then with thanks."""

from datetime import datetime

from bot.card_parts import Face
from bot.rich import Rich, lines, shorten
from bot.screens import Button, Rows, Screen
from dispatch.field import NO_PARTS
from storage.records.ticket import RatingState, Signing, State

GRADES = (1, 2, 3, 4, 5)  # 1 excellent 优秀 … 5 dissatisfied 不满意; none is preset (P17.5)


def signoff(look: Face) -> Screen:
    """The card of one report; an older report than the last one is only history."""
    report = look.view.report
    if report is None or report.id != look.subject_id:
        return Screen(look.rich("signoff.outdated"))
    return Screen(lines(body(look), "", _ending(look)), _rows(look))


def body(look: Face) -> Rich:
    """What was found and done, parts, times, engineer, photos."""
    report = look.view.report
    if report is None:
        return Rich()
    told = report.body
    visits = [
        look.rich("report.visit", arrived=_at(look, visit["arrived"]), left=_at(look, visit["left"]))
        for visit in told["visits"]
    ]
    return lines(
        look.rich("report.head", number=look.ticket.label, version=report.version),
        look.rich("report.cause", text=shorten(told["cause"], 1400)),
        look.rich("report.action", text=shorten(told["action"], 1400)),
        look.rich("report.mode", word=look.text(f"mode.{told['mode']}")),
        look.rich("report.parts", text=shorten(", ".join(_parts(look, told["parts"])), 400)),
        *visits,
        look.rich("report.engineer", name=told["engineer"]),
        look.rich("report.photos", n=len(told["photos"])) if told["photos"] else None,
    )


def _parts(look: Face, parts: list[str]) -> list[str]:
    return [look.text("none") if part == NO_PARTS else part for part in parts]


def _at(look: Face, moment: str | None) -> str:
    return look.phrases.moment(datetime.fromisoformat(moment)) if moment else "—"


def _ending(look: Face) -> Rich:
    signed, rating = look.view.signoff, look.view.rating
    if signed is None or signed.status is Signing.REQUESTED:
        return _question(look)
    if signed.status is Signing.DISPUTED:
        return look.rich("signoff.disputed", reason=shorten(signed.reason or "", 300))
    done = "signoff.auto" if signed.status is Signing.AUTO_CONFIRMED else "signoff.done"
    if (signed.evidence or "").startswith("entry "):
        done = "signoff.scan"
    thanks = look.rich(done, at=signed.answered_at)
    if look.ticket.state not in {State.CONFIRMED, State.CLOSED} or rating is None:
        return thanks
    if rating.status is RatingState.GIVEN and rating.grade:
        return lines(
            thanks,
            look.rich("rating.given", grade=look.text(f"grade.{rating.grade}")),
            look.rich("rating.comment", text=shorten(rating.comment, 300)) if rating.comment else None,
        )
    return lines(thanks, look.rich(f"rating.{rating.status}"))


def _question(look: Face) -> Rich:
    """Does it work? And what silence will mean: never a signature when it was urgent (T8)."""
    ticket = look.ticket
    if ticket.urgent or ticket.completed_at is None:
        return look.rich("signoff.ask")
    return look.rich("signoff.ask_until", at=ticket.completed_at + look.policy.periods.signoff_auto)


def _rows(look: Face) -> Rows:
    report, signed, rating = look.view.report, look.view.signoff, look.view.rating
    if report is None or signed is None:
        return ()
    if signed.status is Signing.REQUESTED and look.ticket.state is State.COMPLETED:
        return (
            (look.button("button.confirm", "ok", bound=report.id),),
            (look.button("button.not_fixed", "nf", bound=report.id),),
        )
    if (
        rating is None
        or rating.status is RatingState.EXPIRED
        or look.ticket.state
        not in {
            State.CONFIRMED,
            State.CLOSED,
        }
    ):
        return ()
    grades = tuple((look.button(f"grade.{grade}", "rt", str(grade), bound=rating.id),) for grade in GRADES)
    if rating.status is RatingState.REQUESTED:
        return grades
    changeable = rating.given_at and look.phrases.now - rating.given_at <= look.policy.periods.rating_change
    if look.panel == "grades" and changeable:
        return grades
    more: tuple[Button, ...] = (look.button("button.comment", "co"),)
    return (more, (look.turn_to("button.change_grade", "grades"),)) if changeable else (more,)
