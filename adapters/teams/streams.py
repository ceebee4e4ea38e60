"""Reads no more than is wanted, whatever the other side sends."""

from __future__ import annotations

from aiohttp import StreamReader


async def at_most(stream: StreamReader, most: int) -> bytes | None:
    """All of a stream; None when it holds more than so many bytes."""
    found = await beginning(stream, most + 1)
    return found if len(found) <= most else None


async def beginning(stream: StreamReader, most: int) -> bytes:
    """The first so many bytes of a stream."""
    found = bytearray()
    while len(found) < most and (part := await stream.read(most - len(found))):
        found += part
    return bytes(found)
