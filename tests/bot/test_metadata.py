"""What a picture's metadata give away."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from bot.metadata import looks


def picture(*, place: bool = False, artist: str = "", form: str = "JPEG") -> bytes:
    exif = Image.Exif()
    if artist:
        exif[ExifTags.Base.Artist] = artist
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (60.0, 7.0, 30.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (24.0, 26.0, 20.0)
    out = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_place_and_names_are_seen(form: str) -> None:
    found = looks(picture(place=True, artist="Copyright 2024 Eva Ek", form=form), f"image/{form.lower()}")
    assert found == (True, ("Eva Ek",))


def test_nothing_is_seen_where_nothing_is() -> None:
    assert looks(picture(), "image/jpeg") == (False, ())
    assert looks(picture(place=True), "application/pdf") == (False, ())


def test_the_beginning_of_a_picture_is_enough() -> None:
    assert looks(picture(place=True)[:-500], "image/jpeg")[0]


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=400), st.booleans())
def test_no_content_is_an_error(content: bytes, begun: bool) -> None:
    shown, people = looks((picture(place=True)[:60] if begun else b"") + content, "image/jpeg")
    assert isinstance(shown, bool)
    assert all(isinstance(name, str) for name in people)
