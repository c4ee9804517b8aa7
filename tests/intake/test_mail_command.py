"""`callout mail parse`: one line of JSON per file, whatever the files are."""

import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from typer.testing import CliRunner

from callout.mail import mails, parse


def test_a_mail_is_told_as_one_line_of_json(tmp_path: Path) -> None:
    file = tmp_path / "fault.eml"
    file.write_bytes(
        b"From: Mei <mei@example.org>\nTo: help@example.org\nSubject: =?gb2312?B?v9W19w==?=\n\nIt is broken.\n"
    )
    said = CliRunner().invoke(mails, ["parse", str(file)])
    assert said.exit_code == 0
    (line,) = (json.loads(each) for each in said.stdout.splitlines())
    assert (line["from_addr"], line["from_name"], line["subject"]) == ("mei@example.org", "Mei", "空调")
    assert (line["body_text"], line["to"], line["attachments"]) == ("It is broken.", ["help@example.org"], [])
    assert (line["is_bounce"], line["is_auto_reply"], line["rejected"]) == (False, False, False)


def test_a_mail_comes_from_standard_input_too() -> None:
    said = CliRunner().invoke(mails, ["parse", "-"], input=b"From: mei@example.org\nSubject: x\n\nhi")
    assert json.loads(said.stdout)["subject"] == "x"


def test_a_file_that_cannot_be_read_is_a_line_with_an_error_and_the_others_follow(tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(b"From: mei@example.org\n\nhi")
    lines = list(parse([str(tmp_path / "missing.eml"), str(tmp_path), str(good)]))
    assert ["error" in line for line in lines] == [True, True, False]


def test_stopping_half_way_leaves_no_child(tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(b"From: mei@example.org\n\nhi")
    with closing(cast("Generator[dict[str, Any]]", parse([str(good)] * 3))) as lines:
        assert next(lines)["from_addr"] == "mei@example.org"
