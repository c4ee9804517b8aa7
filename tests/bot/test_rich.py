"""Texts are cut where a reader would cut them, and bold parts stay where they belong."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.rich import LIMIT, Rich, lines, rich, shorten, split, units

FAMILY, FLAG, THUMB, CAPTAIN = "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽", "👩🏿\u200d✈\ufe0f"
ACCENT, KEYCAP = "e\u0301", "1\ufe0f\u20e3"
CLUSTERS = (FAMILY, FLAG, THUMB, CAPTAIN, ACCENT, KEYCAP, "a", "漢", "😀", "ß")

words = st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=8).map("".join)
pieces = st.lists(st.tuples(st.text(max_size=60), st.booleans()), max_size=12)


def visible(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(pieces, st.integers(40, 200))
def test_no_visible_character_is_lost_and_no_part_is_too_long(parts, limit):
    message = Rich(tuple(parts))
    found = split(message, limit)
    assert all(0 < units(part.text) <= limit for part in found)
    assert visible("".join(part.text for part in found)) == visible(message.text)
    bold = "".join(text for part in found for text, is_bold in part.pieces if is_bold)
    assert visible(bold) == visible("".join(text for text, is_bold in parts if is_bold))


@given(pieces, st.integers(40, 200))
def test_entities_lie_inside_their_text_and_cover_what_is_bold(parts, limit):
    for part in split(Rich(tuple(parts)), limit):
        encoded = part.text.encode("utf-16-le")
        end = 0
        for entity in part.entities:
            start, length = int(entity["offset"]), int(entity["length"])
            assert end <= start and length > 0 and (start + length) * 2 <= len(encoded)
            encoded[start * 2 : (start + length) * 2].decode("utf-16-le")  # no half of a character
            end = start + length


@given(st.lists(words, max_size=60), st.integers(80, 150))
def test_words_stay_whole(some, limit):
    """A word of eight joined emoji has 88 units at most, so each fits and none needs to be broken."""
    limit = max(limit, *(units(word) for word in some), 1) if some else limit
    found = split(rich(" ".join(some)), limit)
    assert [word for part in found for word in part.text.split()] == some


@given(st.lists(st.sampled_from(CLUSTERS), min_size=20, max_size=300), st.integers(25, 60))
def test_a_joined_emoji_is_never_cut(clusters, limit):
    """Without a single blank, the cuts lie between what people see as characters."""
    message = "".join(clusters)
    borders, at = {0}, 0
    for cluster in clusters:
        at += len(cluster)
        borders.add(at)
    at = 0
    for part in split(rich(message), limit):
        at += len(part.text)
        # Two flags side by side may pair either way only where one of them was cut.
        assert at in borders
    assert at == len(message)


def test_a_bold_run_moves_to_the_next_part_as_a_whole():
    message = Rich((("x" * 4090, False), ("0123456789", True), ("tail", False)))
    first, second = split(message)
    assert (units(first.text), first.entities) == (4090, [])
    assert second.text == "0123456789tail" and second.entities == [
        {"type": "bold", "offset": 0, "length": 10}
    ]


def test_a_long_text_is_cut_at_lines_if_that_wastes_little_and_else_at_words():
    paragraphs = "\n".join(["word " * 400] * 3)
    assert [len(part.text) for part in split(rich(paragraphs))] == [4001, 2000]
    early = "Dear Sirs,\n" + "word " * 1600
    assert len(split(rich(early))) == 2


def test_short_texts_lines_and_blanks():
    assert split(rich("")) == [] and split(rich(" \n ")) == []
    assert [part.text for part in split(rich("one"))] == ["one"]
    assert lines("a", None, Rich(), "", "b").text == "a\n\nb"
    assert shorten("  a b  ", 10) == "a b"
    assert shorten("alpha beta gamma", 12) == "alpha beta…" and shorten("x" * 20, 5) == "xxxx…"
    assert LIMIT == 4096
