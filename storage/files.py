"""Attachments under their hash, in a folder beside the database."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4


class Files:
    """Content-addressed: the name is the sha256, so nothing that people call their files touches the disk (S3)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store durably and tell the sha256, hex; the same content is stored once."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed: a name never shows half a file, even after a crash.
        aside = target.with_name(f".{digest}.{uuid4().hex}")
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(target)
        return digest

    def get(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()
