"""Which question comes next, and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import COMPLETE, REPORT, SUMMARY, Progress, complete_order, phone_number, step

moves = st.lists(st.one_of(st.sampled_from(REPORT), st.just("back")), max_size=20)


def test_the_report_asks_in_order_and_ends_with_the_summary():
    progress, asked = Progress(), []
    while (now := step(progress, REPORT)) != SUMMARY:
        asked.append(now)
        progress = progress.answer(now)
    assert tuple(asked) == REPORT
    assert step(progress.back(), REPORT) == REPORT[-1]
    assert step(progress.reopen("place"), REPORT) == "place"
    assert step(progress.reopen("place").answer("place"), REPORT) == SUMMARY


@given(moves)
def test_any_way_through_it_survives_being_stored(way):
    progress = Progress()
    for move in way:
        progress = progress.back() if move == "back" else progress.answer(move, move)
        assert Progress.of(progress.state) == Progress(progress.answered, progress.said or {})
        assert len(set(progress.answered)) == len(progress.answered)
        now = step(progress, REPORT)
        assert now == SUMMARY if set(REPORT) <= set(progress.answered) else now not in progress.answered


def test_the_arrival_is_asked_only_of_somebody_who_was_there_unannounced():
    assert complete_order(on_site=True, arrived=False) == COMPLETE
    for on_site, arrived in ((True, True), (False, False), (False, True)):
        assert "arrived" not in complete_order(on_site=on_site, arrived=arrived)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+49 (30) 123-456", "+49 (30) 123-456"),
        (" 13800138000 ", "13800138000"),
        ("030/12345", "030/12345"),
        ("1234", None),
        ("call me", None),
        ("+49 30 12345 or mobile", None),
        ("1" * 21, None),
        ("12345" + "-" * 36, None),
        ("", None),
    ],
)
def test_a_telephone_number_as_people_type_it(typed, kept):
    assert phone_number(typed) == kept
