"""Real and hostile mails of other projects' tests, read by `callout mail parse`, scored by the corpus's own script."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from callout.mail import parse

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "mail-corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the mail corpus is not beside the project")

LINE = re.compile(r"^ {2}(\w+) +messages +\d+/ *\d+ = +([\d.]+)%", re.MULTILINE)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every mail of the corpus, parsed once."""
    out = tmp_path_factory.mktemp("mails") / "results.jsonl"
    files = sorted(str(file) for file in CORPUS.glob("*/*.eml"))
    out.write_text("".join(json.dumps(line) + "\n" for line in parse(files)), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def scored(results: Path) -> Callable[[str], dict[str, float]]:
    def score(oracle: str) -> dict[str, float]:
        asked = [sys.executable, str(CORPUS / "score.py"), "--corpus", str(CORPUS), "--results", str(results)]
        said = subprocess.run([*asked, "--oracle", oracle], capture_output=True, text=True, check=True).stdout
        assert "errors=0" in said
        return {name: float(share) for name, share in LINE.findall(said)}

    return score


@pytest.mark.parametrize(
    ("category", "least"),
    [("headers", 98.0), ("body", 98.5), ("attachments", 97.0), ("auto", 98.0), ("robust", 100.0)],
)
def test_what_other_projects_expect_comes_out(
    scored: Callable[[str], dict[str, float]], category: str, least: float
) -> None:
    assert scored("spec").get(category, 100.0) >= least


@pytest.mark.parametrize("category", ["headers", "body", "attachments"])
def test_chinese_japanese_and_korean_mails_are_read_whatever_their_label_says(
    scored: Callable[[str], dict[str, float]], category: str
) -> None:
    assert scored("generated")[category] >= 96.0


def test_every_file_has_its_line_and_none_an_error(results: Path) -> None:
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert [line["file"] for line in lines if "error" in line] == []
    assert len(lines) == len(list(CORPUS.glob("*/*.eml")))
