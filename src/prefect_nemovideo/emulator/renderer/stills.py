"""A poster and a contact sheet, out of the same pass as the film: the frames are there anyway."""

from __future__ import annotations

from math import ceil
from typing import Final

from prefect_nemovideo.emulator.renderer.graph import Graph

POSTER_NAME: Final = "poster.jpg"
SHEET_NAME: Final = "sheet.jpg"
# The longer side of the poster, and of one picture of the sheet, in pixels: sharp on a page, some 100 kB each.
POSTER_SIDE: Final = 1280
SHEET_SIDE: Final = 320
COLUMNS: Final = 4
ROWS: Final = 3
GAP: Final = 4
# The poster's place in the film: behind a title or a fade at its beginning.
POSTER_AT: Final = 1 / 3
# JPEG's scale is 2 (best) to 31.
JPEG_QUALITY: Final = 3
# A JPEG is full-range BT.601 to every viewer.
JPEG_COLORS: Final = "out_color_matrix=smpte170m:out_range=pc"


def add_stills(graph: Graph, poster: str, sheet: str, size: tuple[int, int], frames: int) -> list[str]:
    """Make a poster of the frames at one label and a sheet of those at another; the arguments of both outputs.

    Both read on to the last frame, though they need none after their own: so whoever feeds them is decoded to the end.
    """
    at = min(frames - 1, int(frames * POSTER_AT))
    graph.chain([poster], [f"select='eq(n,{at})'", *_jpeg(size, POSTER_SIDE)], "poster")
    count = min(frames, COLUMNS * ROWS)
    columns = min(count, COLUMNS)
    shown = "+".join(f"eq(n,{int((number + 0.5) * frames / count)})" for number in range(count))
    tiles = f"tile={columns}x{ceil(count / columns)}:padding={GAP}:margin={GAP}"
    graph.chain([sheet], [f"select='{shown}'", *_jpeg(size, SHEET_SIDE), tiles], "sheet")
    arguments = []
    for label, name in (("poster", POSTER_NAME), ("sheet", SHEET_NAME)):
        arguments += ["-map", f"[{label}]", "-c:v", "mjpeg", "-q:v", str(JPEG_QUALITY), "-update", "1"]
        arguments += ["-map_metadata", "-1", name]
    return arguments


def _jpeg(size: tuple[int, int], longest: int) -> list[str]:
    share = min(1.0, longest / max(size))
    width, height = (max(2, 2 * round(side * share / 2)) for side in size)
    return [f"scale={width}:{height}:flags=area:{JPEG_COLORS}", "setsar=1", "format=yuv420p"]
