"""Photos are checked, re-encoded without EXIF, stored once; other files are refused in words."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from bot.bootstrap import App
from bot.media import MediaRefused, clean_photo


def jpeg(size: tuple[int, int] = (64, 48), *, gps: bool = True) -> bytes:
    picture, out = Image.new("RGB", size, "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    if gps:
        exif.get_ifd(0x8825)[1] = "N"
    picture.save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()


def test_exif_and_comments_are_gone() -> None:
    data = jpeg()
    assert b"SecretCamera" in data
    clean, media_type = clean_photo(data)
    assert media_type == "image/jpeg"
    assert b"SecretCamera" not in clean
    assert b"secret comment" not in clean
    with Image.open(io.BytesIO(clean)) as picture:
        assert not picture.getexif()


def test_a_turned_photo_is_stored_upright() -> None:
    picture, out, exif = Image.new("RGB", (80, 40)), io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    picture.save(out, "JPEG", exif=exif)
    clean, _ = clean_photo(out.getvalue())
    with Image.open(io.BytesIO(clean)) as upright:
        assert upright.size == (40, 80)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.txt", "x" * 100)
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "phrase"),
    [
        (b"", "bad.photo_broken"),
        (zipped(), "bad.photo_broken"),
        (gif(), "bad.photo_broken"),
        (jpeg()[:200], "bad.photo_broken"),
        (b"\xff\xd8\xff" + b"\0" * 500, "bad.photo_broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 11_000_000, "bad.photo_big"),
    ],
    ids=["empty", "zip", "gif", "cut", "garbage", "big"],
)
def test_what_is_no_photo_is_refused(data: bytes, phrase: str) -> None:
    with pytest.raises(MediaRefused) as caught:
        clean_photo(data)
    assert caught.value.phrase == phrase


def test_a_decompression_bomb_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(MediaRefused):
        clean_photo(out.getvalue())


async def test_the_same_upload_twice_is_one_file(app: App) -> None:
    first = await app.media.photo("web", "anna", "id-1", jpeg())
    second = await app.media.photo("web", "anna", "id-1", jpeg())
    assert first == second
    assert len(list(app.attachments_dir.iterdir())) == 1


async def test_nobody_uses_a_file_of_somebody_else(app: App) -> None:
    stored = await app.media.photo("web", "anna", "id-1", jpeg())
    assert await app.media.own([stored.id], "web", "anna") == (stored.id,)
    assert await app.media.own([stored.id], "web", "bert") == ()
    assert await app.media.read(stored.id, "web", "bert") is None
