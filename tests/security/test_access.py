"""Who may touch what: every button and every command there is, pressed and typed by those it is not for (S6)."""

from collections.abc import Callable

import pytest
from access_place import ARGS, SECRET, STAGES, Place, accepted, complained, offered, presses, received

from bot.actions import ACTIONS
from bot.callbacks import Press, base36
from bot.commands import COMMANDS
from bot.presses import SPECIAL
from dispatch import correspondence, desk
from dispatch.letters import Letter
from storage.records.people import Role
from storage.records.ticket import Ticket

# --- buttons -----------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_no_button_of_meis_ticket_works_for_a_stranger_or_an_engineer_who_was_not_asked(
    place: Place, stage: Callable[[Place], Ticket]
) -> None:
    ticket = stage(place)
    before = place.dump()
    heard = {name: place.said_to(name) for name in ("nora", "bo")}
    tried = 0
    for press in presses(place, ticket):
        for name, chat in (("nora", None), ("bo", None), ("nora", "-500")):
            outcome = place.press(name, press, chat)
            assert outcome.startswith(("refused", "rejected")), f"{name} pressed {press}: {outcome}"
            tried += 1
    assert place.dump() == before
    for name, already in heard.items():
        new = place.said_to(name).removeprefix(already[:-1])
        assert SECRET not in new and "Mei" not in new and "555000" not in new
    print(f"{tried} presses refused")


def test_every_button_works_for_somebody(place: Place) -> None:
    """Otherwise the matrix above would be blind."""
    works: set[str] = set()
    for stage in (*STAGES, complained):
        with place.tried():
            ticket = stage(place)
            for press in presses(place, ticket):
                if press.action in works or (press.arg == "5" and press.action not in {"rt"}):
                    continue
                for name in ("mei", "ana", "otto"):
                    with place.tried():
                        if place.press(name, press).startswith("pressed"):
                            works.add(press.action)
    # Merging needs a second ticket: it is told below.
    assert set(ACTIONS) - works == {"du"}


def test_a_duplicate_is_merged_by_the_office_only(place: Place) -> None:
    ticket = accepted(place)
    other = desk.open_draft(place.unit(), place.people["mei"], "telegram", "2")
    desk.describe(place.unit(), other.id, place.people["mei"], problem="Again", place="12 Harbour Street")
    other = desk.submit(place.unit(), other.id, place.people["mei"])
    press = Press("du", other.id, other.version, base36(ticket.id))
    for name in ("nora", "bo", "ana", "mei"):
        assert place.press(name, press).startswith("refused")
    assert place.press("otto", press) == "pressed: du"


def test_the_buttons_that_belong_to_no_ticket_change_nothing_for_others(place: Place) -> None:
    """A line per special button: a new one needs its own."""
    received(place)
    unit = place.unit()
    mei, nora = place.people["mei"], place.people["nora"]
    waiting = unit.messages.by_outside("telegram", "101", "8")
    talk = unit.plans.begin("telegram", "101", mei.id, "comment", 1, {})
    assert waiting is not None
    whole = Letter("mail", "mei@example.org", "m1", "mail", "short", data={"full": SECRET})
    long, _ = correspondence.keep(unit, whole, mei, 1)
    foreign: dict[str, tuple[Press, ...]] = {
        "d": tuple(Press("d", talk.id, talk.step, arg) for arg in ARGS),
        "to": (Press("to", 1, waiting.id), Press("to", 0, waiting.id), Press("to", 99, 99)),
        "jn": (Press("jn", 1, 0, "yes"), Press("jn", 1, 0, "no"), Press("jn", 9, 0, "yes")),
        "la": (),  # changes the presser's own language only
        "nw": (),  # opens the presser's own report only
        "wm": (Press("wm", waiting.id), Press("wm", long.id), Press("wm", 99)),
    }
    assert set(foreign) == set(SPECIAL), "say what a stranger may do with the new button"
    before = place.dump()
    for presses_ in foreign.values():
        for press in presses_:
            for name in ("nora", "bo"):
                place.press(name, press)
                assert place.dump() == before, f"{name} pressed {press}"
    own, _ = correspondence.keep(unit, Letter("telegram", "401", "9", "text", "mine"), nora, None)
    before = place.dump()
    assert place.press("nora", Press("to", 1, own.id)) == "refused: not_yours"
    assert place.dump() == before


# --- commands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_no_command_tells_a_stranger_anything_of_meis_ticket(
    place: Place, stage: Callable[[Place], Ticket]
) -> None:
    ticket = stage(place)
    number = ticket.number or "T-000000"
    arguments = ("", number, number.removeprefix("T-"), f"#{number.lower()}", "engineer Nora", "zh", "CODE")
    own = {"language", "new", "start", "cancel", "on", "off"}  # what changes the caller's own things
    events = place.unit().tickets.journal(ticket.id)
    for name in ("nora", "bo"):
        for command in COMMANDS:
            for argument in arguments:
                with place.tried():
                    before, heard = place.dump(), place.said_to(name)
                    place.type(name, command, argument)
                    new = place.said_to(name).removeprefix(heard[:-1])
                    for secret in (SECRET, "Mei", "Harbour"):
                        assert secret not in new, f"{name}: /{command} {argument}"
                    assert command in own or place.dump() == before, f"{name}: /{command} {argument}"
                    assert place.unit().tickets.journal(ticket.id) == events


def test_a_number_that_is_not_there_and_one_that_is_not_hers_sound_the_same(place: Place) -> None:
    ticket = received(place)
    answers = []
    for number in (ticket.number, "T-999999"):
        with place.tried():
            before = place.said_to("nora")
            assert place.type("nora", "status", number or "") == "refused: no_such_ticket"
            answers.append(place.said_to("nora").removeprefix(before[:-1]).replace(number or "", "T-…"))
    assert answers[0] == answers[1]


def test_who_was_dismissed_can_no_longer_take_the_job_he_was_offered(place: Place) -> None:
    ticket = offered(place)
    place.unit().people.revoke(place.people["ana"], Role.ENGINEER)
    before = place.dump()
    for press in presses(place, ticket):
        assert place.press("ana", press).startswith(("refused", "rejected")), press
    assert place.dump() == before
