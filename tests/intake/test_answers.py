"""What a plain reply means, word by word: nothing is signed, graded or declined by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import answers
from intake.answers import Means


@pytest.mark.parametrize(
    "text",
    [
        "Confirm", "OK", "ok thank you", "确认", "确认。谢谢！", "修好了，谢谢您",
        "It's fixed, thanks a lot", "Ja, danke", "是的", "Confirm 👍", "OK 👍🏽", "✅ Confirmed 🙏",
        "“Confirm”", "ＯＫ！", "Hello,\n\nConfirm", "您好，\n\n确认\n\n谢谢！",
        "Good morning,\n\nOK, thank you\n\nKind regards", "Bestätigt.\n\nMit freundlichen Grüßen",
    ],
)  # fmt: skip
def test_a_confirmation_stands_alone_or_with_thanks(text: str) -> None:
    assert answers.of_customer(text).means is Means.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "OK, but it still drips", "Yes please call me", "Thanks", "", "Confirm what?", "好的，不过还有点漏",
        "Fixed the wrong door", "谢谢", "Fixed?", "Confirm?", "Done?", "It works?", "修好了？", "修好了吗",
        "OK\n?", "OK ؟", "OK ❌", "OK 👎", "OK 👎🏽", "OK :(", "OK ❓", "👍",
        "Confirm" + "\n" * 3000 + "only when it stays dry",
    ],
)  # fmt: skip
def test_anything_more_than_that_confirms_nothing(text: str) -> None:
    assert answers.of_customer(text).means is not Means.CONFIRM


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Not fixed because the door still sticks", "because the door still sticks"),
        ("未修好：还在漏水", "还在漏水"), ("It doesn’t work", ""), ("No", ""), ("Nein!", ""), ("不。", ""),
        ("Hello,\n\nno.\n\nKind regards", ""), ("Dear team,\n\nNot fixed - it rattles", "it rattles"),
        ("“Not fixed”: it rattles", "it rattles"), ("still broken the lamp flickers", "the lamp flickers"),
        ("NOT FIXED！\nWhen do you come?", "When do you come?"), ("还是不能用", ""),
        ("没修好，门还是卡", "门还是卡"), ("Not OK, it drips", "it drips"),
    ],
)  # fmt: skip
def test_not_fixed_comes_with_its_reason(text: str, rest: str) -> None:
    found = answers.of_customer(text)
    assert (found.means, found.rest) == (Means.DISPUTE, rest)


@pytest.mark.parametrize(
    "text",
    [
        "No, thank you, everything is fine now.", "No. 2 lift works now, thank you", "No thanks",
        "No, it rattles", "还是不错的，谢谢", "还是不用来了", "还没好好谢谢您", "未修好的话请告诉我",
        "不确认是否修好", "nein danke, alles gut", "Not fixed?", "未修好？", "没修好吗",
        "Still broken? No, it runs", "Still not sure", "Not OK for me tomorrow",
        "Does not work for me, the later date", "Not fixed was my mistake, it works now", "Broken again?",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_complaint_disputes_nothing(text: str) -> None:
    assert answers.of_customer(text).means is Means.WORDS


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Cancel", ""), ("Please cancel, thank you", ""), ("取消，已经好了", "已经好了"),
        ("Cancel: solved itself", "solved itself"),
        ("cancel because it solved itself", "because it solved itself"), ("您好，\n取消。谢谢", ""),
        ("不用修了", ""),
    ],
)  # fmt: skip
def test_cancel_stands_alone_or_before_a_mark_and_a_reason(text: str, rest: str) -> None:
    found = answers.of_customer(text)
    assert (found.means, found.rest) == (Means.CANCEL, rest)


@pytest.mark.parametrize(
    "text",
    [
        "Cancel? No, please come!", "Cancel - no, please come", "取消了吗？我们还在等", "取消了吗",
        "取消，可以吗", "取消费用多少", "Cancel that last message, it is still stuck",
        "Cancel, that was the wrong message", "Cancel: what does it cost?",
        "Cancel.\n\nOr could you come today？", "Cancel.\nIt is still stuck", "Cancel-by date is Friday",
        "Cancel, " + "the reason is long " * 200,
    ],
)  # fmt: skip
def test_whoever_asks_about_cancelling_keeps_his_ticket(text: str) -> None:
    assert answers.of_customer(text).means is Means.WORDS


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Broken again, the same noise", Means.REOPEN),
        ("又坏了，同样的声音", Means.REOPEN),
        ("Reopen", Means.REOPEN),
        ("Reopen the window of the hall", Means.WORDS),
    ],
)
def test_broken_again_opens_it_again(text: str, means: Means) -> None:
    assert answers.of_customer(text).means is means


@pytest.mark.parametrize(
    "text", ["Nobody was here", "Notice the noise", "Now it works", "North gate is open", "Cancellation fee?"]
)
def test_a_word_that_only_begins_alike_decides_nothing(text: str) -> None:
    assert answers.of_customer(text).means is Means.WORDS
    assert answers.of_engineer(text).means is Means.WORDS


@pytest.mark.parametrize(
    ("text", "grade", "comment"),
    [
        ("1", 1, ""), ("5.", 5, ""), ("评分：2\n很快", 2, "很快"), ("Grade 3 a bit late", 3, "a bit late"),
        ("优秀\n师傅很好", 1, "师傅很好"), ("4 - no call before", 4, "no call before"),
        ("4, no call before", 4, "no call before"), ("４：没有提前打电话", 4, "没有提前打电话"),
        ("2!", 2, ""), ("1。\n很好", 1, "很好"), ("Hello,\n\n2\n\nQuick work", 2, "Quick work"),
        ("Excellent, thanks", 1, ""), ("评分：2分", 2, ""),
        ("4: no call\n10:30 he came", 4, "no call\n10:30 he came"),
    ],
)  # fmt: skip
def test_a_grade_is_a_number_or_its_word_at_the_beginning(text: str, grade: int, comment: str) -> None:
    found = answers.grade(text)
    assert found and (found.grade, found.rest) == (grade, comment)


@pytest.mark.parametrize(
    "text",
    [
        "2 weeks late", "10", "11", "Grade 11", "6", "0", "1st floor", "5分钟到", "", "call 12345",
        "1. The door still sticks.\n2. The light is off.", "1: the door\n2: the light",
        "1, the door\n2) the light", "1\n2\n3", "1-2 weeks ago it was fine", "1 - 2 weeks ago it was fine",
        "5-minute stop at each floor", "2, 3 and 4 run, 1 does not", "4.5", "4,5", "5/5", "1/5", "1½", "5?",
        "2，可以吗？", "5 👍", "Satisfied?", "5 - excellent", "Grade 4/5", "Grade 4/5?", "Grade 3?",
        "Grade 4.5", "Grade 3 or 4", "Grade 5 out of 5", "评分：5星", "评价 3号梯",
    ],
)  # fmt: skip
def test_other_numbers_are_no_grades(text: str) -> None:
    assert answers.grade(text) is None


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Accept", Means.ACCEPT), ("Hello,\n\naccept, thanks", Means.ACCEPT), ("No", Means.DECLINE),
        ("Can’t", Means.DECLINE), ("Decline: other side of town", Means.DECLINE),
        ("decline because I am ill", Means.DECLINE), ("退单，太远", Means.DECLINE),
        ("Arrived", Means.ARRIVE), ("Arrived 10:30", Means.ARRIVE), ("到场。", Means.ARRIVE),
        ("On site, nobody opens", Means.ARRIVE), ("Remote", Means.REMOTE), ("远程：看日志", Means.REMOTE),
        ("Done, thank you", Means.DONE), ("完工！", Means.DONE), ("Done.\nCause: worn belt", Means.DONE),
    ],
)  # fmt: skip
def test_an_engineer_says_in_a_word_where_he_is(text: str, means: Means) -> None:
    assert answers.of_engineer(text).means is means


@pytest.mark.parametrize(
    "text",
    [
        "Accept?", "No problem, I take it", "No worries, accept", "No, wait, I take it",
        "Decline? No, I take it", "Cannot open the attachment", "I can't find the address", "没空调",
        "On site tomorrow at 9", "On site, tomorrow at 9", "On site 9-17 on weekdays", "Arrived?",
        "已到货，明天来", "出发晚了，明天来", "出发，明天", "On my way to another job",
        "On my way tomorrow", "Remote access does not help", "Remote-access does not help",
        "Remote, does not help", "远程不行", "Done for today, I come back tomorrow",
        "Done for today.\nCause: worn belt", "Done, I come back next week", "Done? Cause: unknown",
        "修好了吗", "修好了，下周再来看看",
    ],
)  # fmt: skip
def test_an_engineer_who_says_more_or_less_than_that_moves_nothing(text: str) -> None:
    assert answers.of_engineer(text).means is Means.WORDS


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("On my way", None), ("on my way 30", 30), ("On my way, 30 min", 30), ("On my way (20 min)", 20),
        ("On my way in 45 minutes", 45), ("On my way, job 302, 10 minutes", 10),
        ("On my way: 10-15 min", 15), ("on my way, there at 14:30", None), ("on my way 14:30", None),
        ("on my way, job 302", None), ("On my way, 5 min break, then 30 min", None),
        ("On my way, 1 h 30 min", None), ("On my way, 30 metres left", None), ("出发 30", 30),
        ("出发　３０", 30), ("出发30分钟", 30), ("出发，30分钟后到", 30), ("出发，14点30分到", None),
        ("Hello,\non my way 20\nThanks", 20),
    ],
)  # fmt: skip
def test_minutes_are_said_with_their_unit_or_alone(text: str, minutes: int | None) -> None:
    found = answers.of_engineer(text)
    assert (found.means, found.minutes) == (Means.DEPART, minutes)


def test_a_doubtful_mark_in_a_report_is_no_yes() -> None:
    assert answers.plain("Yes.") in answers.YES
    assert answers.plain("Yes?") not in answers.YES


def test_every_word_of_the_book_is_found_as_it_is_written() -> None:
    for rule in answers.CUSTOMER:
        assert answers.of_customer(rule.word.upper()).means is rule.means
    for rule in answers.ENGINEER:
        assert answers.of_engineer(rule.word.upper()).means is rule.means
    for word in answers.CONFIRM:
        assert answers.of_customer(f"{word}.").means is Means.CONFIRM


def test_a_report_by_mail_is_read_by_its_labels() -> None:
    said = answers.of_engineer(
        "Done\nCause: worn belt\nAction: new belt\nMode: On site\nParts: none\nTested: yes\nArrived: 10:30"
    )
    assert said.means is Means.DONE
    assert dict(said.fields) == {
        "cause": "worn belt", "action": "new belt", "mode": "on_site", "parts": "none", "tested": "yes",
        "arrived": "10:30",
    }  # fmt: skip
    assert answers.of_engineer("完工\n方式：远程").fields == {"mode": "remote"}


def test_lines_with_labels_are_taken_out_once_they_are_read() -> None:
    text = "Lift stuck\n\nAddress: 12 Harbour Street\nTel: 1\n\nPlease hurry"
    assert answers.without(text, "place", "phone") == "Lift stuck\n\nPlease hurry"
    assert answers.labelled(text) == {"place": "12 Harbour Street", "phone": "1"}


@given(st.text(max_size=3000))
def test_no_text_breaks_the_reading(text: str) -> None:
    answers.of_customer(text)
    answers.of_engineer(text)
    answers.grade(text)
    answers.labelled(text)
