"""What a dispatcher reads of a mail first: the customer's own words, without history and signature."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoting_samples import ENDINGS, INTRODUCTIONS
from quoting_separators import SEPARATORS

from intake.quoting import lines_of, visible

WORDS = "The pump in hall 4 still leaks.\n\nPlease send somebody tomorrow."
HISTORY = "We replaced the gasket.\nDoes it hold?\n\nAna"
QUOTED = "\n".join(f"> {line}" for line in HISTORY.split("\n"))
PLAIN = sorted(INTRODUCTIONS.keys() - {"Emacs"})
SHORT = "On 04/03/2025 09:15, Ana Field wrote:"


@pytest.mark.parametrize("client", INTRODUCTIONS)
def test_mei_answers_above_a_quotation_and_otto_reads_only_her_words(client: str) -> None:
    for between in ("\n\n", "\n"):
        found = visible(f"{WORDS}{between}{INTRODUCTIONS[client]}{between}{QUOTED}")
        assert (found.reply, found.quoted) == (WORDS, True)


@pytest.mark.parametrize("client", PLAIN)
def test_history_without_quote_marks_is_history_too(client: str) -> None:
    assert visible(f"{WORDS}\n\n{INTRODUCTIONS[client]}\n\n{HISTORY}").reply == WORDS


@pytest.mark.parametrize("client", INTRODUCTIONS)
def test_mei_answers_below_a_quotation(client: str) -> None:
    assert visible(f"{INTRODUCTIONS[client]}\n{QUOTED}\n\n{WORDS}").reply == WORDS


@pytest.mark.parametrize("client", SEPARATORS)
def test_a_client_puts_the_answered_mail_below_with_its_headers(client: str) -> None:
    for between in ("\n\n", "\n"):
        found = visible(f"{WORDS}\n{SEPARATORS[client]}{between}{HISTORY}")
        assert (found.reply, found.quoted) == (WORDS, True)


@pytest.mark.parametrize("name", ENDINGS)
def test_what_stands_under_the_words_is_the_signature(name: str) -> None:
    found = visible(f"{WORDS}\n\n{ENDINGS[name]}")
    assert (found.reply, found.quoted) == (WORDS, False)
    assert found.signature.split("\n")[-1] == ENDINGS[name].split("\n")[-1]
    for history in (f"{SHORT}\n> Hot?", f"{SEPARATORS['Outlook without dashes']}\n\nHot?"):
        assert visible(f"{WORDS}\n\n{ENDINGS[name]}\n\n{history}").reply == WORDS


KEPT = {
    "words that begin like an introduction": "On your side of line 4 you can run:\n\n  reset 52698\n\nIt stops.",
    "a sentence about sending": "It leaks.\n\nSent from my desk, the gauge is out of sight.",
    "a filled in form": "New request\n\nFrom: Mei\nSubject: pump\nMessage: the pump leaks",
    "a transport": "Hello,\nFrom: hall 3\nTo: hall 4\nthe belt moves backwards.",
    "an error message": "It says:\n> panic: no pressure\n> at valve 4\n\nWhat shall we do?",
    "a wrapped comparison": "It must be\n> 100\notherwise it stops.",
    "an alarm list": "Thanks!\n\n2025-03-04 10:00 alarm E42\n2025-03-04 10:05 alarm E43\n\nPlease come.",
    "bullets with tight dashes": "Broken are:\n-pump\n\n-Seal",
    "a postscript": "It leaks.\n\nBest regards,\nMei\n\nPS: The code of the door is 1234.",
    "thanks and a name": "It leaks.\n\nThanks,\nMei",
    "a formula without a name": "It leaks.\n\nBest regards",
    "rules in the text": "Seen:\n\n----\n1. leaks\n----\n\nSo far.",
    "the word for forwarding alone": "转发\n\n水泵坏了",
    "a Chinese sentence with a date": "2025年3月4日 9:15 水泵停了，请派人。",
    "rules around a log": "The log:\n\n---\npump on\nsee https://example.org/log\n---\n\nWhat now?",
    "a name between rules": "Ordered by\n\n---\nMei Long\n12345678 at https://example.org\n\nPlease confirm.",
    "pasted output of a system": "The system wrote at 2025-03-04 09:15:\n\nERROR 5\n\nWhat is it?",
    "words about a line": "The valve below this line of pipes leaks.\n\nSecond.",
    "a mail that does not open": "It leaks.\n\nDiese E-Mail kann ich nicht öffnen.",
    "dates wrapped in a sentence": "On 4 March\nat 9:15 the pump stopped:\nno pressure.",
    "nothing but a quotation": f"{SHORT}\n> Is it hot?\n>\n> Ana",
}


@pytest.mark.parametrize("name", KEPT)
def test_words_that_only_look_like_history_stay(name: str) -> None:
    found = visible(KEPT[name])
    assert (found.reply, found.quoted) == (KEPT[name], False)


def test_answers_between_quotations_stay_with_their_questions() -> None:
    points = "> Is it hot?\nYes, 80 degrees.\n> Is it loud?\nNo."
    found = visible(f"Answers below.\n\n{SHORT}\n{points}\n\nBest regards,\nMei")
    assert found.reply == f"Answers below.\n\n{points}"
    assert visible(f"{SHORT}\n{points}").reply == points


def test_a_name_under_the_quotation_stays_and_the_quotation_goes() -> None:
    assert visible(f"It leaks.\n\n{SHORT}\n> Hot?\n\nRegards, Mei").reply == "It leaks.\n\n\nRegards, Mei"


def test_a_mail_that_is_only_passed_on_keeps_its_text() -> None:
    for client in ("Gmail forward", "Apple forward", "Outlook English", "QQ", "Outlook Japanese"):
        found = visible(f"{SEPARATORS[client].strip()}\n\n水泵漏水，请派人。")
        assert (found.reply, found.quoted) == ("水泵漏水，请派人。", False)


def test_a_comment_above_a_forward_is_the_reply() -> None:
    assert visible(f"FYI, see below.\n{SEPARATORS['Gmail forward']}\nIt leaks.").reply == "FYI, see below."


def test_a_mail_of_a_signature_alone_says_nothing() -> None:
    found = visible("-- \nMei Long")
    assert (found.reply, found.signature) == ("", "Mei Long")


def test_the_marks_of_a_client_in_html_show_history_in_any_language() -> None:
    markup = '<div>It leaks.</div><div class="gmail_quote"><div>Ana Field yazmış olabilir</div>Hot?</div>'
    assert visible("It leaks.\nAna Field yazmış olabilir\nHot?", markup).reply == "It leaks."
    assert visible("It leaks.\nAna Field yazmış olabilir\nHot?").reply != "It leaks."
    assert visible("It leaks.", "<![foo <div class=gmail_quote>").reply == "It leaks."


def test_a_signature_that_the_client_marked_goes_and_words_below_it_stay() -> None:
    markup = "<div>It leaks.</div><div class='gmail_signature'>Mei Long<br>Plant 4</div>"
    found = visible("It leaks.\n\nMei Long\nPlant 4", markup)
    assert (found.reply, found.signature) == ("It leaks.", "Mei Long\nPlant 4")
    assert visible("It leaks.\nMei Long\nPlant 4\nAnd hot.", markup).reply == "It leaks.\nAnd hot."
    assert visible(f"Mei Long\nPlant 4\n\n{SHORT}\n> Hot?", markup).reply == "Mei Long\nPlant 4"
    assert visible("Mei Long\nPlant 4", markup).reply == "Mei Long\nPlant 4"


def test_the_rule_that_outlook_draws_shows_history_whatever_its_headers_are_called() -> None:
    rule = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
    markup = f"<p>It leaks.</p><div style='{rule}'><p>Xyz: Ana</p></div><p>Hot?</p>"
    assert visible("It leaks.\n\nXyz: Ana\n\nHot?", markup).reply == "It leaks."


def test_signed_text_is_read_without_its_armour() -> None:
    heading = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    armour = "-----BEGIN PGP SIGNATURE-----\n\niQEcBA\n=abcd\n-----END PGP SIGNATURE-----"
    assert visible(f"{heading}{WORDS}\n{armour}").reply == WORDS
    assert visible(f"{heading}{SHORT}\n{QUOTED}\n\n{WORDS}\n\n- -- \nMei\n{armour}").reply == WORDS


def test_line_ends_and_invisible_characters_do_not_matter() -> None:
    mail = f"It\u200b leaks.\xa0\r\n\r\n\ufeff{SHORT}\r\n> Hot?\r\n"
    assert visible(mail).reply == "It leaks."


def test_history_in_one_line_with_its_introduction_goes() -> None:
    assert visible("It leaks.\n\nOn Tue, 4 Mar 2025 09:15 Ana <ana@example.org> wrote: hot?\n> x").reply == (
        "It leaks."
    )


PIECES = st.sampled_from(
    (
        *(
            "It leaks.",
            "",
            "> Hot?",
            ">> Loud?",
            SHORT,
            "-- ",
            "--",
            "Best regards,",
            "Mei",
            "Sent from my iPhone",
        ),
        *(
            "From: Ana <ana@example.org>",
            "Sent: Tuesday",
            "To: Mei",
            "Subject: Pump",
            "-----Original Message-----",
        ),
        *(
            "---------- Forwarded message ---------",
            "________________",
            "/Mei",
            "写道：",
            "发件人： Ana",
            "主 题: 水泵",
        ),
        *(
            "Ana <ana@example.org>",
            "wrote:",
            "> wrote:",
            "This e-mail and any attachments are secret.",
            "a:",
            "-Mei",
        ),
    )
)
MAILS = st.lists(PIECES, max_size=25).map("\n".join) | st.text(max_size=300)


@settings(max_examples=400, deadline=None)
@given(MAILS, MAILS)
def test_the_reply_is_part_of_the_text_and_stays_what_it_is(text: str, markup: str) -> None:
    found = visible(text, markup)
    lines = iter(line.strip() for line in lines_of(text))
    assert all(line.strip() in lines for line in found.reply.split("\n") if line.strip())
    assert visible(found.reply).reply == found.reply


PUMPS = (
    *(
        "a\n",
        "a ",
        ">",
        "> \n",
        "\n",
        " ",
        "-",
        "a:\n",
        "/A\n",
        "--\n",
        "-- \n",
        "From: a\n",
        "Best regards\n",
    ),
    *(
        "On 2025 <a@b>\n",
        "On 2025 10:00 <a@b> wrote:\n",
        "> a\nb\n",
        f"{SHORT}\n> a\n",
        "a\n> b\nOn 2025 10:00 <a@b> wrote:\n",
    ),
    *("From: a\nTo: b@c\nSubject: x\n\nt\n", "Sent from my iPhone\n", "____________________________\n"),
    *("On Tue, Mar\n4, 2025 at\n", "Ana <a@b>\n于2025年\n", "---\n\nMei\n", "<p class=gmail_signature>a</p>"),
    *("Regards,\n-Ana\n\n", "This e-mail and any\n\n", "在", "<a ", "<!--", "<div class=gmail_quote>"),
)


@pytest.mark.parametrize("pump", PUMPS)
def test_200_kb_of_anything_are_read_in_linear_time(pump: str) -> None:
    text = pump * (200_000 // len(pump))
    begin = time.process_time()
    visible(f"It leaks.\n{text}\nIt leaks.", f"<div class=gmail_quote>{text}")
    assert time.process_time() - begin < 3
