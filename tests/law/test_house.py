"""The laws of the house that no linter knows: names, sizes, places, and that the docs name what is there."""

import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from callout.cli import app
from dispatch.texts import LOCALE, book

ROOT = Path(__file__).parents[2]
OURS = ("bot", "callout", "dispatch", "intake", "simulator", "storage", "web")
LONGEST_FILE = 350
# The schema is one place to read, as the plan of the house wants it.
LONGER = {"storage/schema.py": 500}


def committed(*endings: str) -> list[Path]:
    """The files git knows (or would, if added); everything below the root where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        found = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return [path for path in found if path.is_file() and path.name.endswith(endings)]


def test_no_installed_distribution_offers_one_of_our_names():
    offered = packages_distributions()
    assert {name: offered[name] for name in OURS if set(offered.get(name, ())) - {"callout"}} == {}


def test_no_file_is_too_long_to_read():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in committed(".py")
        if "versions" not in path.parts  # a migration is a record, not a text
        and (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > LONGER.get(str(path.relative_to(ROOT)), LONGEST_FILE)
    }
    assert long == {}


def test_every_python_file_opens_with_a_sentence_about_its_place():
    silent = [
        str(path.relative_to(ROOT))
        for path in committed(".py")
        if path.read_text(encoding="utf-8").strip() and not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


def test_no_committed_file_names_a_machine_or_a_registry():
    # Written in pieces, so that this file does not name them either.
    forbidden = re.compile(
        "|".join(("/ro" + "ot/", "/wo" + "rk/", "py" + "pi\\.org", "python" + "hosted", "npm" + "js\\."))
    )
    texts = (".py", ".toml", ".md", ".lock", ".sh", "Makefile", ".html", ".js", ".css", ".po", "run")
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in committed(*texts)
        if (found := forbidden.search(path.read_text(encoding="utf-8")))
    ]
    assert named == []


@pytest.mark.parametrize("page", ["README.md", "docs/handbook.md"])
def test_every_command_the_docs_name_exists(page):
    named = set(
        re.findall(
            r"callout (run|demo|check|invite|upgrade|ticket|outbox|audit|[a-z]+)\b(?! service)",
            ROOT.joinpath(page).read_text(),
        )
    )
    there = {command.name or command.callback.__name__ for command in app.registered_commands}
    there |= {group.name for group in app.registered_groups}
    assert {"run", "demo", "check", "invite"} <= there
    # Words after "callout" in running text that are no commands.
    prose = {"is", "needs", "by", "takes", "demo"}
    assert named - prose <= there


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/handbook.md", "docs/procedures.md"])
def test_every_path_the_docs_name_is_there(page):
    text = ROOT.joinpath(page).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    base = ROOT / page
    gone = [link for link in linked if not (base.parent / link).exists()]
    quoted = re.findall(r"`((?:bot|callout|dispatch|storage|simulator|tests|docs)/[\w./-]+)`", text)
    later = {"dispatch/reports.py", "dispatch/planning.py"}
    gone += [name for name in quoted if name not in later and not (ROOT / name).exists()]
    assert gone == []


def test_the_phrase_books_have_the_same_keys_placeholders_and_marks():
    english = book("en")
    for folder in sorted(LOCALE.iterdir()):
        other = book(folder.name)
        assert set(other) == set(english)
        for key, sentence in english.items():
            holes = sorted(set(re.findall(r"{(\w+)}", sentence)))
            assert sorted(set(re.findall(r"{(\w+)}", other[key]))) == holes, (folder.name, key)
            assert other[key].count("*") % 2 == sentence.count("*") % 2 == 0, (folder.name, key)
