"""Buttons that are forged, foreign, old, or pressed a hundred times: at most one of them does anything (S15)."""

import random
from collections.abc import Iterator
from dataclasses import replace

from access_place import (
    ARGS,
    KEY,
    STAGES,
    Place,
    accepted,
    complained,
    completed,
    offered,
    presses,
    shown,
    working,
)

from bot.actions import ACTIONS
from bot.callbacks import LIMIT, Press, base36, key_of, pack, unpack
from bot.presses import SPECIAL


def mutations(data: str, chance: random.Random) -> Iterator[str]:
    """Valid data turned into something else: a character changed, dropped, doubled, swapped, cut, or added."""
    letters = "abcxyz0189.-_~ABZé\u200b\ud800\x00ß中"
    while True:
        spot, letter = chance.randrange(len(data)), chance.choice(letters)
        other = chance.randrange(len(data))
        yield chance.choice(
            (
                data[:spot] + letter + data[spot + 1 :],
                data[:spot] + data[spot + 1 :],
                data[:spot] + letter + data[spot:],
                data[:spot],
                data[spot:] + data[:spot],
                data[: min(spot, other)] + data[max(spot, other) :],
                data.swapcase(),
                data + letter,
                "." + data,
                data * 2,
            )
        )


def test_of_ten_thousand_forged_buttons_not_one_is_believed() -> None:
    chance = random.Random(1)
    valid = [
        pack(KEY, "101", Press(action, chance.randrange(10**6), chance.randrange(10**4), chance.choice(ARGS)))
        for action in (*ACTIONS, *SPECIAL)
    ]
    forged = [next(mutations(chance.choice(valid), chance)) for _ in range(10_000)]
    forged = [data for data in forged if data not in valid]
    assert len(forged) > 9_000
    assert [data for data in forged if unpack(KEY, "101", data) is not None] == []
    foreign = [data for data in valid if unpack(KEY, "102", data) or unpack(key_of("2:token"), "101", data)]
    assert foreign == []
    assert all(unpack(KEY, "101", data) for data in valid)


def test_forged_buttons_are_answered_and_change_nothing(place: Place) -> None:
    ticket = offered(place)
    offer = place.unit().tickets.offers(ticket.id)[-1]
    chance, before = random.Random(2), place.dump()
    source = mutations(pack(KEY, "201", Press("ac", ticket.id, offer.id)), chance)
    for number in range(300):
        data = next(source)
        if unpack(KEY, "201", data) is None:
            outcome = place.came("ana", "press", query=f"forged{number}", data=data)
            assert outcome == "rejected: forged or foreign callback data"
            assert place.unit().outbox.by_key(f"answer:forged{number}"), "every press is answered"
    assert place.dump() == before


def test_a_button_of_somebody_elses_chat_is_worth_nothing_in_mine(place: Place) -> None:
    ticket = completed(place)
    report = place.unit().tickets.last_report(ticket.id)
    assert report is not None
    before = place.dump()
    meis = pack(KEY, "101", Press("ok", ticket.id, report.id))
    for name in ("nora", "bo", "ana", "otto"):
        assert place.came(name, "press", query=f"copied by {name}", data=meis).startswith("rejected")
    assert place.dump() == before
    assert place.press("mei", Press("ok", ticket.id, report.id)) == "pressed: ok"


def test_an_old_button_of_a_card_changes_nothing(place: Place) -> None:
    """Bound to the version it showed: what has moved on since is refreshed, not done."""
    ticket = accepted(place)
    before = place.dump()
    versioned = [press for press in presses(place, ticket) if ACTIONS[press.action].bound == "version"]
    assert versioned
    for press in versioned:
        for name in ("ana", "otto", "mei"):
            outcome = place.press(name, replace(press, bound=ticket.version - 1))
            assert outcome.startswith("refused"), press
    assert place.dump() == before


def test_a_hundred_presses_of_one_button_have_one_effect(place: Place) -> None:
    ticket = working(place)
    outcomes = [place.press("ana", Press("ho", ticket.id, ticket.version, "no_access")) for _ in range(100)]
    assert outcomes.count("pressed: ho") == 1
    assert set(outcomes[1:]) == {"refused: outdated"}
    assert place.unit().tickets.get(ticket.id).version == ticket.version + 1


def test_data_fits_into_64_bytes_however_many_tickets_there_are(place: Place) -> None:
    """Every button of every card on every page, with the largest numbers a database can hold."""
    found: set[tuple[str, str]] = set()
    for stage in (*STAGES, complained):
        with place.tried():
            found |= {(press.action, press.arg) for press in shown(place, stage(place))}
    assert {action for action, _ in found} >= set(ACTIONS) - {"du"}, "the cards no longer show every action"
    most = 2**63 - 1
    found |= {(action, base36(most)) for action in ("gi", "ri", "du")} | {("d", f"site-{base36(most)}")}
    longest = max(len(pack(KEY, "-1001234567890123", Press(a, most, most, arg)).encode()) for a, arg in found)
    print(f"{len(found)} buttons, the longest has {longest} bytes")
    assert longest <= LIMIT
