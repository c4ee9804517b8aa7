"""What people read: both phrase books say the same things, and every key in the code is in them."""

import ast
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.actions import CANCEL_REASONS, DECLINE_REASONS, ETAS, OFFICE_CANCEL
from bot.asking import QUESTIONS
from bot.commands import COMMANDS
from bot.dialogue import COMPLETE, REPORT
from dispatch import register
from dispatch.rules.lifecycle import LIFE
from dispatch.rules.notices import NOTICES
from dispatch.rules.triage import SAYS
from dispatch.texts import Phrases, book
from storage.records.people import Role
from storage.records.ticket import Hold, Kind, Mode, Offered, State, Verb, Work

ROOT = Path(__file__).parents[2]
LANGUAGES = register.LANGUAGES
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

VOCABULARIES = {
    "state": set(State),
    "detail": {*Work, *Hold},
    "kind": set(Kind),
    "mode": set(Mode),
    "grade": {"1", "2", "3", "4", "5"},
    "severity": {"1", "2", "3", "4"},
    "verb": set(Verb),
    "role": set(Role),
    "reason": set(DECLINE_REASONS),
    "cancel": {*CANCEL_REASONS, *OFFICE_CANCEL},
    "urgency": set(SAYS),
    "offer": set(Offered),
    "language": set(LANGUAGES),
    "help": set(COMMANDS),
    "notice": {line.key for lines in NOTICES.values() for line in lines},
    "report.ask": set(REPORT),
    "complete.ask": set(COMPLETE),
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_phrase_books_have_the_same_keys() -> None:
    assert set(book("en")) == set(book("zh"))


@pytest.mark.parametrize("key", sorted(book("en")))
def test_both_phrase_books_put_the_same_facts_into_a_sentence(key: str) -> None:
    english, chinese = book("en")[key], book("zh")[key]
    assert english.strip() and chinese.strip()
    assert fields(english) == fields(chinese)
    assert english.count("*") % 2 == 0 == chinese.count("*") % 2, "a bold mark is opened and never closed"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", VOCABULARIES)
def test_every_word_of_a_vocabulary_can_be_said(language: str, kind: str) -> None:
    missing = {word for word in VOCABULARIES[kind] if f"{kind}.{word}" not in book(language)}
    if kind == "help":
        missing -= {"start", "help", "office"}  # shown by Telegram itself, or of no use in the list
    if kind == "verb":
        assert {line.verb for line in LIFE} <= VOCABULARIES[kind]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_words(language: str) -> None:
    assert not {question.prompt for question in QUESTIONS.values()} - set(book(language))


# --- keys in the code ------------------------------------------------------------------------------------------

# Functions whose first word is a key, or the part of one after the dot; with the place of that argument.
SAYING = {
    "text": ("", 0),
    "rich": ("", 0),
    "say": ("", 0),
    "tell": ("", 0),
    "template": ("", 0),
    "button": ("", 0),
}
SAYING |= {"turn_to": ("", 0), "pieces": ("", 0), "Refusal": ("refusal.", 0), "_button": ("", 2)}
NOTICING = {"office": 1, "managers": 1, "person": 2, "notice": 2}


def keys_in(path: Path) -> Iterator[str]:
    """Every key that a file names outright."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        attribute = isinstance(node.func, ast.Attribute)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = getattr(node.func.value, "id", "") if isinstance(node.func, ast.Attribute) else ""
        prefix, place = ("notice.", NOTICING[name]) if owner == "telling" and name in NOTICING else ("", -1)
        if place < 0 and name in SAYING and (attribute or name in {"Refusal", "_button"}):
            prefix, place = SAYING[name]
        if 0 <= place < len(node.args):
            argument = node.args[place]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield f"{prefix}{argument.value}"


CODE = sorted([*(ROOT / "bot").glob("*.py"), *(ROOT / "dispatch").rglob("*.py")])


def test_every_key_named_in_the_code_is_in_the_phrase_book() -> None:
    found = {(path.name, key) for path in CODE for key in keys_in(path)}
    assert len(found) > 150, "the scan is blind"
    unknown = {
        (name, key)
        for name, key in found
        if key not in book("en") and not key.endswith("nothing to press") and " " not in key
    }
    assert not unknown


def test_every_answer_of_a_press_has_its_words() -> None:
    """Handlers of buttons return the key of what the presser hears."""
    files = [ROOT / "bot" / name for name in ("actions.py", "presses.py", "finish.py", "report.py")]
    returned = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and getattr(node.returns, "id", "") == "str":
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                        returned.add(str(inner.value.value))
    words = {key for key in returned if key and " " not in key and ":" not in key}
    assert len(words) > 10
    assert not {word for word in words if f"answer.{word}" not in book("en")}


# --- saying it ----------------------------------------------------------------------------------------------------


def phrases(language: str = "en", zone: str = "UTC") -> Phrases:
    return Phrases(language, ZoneInfo(zone), NOW)


def test_what_people_wrote_makes_nothing_bold() -> None:
    name = "*Mei* {number} {0}"
    pieces = phrases().pieces("notice.accepted", number="T-1", name=name)
    assert ("T-1", False) not in pieces and any("T-1" in text and bold for text, bold in pieces)
    assert [bold for text, bold in pieces if name in text] == [False]


def test_a_name_written_from_right_to_left_does_not_turn_the_sentence() -> None:
    assert "\u2068מאי\u2069" in phrases().say("notice.accepted", number="T-1", name="מאי")


def test_a_moment_is_told_on_the_readers_clock() -> None:
    at = NOW + timedelta(minutes=2)
    assert phrases().moment(at) == "08:02"
    assert phrases(zone="Asia/Shanghai").moment(at) == "16:02"
    assert phrases().moment(at - timedelta(days=3)).endswith("08:02") and "2" in phrases().moment(at)
    assert phrases().moment(at - timedelta(days=3)) != "08:02"


@pytest.mark.parametrize("language", LANGUAGES)
def test_spans_of_time_read_well(language: str) -> None:
    said = [phrases(language).span(minutes * 60) for minutes in (*ETAS, 240, 3 * 1440)]
    assert len(set(said)) == len(said)


def test_a_missing_phrase_is_our_bug_and_says_which() -> None:
    with pytest.raises(KeyError, match=r"nothing\.like\.this"):
        phrases().say("nothing.like.this")
