"""Pictures: made when a story needs one, and recognised when the bot sends one."""

import random
import struct
import zlib

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"%PDF", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)


def picture(chance: random.Random, width: int = 640, height: int = 480) -> bytes:
    """A valid PNG of coloured bands, different each time."""
    bands = [bytes(chance.randrange(40, 230) for _ in range(3)) * width for _ in range(6)]
    rows = b"".join(b"\x00" + bands[y * len(bands) // height] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return SIGNATURES[0][0] + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def content_type(data: bytes, otherwise: str = "application/octet-stream") -> str:
    """The MIME type that the first bytes tell."""
    return next((kind for begin, kind in SIGNATURES if data.startswith(begin)), otherwise)


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None when the bytes are no picture we know."""
    kind = content_type(data, "")
    if kind == "image/png" and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if kind == "image/gif" and len(data) >= 10:
        return struct.unpack("<HH", data[6:10])
    if kind == "image/jpeg":
        return _jpeg(data)
    if kind == "image/webp" and data[8:12] == b"WEBP":
        return 512, 512
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
