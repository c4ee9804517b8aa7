"""The words by which a bounce is known, loaded from the tables `bounce_*.toml`.

Everything is compared lower case, with runs of white space folded to one space."""

import tomllib
from pathlib import Path


def _book(name: str) -> dict[str, list[str]]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


BOOK = _book("bounce_words.toml")
REASONS = _book("bounce_reasons.toml") | _book("bounce_policies.toml")

DAEMONS = frozenset(BOOK["daemons"])
ROBOTS = DAEMONS | frozenset(BOOK["robots"])
ROBOT_NAMES = tuple(BOOK["robot_names"])
FAILURE_SUBJECTS = tuple(BOOK["failure_subjects"])
STRONG_SUBJECTS = tuple(BOOK["strong_subjects"])
STRONG_OPENINGS = tuple(BOOK["strong_openings"])
FAILURE_WORDS = tuple(BOOK["failure_words"])
DELAY_WORDS = tuple(BOOK["delay_words"])
GIVEN_UP_WORDS = tuple(BOOK["given_up_words"])
CHALLENGES = tuple(BOOK["challenges"])
LIST_SERVERS = tuple(BOOK["list_servers"])
LIST_REFUSALS = tuple(BOOK["list_refusals"])
ORIGINAL_MARKS = tuple(BOOK["original_marks"])
NAMING = tuple(BOOK["naming"])
HEADINGS = tuple(BOOK["headings"])
