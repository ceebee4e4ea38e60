"""What a picture's metadata give away: where it was taken, and names. The picture itself is not looked at or kept."""

from __future__ import annotations

import io
import re
import warnings

from PIL import ExifTags, Image

_NAMED = (ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.XPAuthor)
_NOT_A_NAME = re.compile(r"\(c\)|©|copyright|all rights reserved|\b\d{4}\b", re.IGNORECASE)


def looks(content: bytes, media_type: str) -> tuple[bool, tuple[str, ...]]:
    """Whether the metadata show a place, and the names in them. Of what is no picture, or broken: nothing."""
    if not media_type.startswith("image/"):
        return False, ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = Image.open(io.BytesIO(content)).getexif()
            place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, Image.DecompressionBombError):
        return False, ()
    shown = bool(place.get(ExifTags.GPS.GPSLatitude) and place.get(ExifTags.GPS.GPSLongitude))
    return shown, tuple(dict.fromkeys(name for tag in _NAMED if (name := _name(exif.get(tag)))))


def _name(value: object) -> str:
    text = value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else str(value or "")
    return _NOT_A_NAME.sub("", text).strip(" \0.,;-")[:80]
