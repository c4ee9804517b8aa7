"""Sorting holds whatever arrives: no record raises, no text hangs it (S13)."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import authentication, bounce_reasons, bounce_reports, bounce_text, bounces, sorting, subjects
from intake.mail import Enclosed, Headers, Mail, Sort
from intake.sorting import Context, base_subject, sort

MODULES = (authentication, bounce_reasons, bounce_reports, bounce_text, bounces, sorting, subjects)
PATTERNS = [value for module in MODULES for value in vars(module).values() if isinstance(value, re.Pattern)]
PUMPS = [
    "a",
    " ",
    "<",
    ">",
    "(",
    "=",
    "@",
    "a@",
    "5.1.1.",
    "\n",
    "Re: ",
    "Re:",
    ".",
    ";a=",
    "a b ",
    "回复：",
    "\\",
]

WORDS = st.text(max_size=60)
NAMES = (
    "from",
    "subject",
    "auto-submitted",
    "precedence",
    "x-spam-status",
    "authentication-results",
    "return-path",
    "x-loop",
)
KINDS = ("message/delivery-status", "message/rfc822", "message/feedback-report", "text/rfc822-headers")
PIECES = (
    "Final-Recipient: rfc822; ",
    "Action: failed",
    "Status: 5.1.1",
    "a@b.example",
    "550 5.1.1 ",
    "\n\n",
    "<",
    ">:",
    "did not reach the following recipient(s):",
)
BITS = st.lists(st.one_of(WORDS, st.sampled_from(PIECES)), max_size=12).map("\n".join)
HEADS = st.builds(
    Headers,
    all=st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=8).map(tuple),
    from_addr=st.one_of(WORDS, st.just("mailer-daemon@mx.example")),
    from_name=st.one_of(WORDS, st.just("Mail Delivery System")),
    subject=WORDS,
    to=st.lists(WORDS, max_size=2).map(tuple),
    message_id=WORDS,
)
MAILS = st.builds(
    Mail,
    headers=HEADS,
    text=BITS,
    html=WORDS,
    reply=WORDS,
    quoted=st.booleans(),
    attachments=st.just(()),
    enclosed=st.lists(st.builds(Enclosed, st.sampled_from(KINDS), BITS), max_size=3).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(MAILS, WORDS)
def test_any_mail_is_sorted_without_an_exception(mail: Mail, name: str) -> None:
    found = sort(mail, Context(own_addresses=frozenset({"help@desk.example"}), authserv_id=name))
    assert (found.sort is Sort.BOUNCE) <= (found.bounce is not None)
    assert found.silent or found.sort in (Sort.NEW, Sort.REPLY)


@pytest.mark.parametrize("pump", PUMPS)
def test_no_pattern_takes_long_on_a_hundred_kilobytes_of_anything(pump: str) -> None:
    text = (pump * 100_000)[:100_000]
    for pattern in PATTERNS:
        for subject in (text, text + "!", "Re: <" + text):
            began = time.process_time()
            pattern.search(subject)
            assert time.process_time() - began < 0.05, pattern.pattern


@pytest.mark.parametrize("pump", PUMPS)
def test_a_report_of_a_hundred_kilobytes_of_anything_is_sorted_in_half_a_second(pump: str) -> None:
    text = (pump * 100_000)[:100_000]
    status = Enclosed("message/delivery-status", f"Final-Recipient: {text}")
    head = Headers(
        all=(("authentication-results", text), ("from", text), ("subject", text), ("return-path", "<>")),
        from_addr="mailer-daemon@mx.example",
        subject=text,
    )
    mail = Mail(head, text, "", text, quoted=False, attachments=(), enclosed=(status,))
    began = time.process_time()
    sort(mail)
    base_subject(text)
    assert time.process_time() - began < 0.5


def test_the_modules_hold_patterns_that_can_be_tried() -> None:
    assert len(PATTERNS) >= 6
