"""Telegram's limits hold in every window of time, whatever is sent when (Bot API FAQ)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.limits import Limits

CHATS = ("1", "2", "-100", "-200")

waits = st.lists(
    st.tuples(st.sampled_from([*CHATS, None]), st.floats(0, 3, allow_nan=False)), min_size=1, max_size=150
)


def sent(asked) -> list[tuple[float, str | None]]:
    """When each went out, if everybody waits as told."""
    limits, now, out = Limits(), 0.0, []
    for chat, pause in asked:
        now += pause
        while wait := limits.wait(now, chat, group=bool(chat and chat.startswith("-"))):
            now += wait
        out.append((now, chat))
    return out


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of moments in any half-open window."""
    return max((sum(begin <= t < begin + seconds - 1e-6 for t in times) for begin in times), default=0)


@settings(max_examples=150, deadline=None)
@given(waits)
def test_never_more_than_30_a_second_one_a_second_to_a_chat_and_20_a_minute_to_a_group(asked):
    out = sent(asked)
    assert most_within([t for t, _ in out], 1.0) <= 30
    for chat in CHATS:
        mine = [t for t, to in out if to == chat]
        assert most_within(mine, 1.0) <= 1
        if chat.startswith("-"):
            assert most_within(mine, 60.0) <= 20


def test_a_burst_of_edits_is_held_to_30_a_second():
    out = sent([(None, 0.0)] * 61)
    assert [round(t) for t, _ in out[::30]] == [0, 1, 2]


def test_asking_books_nothing_until_the_place_is_free():
    limits = Limits(per_second=1, per_chat=5)
    assert limits.wait(0.0, "1") == 0
    assert [limits.wait(0.5, "1") for _ in range(3)] == [4.5] * 3
    assert limits.wait(0.5, None) == 0.5
    assert limits.wait(5.0, "1") == 0
