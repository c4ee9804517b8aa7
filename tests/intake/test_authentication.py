"""Authentication-Results: only what our own mail server wrote counts, whatever a sender puts into his mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.authentication import dmarc, parse, without_comments
from intake.mail import Headers

OURS = "mx.desk.example"


def headers(*values: str, authors: tuple[str, ...] = ("Mei <mei@customer.example>",)) -> Headers:
    fields = [("authentication-results", value) for value in values]
    return Headers(all=(*fields, *(("from", author) for author in authors)), from_addr="mei@customer.example")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("mx.desk.example; dmarc=pass header.from=customer.example", "pass"),
        (
            "mx.desk.example 1; spf=pass smtp.mailfrom=a@b.example; dmarc=fail (p=REJECT) header.from=b.example",
            "fail",
        ),
        ("MX.Desk.Example; DMARC = None", "none"),
        ("mx.desk.example; dkim=pass header.d=b.example;\n\tdmarc=temperror", "temperror"),
        ("mx.desk.example (a comment; dmarc=pass (nested)); dmarc=fail", "fail"),
        ('mx.desk.example; spf=pass reason="x; dmarc=pass"; dmarc=fail', "fail"),
        ("mx.desk.example; dmarc/1=pass", "pass"),
        ("mx.desk.example; none", ""),
        ("mx.desk.example", ""),
        ("", ""),
    ],
)
def test_our_own_server_is_read(value: str, result: str) -> None:
    assert dmarc(headers(value), OURS) == result


@pytest.mark.parametrize(
    "authors",
    [
        ("Mei <mei@customer.example>", "x@evil.example"),
        ("mei@customer.example, x@evil.example",),
        ('"x" <x@evil.example> <mei@customer.example>',),
        ("friends: mei@customer.example, x@evil.example;",),
        (),
    ],
)
def test_a_pass_vouches_for_a_mail_with_one_author_only(authors: tuple[str, ...]) -> None:
    assert dmarc(headers("mx.desk.example; dmarc=pass", authors=authors), OURS) == "fail"


def test_a_pass_for_another_domain_is_a_forgery() -> None:
    assert dmarc(headers("mx.desk.example; dmarc=pass header.from=evil.example"), OURS) == "fail"
    quoted = ('"mei@other.example" <mei@customer.example>',)
    assert (
        dmarc(headers("mx.desk.example; dmarc=pass header.from=customer.example", authors=quoted), OURS)
        == "pass"
    )


def test_a_foreign_server_is_not_believed() -> None:
    assert dmarc(headers("mx.evil.example; dmarc=pass"), OURS) == ""
    assert dmarc(headers("mx.desk.example.evil.example; dmarc=pass"), OURS) == ""
    assert dmarc(headers("dmarc=pass; mx.desk.example"), OURS) == ""


def test_a_forged_field_below_ours_changes_nothing() -> None:
    forged = "mx.desk.example; dmarc=pass"
    assert dmarc(headers("mx.desk.example; dmarc=fail", forged), OURS) == "fail"
    assert dmarc(headers("mx.relay.example; dmarc=none", forged), OURS) == ""


def test_one_server_may_write_several_fields() -> None:
    assert dmarc(headers("mx.desk.example; spf=pass", "mx.desk.example; dmarc=pass"), OURS) == "pass"


def test_without_a_configured_server_the_topmost_field_is_shown_but_vouches_for_nobody() -> None:
    assert dmarc(headers("mx.other.example; dmarc=fail", "mx.other.example; dmarc=pass"), "") == "fail"
    assert dmarc(headers("dmarc=fail"), "") == "fail"
    assert dmarc(headers("mx.desk.example; dmarc=pass"), "") == ""


def test_the_topmost_field_of_any_server_can_be_shown_as_it_stands() -> None:
    assert dmarc(headers("mx.other.example; dmarc=pass", "mx.other.example; dmarc=fail"), "*") == "pass"


def test_the_first_result_of_a_method_counts() -> None:
    assert parse("mx.desk.example; dkim=fail; dkim=pass")[1] == {"dkim": "fail"}


def test_comments_nest_and_quotes_hide_them() -> None:
    assert without_comments(r'a (b (c) \) d) "e ( f" g') == "a g"


@given(st.text(max_size=200), st.text(max_size=20))
def test_no_value_raises(value: str, name: str) -> None:
    assert isinstance(dmarc(headers(value), name), str)
