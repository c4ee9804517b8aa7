"""Buttons: both ways, at most 64 bytes, and good in one chat only (S15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import ACTIONS
from bot.callbacks import LIMIT, Press, base36, key_of, pack, unpack
from bot.presses import SPECIAL

KEY = key_of("7000001:SIM")
BIGGEST = 10**12  # rows a database will not reach, and versions a ticket will not

presses = st.builds(
    Press,
    st.sampled_from([*ACTIONS, *SPECIAL]),
    st.integers(0, BIGGEST),
    st.integers(0, BIGGEST),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789_-.", max_size=18),
)


@given(presses, st.integers(-(10**15), 10**15))
def test_what_was_packed_is_unpacked_in_its_own_chat_and_nowhere_else(press, chat):
    data = pack(KEY, str(chat), press)
    assert len(data.encode()) <= LIMIT
    assert unpack(KEY, str(chat), data) == press
    assert unpack(KEY, str(chat + 1), data) is None
    assert unpack(key_of("7000002:SIM"), str(chat), data) is None


@given(presses, st.integers(0, 63), st.characters())
def test_a_changed_character_makes_it_foreign(press, at, char):
    data = pack(KEY, "5", press)
    at %= len(data)
    forged = data[:at] + char + data[at + 1 :]
    assert forged == data or unpack(KEY, "5", forged) is None


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(data):
    assert unpack(KEY, "5", data) is None


def test_a_button_that_would_not_fit_is_our_mistake():
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        pack(KEY, "5", Press("d", 1, 1, "x" * 60))
    assert [base36(n) for n in (0, 35, 36, 10**6)] == ["0", "z", "10", "lfls"]
