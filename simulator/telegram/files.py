"""The files of the simulated Telegram: what was uploaded, its identifiers, and how a Message shows it."""

import base64
import random
from dataclasses import dataclass

from simulator.telegram.errors import Json
from simulator.telegram.pictures import content_type, dimensions

DOWNLOAD_LIMIT = 20 << 20  # getFile, bytes
UPLOAD_LIMIT = 50 << 20  # any file a bot uploads, bytes
PHOTO_LIMIT = 10 << 20  # a photo a bot uploads, bytes


@dataclass(frozen=True)
class Kind:
    """What one kind of media is called: type byte of the file_id, folder, extension, MIME type."""

    mark: int
    word: str
    folder: str
    extension: str
    mime: str


KINDS = {
    "photo": Kind(2, "Photo", "photos", "jpg", "image/jpeg"),
    "voice": Kind(3, "VoiceNote", "voice", "oga", "audio/ogg"),
    "video": Kind(4, "Video", "videos", "mp4", "video/mp4"),
    "document": Kind(5, "Document", "documents", "bin", "application/octet-stream"),
    "sticker": Kind(8, "Sticker", "stickers", "webp", "image/webp"),
    "audio": Kind(9, "Audio", "music", "mp3", "audio/mpeg"),
    "animation": Kind(10, "Animation", "animations", "mp4", "video/mp4"),
    "video_note": Kind(13, "VideoNote", "video_notes", "mp4", "video/mp4"),
}


@dataclass(frozen=True)
class Stored:
    """One file. `size` is what Telegram says, in bytes; a story may claim more than `data` holds."""

    kind: str
    file_id: str
    unique_id: str
    data: bytes
    name: str
    mime: str
    size: int
    path: str
    width: int
    height: int

    def shown(self) -> Json:
        """file_id, file_unique_id and file_size, as every media object has them."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


class FileStore:
    """All files by file_id and by path."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}

    def add(self, kind: str, data: bytes, name: str = "", mime: str = "", size: int | None = None) -> Stored:
        """Keep `data` and give it identifiers; `size` overrides the length in bytes that Telegram states."""
        known = KINDS[kind]
        width, height = dimensions(data) or (640, 480)
        extension = name.rpartition(".")[2] if kind == "document" and "." in name else known.extension
        stored = Stored(
            kind=kind,
            file_id=self._identifier(known.mark, 54),
            unique_id=self._identifier(known.mark, 11),
            data=data,
            name=name,
            mime=mime or content_type(data, known.mime),
            size=len(data) if size is None else size,
            path=f"{known.folder}/file_{len(self._by_path)}.{extension}",
            width=width,
            height=height,
        )
        self._by_id[stored.file_id] = self._by_path[stored.path] = stored
        return stored

    def _identifier(self, mark: int, length: int) -> str:
        raw = bytes([mark, 0, 2]) + self._chance.randbytes(length - 3)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def get(self, file_id: str) -> Stored | None:
        """The file with this file_id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> Stored | None:
        """The file that getFile gave this file_path."""
        return self._by_path.get(path)

    def sizes(self, photo: Stored) -> list[Json]:
        """A photo as Telegram shows it: small, medium and full size, each with its own file_id."""
        steps = [side for side in (90, 320) if side < max(photo.width, photo.height)]
        shown = []
        for side in steps:
            scale = side / max(photo.width, photo.height)
            size = max(1, round(photo.size * scale * scale))
            small = self.add("photo", photo.data, photo.name, photo.mime, size=size)
            shown.append(
                {
                    **small.shown(),
                    "width": max(1, round(photo.width * scale)),
                    "height": max(1, round(photo.height * scale)),
                }
            )
        return [*shown, {**photo.shown(), "width": photo.width, "height": photo.height}]

    def content(self, stored: Stored, extra: Json | None = None) -> Json:
        """The fields a Message with this file has; `extra` adds duration, performer, emoji and the like."""
        if stored.kind == "photo":
            return {"photo": self.sizes(stored)}
        shown = {**stored.shown(), **_particulars(stored), **(extra or {})}
        content = {stored.kind: shown}
        if stored.kind == "animation":
            content["document"] = {**stored.shown(), **_named(stored)}
        return content


def _named(stored: Stored) -> Json:
    named: Json = {"mime_type": stored.mime}
    return named | ({"file_name": stored.name} if stored.name else {})


def _particulars(stored: Stored) -> Json:
    frame: Json = {"width": stored.width, "height": stored.height}
    table: dict[str, Json] = {
        "document": _named(stored),
        "audio": {"duration": 1, **_named(stored)},
        "voice": {"duration": 1, "mime_type": stored.mime},
        "video": {**frame, "duration": 1, **_named(stored)},
        "animation": {**frame, "duration": 1, **_named(stored)},
        "video_note": {"length": 240, "duration": 1},
        "sticker": {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
        },
    }
    return table[stored.kind]
