"""Which installed font can write which character."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FONT_SUFFIXES: Final = (".ttf", ".otf", ".ttc", ".otc")
# Bold sans-serif faces read best over a moving picture; then the faces that hold Chinese, Japanese and Korean.
PREFERRED: Final = (
    "notosans-bold",
    "dejavusans-bold",
    "liberationsans-bold",
    "opensans-bold",
    "roboto-bold",
    "arialbold",
    "arial",
    "dejavusans",
    "helvetica",
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "wqy",
    "droidsansfallback",
    "pingfang",
    "hiragino",
    "simhei",
    "msyh",
)
# Looking for one odd character opens fonts one after the other; a desktop may have thousands.
MAX_FONTS: Final = 200
# The package of the extra `cjk`: one font file of Chinese, Japanese and Korean.
CJK_PACKAGE: Final = "noto_cjk_sans_otc"
# No font has a drawing for this one: what comes out is the font's box for missing characters.
_NOWHERE: Final = "\U0010fffe"


def font_directories() -> tuple[Path, ...]:
    """Where fonts are installed: fontconfig's usual places, the user's own, macOS', and the extra `cjk`."""
    home = Path(os.path.expanduser("~"))
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return (
        data / "fonts",
        home / ".fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
        home / "Library/Fonts",
        Path("/Library/Fonts"),
        Path("/System/Library/Fonts"),
        *packaged_fonts(),
    )


def packaged_fonts() -> tuple[Path, ...]:
    """The folder of the extra `cjk`, if it is installed."""
    found = importlib.util.find_spec(CJK_PACKAGE)
    return tuple(map(Path, found.submodule_search_locations or ())) if found else ()


@functools.cache
def installed_fonts(directories: Sequence[Path]) -> tuple[Path, ...]:
    """The font files below these directories, the best for titles first."""
    found = [
        Path(parent, name)
        for directory in directories
        for parent, _, names in os.walk(directory)
        for name in names
        if name.lower().endswith(FONT_SUFFIXES)
    ]
    return tuple(sorted(found, key=lambda path: (_rank(path), path.name))[:MAX_FONTS])


def _rank(path: Path) -> int:
    name = path.stem.lower().replace(" ", "").replace("_", "-")
    for rank, wanted in enumerate(PREFERRED):
        if name == wanted or (name.startswith(wanted) and "italic" not in name and "oblique" not in name):
            # An exact match goes ahead of its condensed and extra-light relatives.
            return 2 * rank + (name != wanted)
    return 2 * len(PREFERRED) + ("italic" in name or "oblique" in name)


class Typeface:
    """All installed fonts at one size, asked character by character.

    Example:
        >>> [text for text, _ in Typeface(40).runs("Hi 你好")]
        ['Hi ', '你好']
    """

    def __init__(self, pixels: int, directories: Sequence[Path] | None = None) -> None:
        self.pixels = pixels
        self._paths = installed_fonts(font_directories() if directories is None else tuple(directories))
        self._opened: dict[Path, ImageFont.FreeTypeFont | None] = {}
        self._chosen: dict[str, Font] = {}
        # Pillow's own: English letters only, but always there.
        self._last_resort = ImageFont.load_default(pixels)

    def runs(self, text: str) -> Iterator[tuple[str, Font]]:
        """The text cut where the font changes."""
        start = 0
        font: Font | None = None
        for index, character in enumerate(text):
            # Spaces and joiners stay in the run they stand in, so that words are shaped as a whole.
            own = font if font is not None and not character.isprintable() else self._font_of(character, font)
            if font is not None and own is not font:
                yield text[start:index], font
                start = index
            font = own
        if font is not None:
            yield text[start:], font

    @property
    def first(self) -> Font:
        """The font of plain text."""
        return next(self._fonts())

    def _font_of(self, character: str, current: Font | None) -> Font:
        if character.isspace() and current is not None:
            return current
        if character not in self._chosen:
            able = (font for font in self._fonts() if _draws(font, character))
            self._chosen[character] = next(able, self.first)
        return self._chosen[character]

    def _fonts(self) -> Iterator[Font]:
        for path in self._paths:
            if path not in self._opened:
                try:
                    self._opened[path] = ImageFont.truetype(path, self.pixels)
                except OSError:
                    self._opened[path] = None
            font = self._opened[path]
            if font is not None:
                yield font
        yield self._last_resort


def _draws(font: Font, character: str) -> bool:
    """Whether the font has its own drawing of the character rather than the box for a missing one."""
    if character.isspace():
        return True
    return bytes(font.getmask(character)) != bytes(font.getmask(_NOWHERE))
