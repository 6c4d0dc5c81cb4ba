"""Bytes of a file as text: UTF-8 and nothing else, or the reason why it is none."""

from __future__ import annotations

import codecs

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class NotText(ValueError):
    """The file cannot be read as text; the message says why, for a person."""


def decode(data: bytes) -> str:
    """The text of a file, without a byte order mark; line ends stay as they are.

    Raises NotText for UTF-16 and UTF-32, for NUL bytes and for what is no UTF-8.
    """
    if data.startswith(_UTF16):
        raise NotText("is UTF-16 or UTF-32: convert it to UTF-8")
    if (nul := data.find(b"\0")) >= 0:
        raise NotText(f"is binary: it holds a NUL byte at offset {nul}")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()  # the codec that does it is slow
    except UnicodeDecodeError as error:
        raise NotText(f"is no UTF-8 text: {error.reason} at offset {error.start}") from None
