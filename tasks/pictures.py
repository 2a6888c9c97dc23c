"""Two small pictures beside a video, for people who look through many: what it was, and what it is now."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.media import MediaError, poster, probe
from prefect_nemovideo.media import Source as Film
from prefect_nemovideo.media.reading import name_of
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import Pictures
from prefect_nemovideo.storage import Place, StorageError
from prefect_nemovideo.tasks.archive import open_archive
from prefect_nemovideo.tasks.downloads import LocalFile, opened
from prefect_nemovideo.tasks.sources import Source

#: Wide enough for a card of a gallery on a sharp screen; some 40 kB.
LONGEST_SIDE_PIXELS = 800
#: Behind a fade-in, while a title of the beginning is still shown, and soon decoded. A shorter film: its middle.
MOMENT_SECONDS, MIDDLE = 1.5, 0.5


async def archive_pictures(archive: str | None, name: str, footage: Source | None, video: LocalFile) -> Pictures:
    """Puts a picture of the video beside it, and one of its footage where that is a file of this machine.

    Nice to have: no trouble with a picture fails a job that is paid for, it is only told.

    Args:
        archive: See `open_archive`.
        name: The video's name there; the pictures' names are made of it.
        video: The video as it was downloaded.
    """
    place = await open_archive(archive)
    stem = name.rpartition(".")[0]
    files: dict[str, tuple[Film, str]] = {"after": (await opened(video.path, video.staged_in), f"{stem}.jpg")}
    if footage is not None and footage.kind == "file":
        files["before"] = (Path(footage.where), f"{stem}.before.jpg")
    taken = {moment: await in_thread(_put_picture, place, path, picture) for moment, (path, picture) in files.items()}
    return Pictures.model_validate(taken)


def _put_picture(place: Place, film: Film, name: str) -> str | None:
    try:
        with tempfile.TemporaryDirectory(prefix="nemovideo-") as folder:
            moment = min(probe(film).duration_seconds * MIDDLE, MOMENT_SECONDS)
            picture = poster(film, moment, Path(folder) / "picture.jpg", longest_side=LONGEST_SIDE_PIXELS)
            place.put_file(picture, name, content_type="image/jpeg", overwrite=True)
    except (MediaError, StorageError, OSError) as error:
        tell(f"There is no picture of {name_of(film)}: {error}", level=logging.WARNING)
        return None
    return name
