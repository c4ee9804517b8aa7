"""The picture of a ticket's life is drawn from the tables, and the committed one is today's."""

from pathlib import Path

from callout.pictures import render

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_page_is_what_the_tables_say():
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m callout.pictures > docs/lifecycle.md"
