"""What a media file is, whether it is whole, and whether it is what was asked for.

No FFmpeg program is needed: the libraries come with PyAV. Importing this package loads them (about 70 ms).
"""

from prefect_nemovideo.media.boxes import Boxes, walk_boxes
from prefect_nemovideo.media.compare import Wanted, compare
from prefect_nemovideo.media.errors import Corrupt, MediaError, NotMedia
from prefect_nemovideo.media.poster import poster
from prefect_nemovideo.media.probe import MediaInfo, probe
from prefect_nemovideo.media.reading import Readable, Source
from prefect_nemovideo.media.verify import Verified, verify

__all__ = [
    "Boxes",
    "Corrupt",
    "MediaError",
    "MediaInfo",
    "NotMedia",
    "Readable",
    "Source",
    "Verified",
    "Wanted",
    "compare",
    "poster",
    "probe",
    "verify",
    "walk_boxes",
]
