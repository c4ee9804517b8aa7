"""The page of settings says what the settings are."""

from pathlib import Path

from callout import settings_docs

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_committed_page_is_the_generated_one():
    assert PAGE.read_text(encoding="utf-8") == settings_docs.render(), (
        "run: python -m callout.settings_docs > docs/settings.md"
    )
