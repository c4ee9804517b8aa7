"""Who gets the job: filters first, then load, then who waited longest; the rule is pure."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.rules.eligibility import Engineer, choose
from storage.records.people import Person, Role
from storage.records.ticket import Offered

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def engineer(number, jobs=0, *, on_duty=True, reachable=True, answered=None, offered=None):
    roles = frozenset({Role.ENGINEER})
    person = Person(number, f"engineer {number}", "en", None, on_duty, offered, NOON, roles)
    return Engineer(person, jobs, reachable, answered)


def ids(choice):
    return [candidate.engineer.person.id for candidate in choice.ranked]


def test_the_least_loaded_is_first():
    """P6.2"""
    assert ids(choose((engineer(1, 3), engineer(2, 1), engineer(3, 2)))) == [2, 3, 1]


def test_ties_go_to_whoever_was_asked_least_recently_then_to_the_lower_id():
    early, late = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
    crew = (engineer(4), engineer(1, offered=late), engineer(2, offered=early), engineer(3))
    assert ids(choose(crew)) == [3, 4, 2, 1]


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ({"on_duty": False}, "off_duty"),
        ({"reachable": False}, "unreachable"),
        ({"answered": Offered.DECLINED}, "has_declined"),
        ({"answered": Offered.EXPIRED}, "let_expire"),
        ({"answered": Offered.HANDED_BACK}, "handed_back"),
        ({"answered": Offered.OFFERED}, "has_offer"),
    ],
)
def test_whoever_is_out_is_named_with_the_reason(out, why):
    choice = choose((engineer(1, **out), engineer(2, 9)))
    assert ids(choice) == [2]
    assert [(e.person.id, reason) for e, reason in choice.excluded] == [(1, why)]


@pytest.mark.parametrize("status", [Offered.LEFT, Offered.WITHDRAWN, Offered.SUPERSEDED])
def test_whoever_lost_it_without_his_doing_may_have_it_again(status):
    assert ids(choose((engineer(1, answered=status),))) == [1]


def test_the_order_of_the_crew_does_not_matter():
    crew = [engineer(number, number % 3) for number in range(1, 8)]
    assert ids(choose(tuple(crew))) == ids(choose(tuple(reversed(crew))))
