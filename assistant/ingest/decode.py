"""From bytes to text."""

from __future__ import annotations

import codecs

from assistant.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# Files that begin so are known not to be text, whatever their name says.
_MAGIC = {
    b"%PDF": "a PDF", b"PK\x03\x04": "a ZIP or office file", b"\xd0\xcf\x11\xe0": "an old office file",
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"\x1f\x8b": "a gzip file",
    b"\x7fELF": "a program",
    b"ID3": "an audio file", b"RIFF": "an audio or video file", b"SQLite format 3": "a database",
}  # fmt: skip


def decode(raw: bytes, declared: str = "") -> str:
    """The text of bytes: by byte order mark, as UTF-8, in the declared encoding, else as charset_normalizer detects.

    Raises `Unreadable` where the bytes are no text.
    """
    for magic, what in _MAGIC.items():
        if raw.startswith(magic):
            raise Unreadable(f"The file is not text but {what}; give it that name ending, or save it as text.")
    bom = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), "")
    if not bom and b"\x00" in raw:
        raise Unreadable("The file is not text: it holds zero bytes; save it as text or as one of the known formats.")
    for encoding in filter(None, (bom, "" if bom else "utf-8", declared)):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _detected(raw)


def _detected(raw: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:200_000]).best()
    text = raw.decode(best.encoding, errors="replace") if best else ""
    strange = sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in text)
    if not text or strange > 0.01 * len(text):
        raise Unreadable("The file is not text in any encoding that is known here; save it as UTF-8.")
    return text
