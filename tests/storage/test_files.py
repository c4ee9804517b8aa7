"""Attachments lie under their hash; what people call them never touches the disk (S3)."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.files import Files


def on_disk(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_the_same_content_is_stored_once_and_comes_back(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    digest = files.put(b"a photo")
    assert digest == hashlib.sha256(b"a photo").hexdigest()
    assert files.put(b"a photo") == digest
    assert files.get(digest) == b"a photo"
    assert on_disk(tmp_path) == [tmp_path / "files" / digest[:2] / digest]


def test_a_name_never_shows_half_a_file(tmp_path: Path) -> None:
    """What a crash left half written lies aside and does not stand in the way."""
    files = Files(tmp_path)
    digest = hashlib.sha256(b"whole").hexdigest()
    files.path(digest).parent.mkdir(parents=True)
    files.path(digest).with_name(f".{digest}.half").write_bytes(b"who")
    assert files.put(b"whole") == digest
    assert files.get(digest) == b"whole"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_any_content_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    files = Files(tmp_path_factory.getbasetemp() / "any content")
    assert files.get(files.put(content)) == content


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Files(tmp_path).get("0" * 64)
