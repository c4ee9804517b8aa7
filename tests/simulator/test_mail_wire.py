"""The grammar the IMAP proxy lives by, in every cut; and patterns that no input makes slow."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mail import conversation, post, wire
from simulator.mail.wire import Command, Output, command

TALK = (
    b"* OK ready\r\n* 2 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {12}\r\nSubject\r\nx\r\n FLAGS (\\Seen))\r\n"
    b"* 2 FETCH (BODY[HEADER] {0}\r\n BODY[TEXT] {3}\r\n{9} UID 2)\r\nA1 OK done\r\n"
)
PATTERNS = [
    wire.LITERAL,
    wire.TOKEN,
    wire.COMMAND,
    post.BARE,
    post.FROM,
    conversation.PATH,
    conversation.BEARER,
]


@given(st.lists(st.integers(0, len(TALK)), max_size=20))
def test_pieces_are_the_same_however_the_octets_come(cuts):
    output, places = Output(), sorted({0, len(TALK), *cuts})
    pieces = [piece for start, end in itertools.pairwise(places) for piece in output.feed(TALK[start:end])]
    assert b"".join(piece.data for piece in pieces) == TALK
    assert [piece.data for piece in pieces if piece.fresh] == [
        b"* OK ready\r\n",
        b"* 2 EXISTS\r\n",
        b"* 1 FETCH (UID 1 BODY[] {12}\r\n",
        b"* 2 FETCH (BODY[HEADER] {0}\r\n",
        b"A1 OK done\r\n",
    ]
    begun = [piece for piece in pieces if piece.first]
    assert [piece.size for piece in begun if piece.literal] == [12, 3]
    assert sum(len(piece.places()) for piece in begun) == 58


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (b"A1 NOOP\r\n", Command(b"A1", "NOOP")),
        (b"x.7 uid fetch 1:* (FLAGS)\r\n", Command(b"x.7", "UID FETCH")),
        (b"A2 LOGIN {5}\r\n", Command(b"A2", "LOGIN")),
        (b"A3 authenticate XOAUTH2 dXNlcg==\r\n", Command(b"A3", "AUTHENTICATE", b"XOAUTH2", b"dXNlcg==")),
        (b"A4 AUTHENTICATE PLAIN\r\n", Command(b"A4", "AUTHENTICATE", b"PLAIN")),
        (b"DONE\r\n", None),
        (b"dXNlcj1vZmZpY2U=\r\n", None),
        (b"\r\n", None),
    ],
)
def test_a_line_is_a_command_or_the_rest_of_one(line, meaning):
    assert command(line) == meaning


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: str(pattern.pattern)[:20])
def test_no_input_makes_a_pattern_slow(pattern):
    for pump in ("a", "<", "{1", " ", "From: @", "A1 ", "user=", "@.", "\r", "1", "(", "From: a@"):
        text = pump * (100_000 // len(pump))
        subject = text.encode() if isinstance(pattern.pattern, bytes) else text
        begun = time.perf_counter()
        for _ in pattern.finditer(subject):
            pass
        assert time.perf_counter() - begun < 0.05, pump
