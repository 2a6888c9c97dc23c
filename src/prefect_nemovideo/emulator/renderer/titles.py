"""Words over the picture, drawn as PNG files by Pillow: no text ever gets into a filter's arguments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from prefect_nemovideo.emulator.renderer.fonts import Typeface

# Shares of the shorter side of the picture: a line of normal size, and the smallest that still reads.
NORMAL_SIZE: Final = 0.085
SMALLEST_SIZE: Final = 0.02
# Televisions and phones may cover this much of each side.
SAFE_MARGIN: Final = 0.05
# Shares of the letter size.
OUTLINE: Final = 0.06
SHADOW: Final = 0.10
LINE_SPACING: Final = 1.25
# A text too tall for the picture is set again this much smaller, until it fits.
SHRINK: Final = 0.85

WHITE: Final = (255, 255, 255, 255)
BLACK: Final = (0, 0, 0, 230)
# From here on scripts are written without spaces, so a line may break between any two characters.
_EAST_ASIAN: Final = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_WORDS: Final = re.compile(rf"[{_EAST_ASIAN}]|[^\s{_EAST_ASIAN}]+|\s+")


@dataclass(frozen=True)
class Title:
    """One text on a picture of a given size.

    Attributes:
        text: what it says; a line break stays one.
        position: `top`, `center`, `bottom` or a corner such as `top-left`.
        size: 1.0 is normal.
        width: of the picture, in pixels.
        height: likewise.
    """

    text: str
    position: str
    size: float
    width: int
    height: int

    @property
    def place(self) -> tuple[str, str]:
        """The overlay filter's x and y for the drawn file, within the safe margins."""
        margin_x, margin_y = round(self.width * SAFE_MARGIN), round(self.height * SAFE_MARGIN)
        x, y = "(W-w)/2", "(H-h)/2"
        if "left" in self.position:
            x = f"{margin_x}"
        elif "right" in self.position:
            x = f"W-w-{margin_x}"
        if "top" in self.position:
            y = f"{margin_y}"
        elif "bottom" in self.position:
            y = f"H-h-{margin_y}"
        return x, y

    def draw(self, target: Path) -> None:
        """Write the text, cropped to itself, as a transparent PNG: white with a dark outline and a soft shadow.

        A long line is wrapped, and a text that is too tall is set smaller.
        """
        self._image().save(target, "PNG", compress_level=1)

    def _image(self) -> Image.Image:
        room_x, room_y = (round(side * (1 - 2 * SAFE_MARGIN)) for side in (self.width, self.height))
        short_side = min(self.width, self.height)
        pixels = max(8, round(short_side * NORMAL_SIZE * self.size))
        smallest = max(8, round(short_side * SMALLEST_SIZE))
        while True:
            face = Typeface(pixels)
            border = _border(pixels)
            lines = list(_wrapped(_clean(self.text), face, room_x - 2 * border))
            widths = [_width(line, face) for line in lines]
            width = round(max(widths)) + 2 * border
            height = round(len(lines) * pixels * LINE_SPACING) + 2 * border
            if (width <= room_x and height <= room_y) or pixels <= smallest:
                break
            pixels = max(smallest, int(pixels * SHRINK))
        return self._drawn(lines, widths, face, (min(width, self.width), min(height, self.height)))

    def _drawn(self, lines: list[str], widths: list[float], face: Typeface, size: tuple[int, int]) -> Image.Image:
        border = _border(face.pixels)
        outline = max(1, round(face.pixels * OUTLINE))
        letters = Image.new("RGBA", size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(letters)
        for number, (line, width) in enumerate(zip(lines, widths, strict=True)):
            x = (size[0] - width) / 2
            if "left" in self.position:
                x = border
            elif "right" in self.position:
                x = size[0] - border - width
            # The anchor is the base line, so that fonts of different build stand on one line.
            y = border + face.pixels * (number * LINE_SPACING + 0.95)
            for text, font in face.runs(line):
                pen.text((x, y), text, WHITE, font, anchor="ls", stroke_width=outline, stroke_fill=BLACK)
                x += font.getlength(text)
        shadow = Image.new("RGBA", size, (0, 0, 0, 0))
        shadow.putalpha(letters.getchannel("A").filter(ImageFilter.GaussianBlur(face.pixels * SHADOW / 2)))
        return Image.alpha_composite(shadow, letters)


def _border(pixels: int) -> int:
    """Room around the letters for outline and shadow, in pixels."""
    return round(pixels * (OUTLINE + SHADOW)) + 1


def _clean(text: str) -> str:
    """Without control characters: they have no shape, and some turn the whole line around."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc").strip() or " "


def _wrapped(text: str, face: Typeface, room: int) -> Iterator[str]:
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph, face, room):
            if line and _width((line + word).rstrip(), face) > room:
                yield line.rstrip()
                line = word.lstrip()
            else:
                line += word
        yield line.rstrip()


def _pieces(paragraph: str, face: Typeface, room: int) -> Iterator[str]:
    """Words, spaces and single East Asian characters; a word wider than the picture letter by letter."""
    for word in _WORDS.findall(paragraph):
        if len(word) > 1 and _width(word, face) > room:
            yield from word
        else:
            yield word


def _width(text: str, face: Typeface) -> float:
    return sum(font.getlength(part) for part, font in face.runs(text))
