"""A small film studio: generated sources, real renders, and eyes and ears for the results."""

from __future__ import annotations

import array
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from prefect_nemovideo.emulator.renderer import Output, ProbedFile, Rendered, probe_upload, render

WIDTH, HEIGHT = 320, 180
STRIPES = 12
# Sound is looked at as mono samples at this rate.
HERTZ = 8000

# Twelve stripes, bright where the frame's number has that bit; drawn tiny and enlarged, which is quick.
CLOCK_VIDEO = (
    "color=black:s=12x2:r={fps}:d={seconds},format=gray,geq=lum='if(bitand(N,pow(2,X)),235,16)',"
    "scale={width}:{height}:flags=neighbor,setsar=1,format=yuv420p"
)
# A beep of 40 ms at the start of every second.
CLOCK_AUDIO = "aevalsrc='0.4*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=48000:d={seconds}"


def run_tool(*arguments: str | Path) -> None:
    """Run FFmpeg to make test media."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True)
class Picture:
    """One decoded frame, as rows of luma and the two chroma planes."""

    width: int
    height: int
    luma: bytes
    chroma: tuple[bytes, bytes]
    seconds: float

    def at(self, x: float, y: float) -> int:
        """The luma at a place given as shares of width and height."""
        return self.luma[int(y * self.height) * self.width + int(x * self.width)]

    def number(self) -> int:
        """The frame number written into the clock's stripes."""
        return sum(1 << bit for bit in range(STRIPES) if self.at((bit + 0.5) / STRIPES, 0.5) > 125)

    def mean(self) -> float:
        """The mean luma."""
        return sum(self.luma) / len(self.luma)

    def edges(self) -> float:
        """Laplacian energy: how much detail there is."""
        w, p = self.width, self.luma
        total = 0
        for row in range(1, self.height - 1):
            for i in range(row * w + 1, row * w + w - 1):
                total += abs(4 * p[i] - p[i - 1] - p[i + 1] - p[i - w] - p[i + w])
        return total / (self.width * self.height)


@dataclass
class Film:
    """A decoded file."""

    pictures: list[Picture]
    samples: array.array[int]
    peak: float
    width: int
    height: int
    codecs: list[str]
    pixel_format: str

    def numbers(self) -> list[int]:
        """The clock's frame numbers, one per frame."""
        return [picture.number() for picture in self.pictures]

    def rms(self, start: float, end: float) -> float:
        """How loud it is between two times in seconds; full scale is 1."""
        part = self.samples[int(start * HERTZ) : int(end * HERTZ)]
        return float((sum(s * s for s in part) / max(1, len(part))) ** 0.5 / 32768)

    def pitch(self, start: float, end: float) -> float:
        """The frequency of a tone between two times, from its zero crossings."""
        part = self.samples[int(start * HERTZ) : int(end * HERTZ)]
        crossings = sum(1 for a, b in pairwise(part) if (a < 0) != (b < 0))
        return crossings / 2 / (end - start)

    def beeps(self) -> list[float]:
        """When the beeps start, in seconds."""
        found: list[float] = []
        for index, sample in enumerate(self.samples):
            at = index / HERTZ
            if abs(sample) > 2500 and (not found or at - found[-1] > 0.2):
                found.append(at)
        return found


def watch(path: Path) -> Film:
    """Decode a whole file; any damage is an error."""
    pictures: list[Picture] = []
    samples: array.array[int] = array.array("h")
    peak = 0.0
    resampler = av.AudioResampler(format="s16", layout="mono", rate=HERTZ)
    with av.open(str(path)) as container:
        streams = container.streams
        for stream in streams:
            stream.codec_context.options = {"err_detect": "explode"}
        for packet in container.demux():
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    pictures.append(_picture(frame))
                elif isinstance(frame, av.AudioFrame):
                    assert frame.format.name == "fltp"
                    for plane in frame.planes:
                        values = memoryview(bytes(plane)[: 4 * frame.samples]).cast("f")
                        peak = max(peak, max(values), -min(values))
                    for piece in resampler.resample(frame):
                        samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
        codecs = [stream.codec_context.name for stream in streams]
        video = streams.video[0].codec_context
        return Film(pictures, samples, peak, video.width, video.height, codecs, str(video.pix_fmt))


def _picture(frame: av.VideoFrame) -> Picture:
    plain = frame.reformat(format="yuv420p")
    planes = [
        b"".join(
            bytes(plane)[row * plane.line_size : row * plane.line_size + plane.width] for row in range(plane.height)
        )
        for plane in plain.planes
    ]
    return Picture(plain.width, plain.height, planes[0], (planes[1], planes[2]), float(frame.time or 0.0))


@dataclass
class Studio:
    """Sources, and drafts made of them."""

    folder: Path
    library: Path
    probes: dict[Path, ProbedFile]
    sources: dict[str, tuple[Path, ProbedFile]] = field(default_factory=dict)
    progress: list[float] = field(default_factory=list)

    def make(self, name: str, *arguments: str | Path) -> Path:
        """A file made by FFmpeg, once for all tests."""
        path = self.library / name
        if not path.exists():
            run_tool(*arguments, path)
        return path

    def clock(self, *, fps: str = "25", seconds: float = 4, width: int = WIDTH, height: int = HEIGHT) -> Path:
        """A clip that shows its frame number and beeps each second."""
        video = CLOCK_VIDEO.format(fps=fps, seconds=seconds, width=width, height=height)
        name = f"clock_{fps.replace('/', '_')}_{seconds}_{width}x{height}.mp4"
        inputs = ("-f", "lavfi", "-i", video, "-f", "lavfi", "-i", CLOCK_AUDIO.format(seconds=seconds))
        return self.make(name, *inputs, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-c:a", "aac")

    def scene(self, name: str, graph: str, *arguments: str) -> Path:
        """A silent clip or a sound from a lavfi graph."""
        return self.make(name, "-f", "lavfi", "-i", graph, *arguments)

    async def add(self, file_id: str, path: Path) -> ProbedFile:
        """Probe a file and make it known to drafts."""
        if path not in self.probes:
            self.probes[path] = await probe_upload(path)
        self.sources[file_id] = (path, self.probes[path])
        return self.probes[path]

    async def render(self, draft: dict[str, Any], **output: Any) -> Rendered:
        """Render a draft into the test's own folder."""
        target = self.folder / f"out.{output.get('format', 'mp4')}"
        wish = Output.parse(output)
        return await render(draft, self.sources, wish, target, on_progress=self.progress.append)

    def watch(self, path: Path) -> Film:
        """Decode a file."""
        return watch(path)

    async def film(self, draft: dict[str, Any], **output: Any) -> Film:
        """Render a draft and watch the result."""
        return watch((await self.render(draft, **output)).path)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where generated sources are kept for all tests."""
    return tmp_path_factory.mktemp("library")


@pytest.fixture(scope="session")
def probes() -> dict[Path, ProbedFile]:
    """What probing said of the sources, asked once for all tests."""
    return {}


@pytest.fixture
def studio(tmp_path: Path, library: Path, probes: dict[Path, ProbedFile]) -> Studio:
    """A studio with an empty shelf."""
    return Studio(tmp_path, library, probes)


@pytest.fixture
def draft() -> Callable[..., dict[str, Any]]:
    """Builds drafts: video segments one behind the other, then sounds and texts as given."""

    def build(
        *videos: dict[str, Any],
        sounds: list[dict[str, Any]] | None = None,
        texts: list[dict[str, Any]] | None = None,
        **canvas: Any,
    ) -> dict[str, Any]:
        at = 0
        segments = []
        for number, video in enumerate(videos):
            settings = dict(video)
            start = settings.pop("s", at)
            length = settings.pop("d")
            segments.append(
                {"id": f"v{number}", "src": settings.pop("src", "clock"), "s": start, "d": length, "m": settings}
            )
            at = start + length
        tracks: list[dict[str, Any]] = [{"id": "t0", "tt": 0, "m": {"title": "clips"}, "sg": segments}]
        for kind, others in ((1, sounds), (7, texts)):
            if others:
                tracks.append({"id": f"t{kind}", "tt": kind, "m": {"title": "more"}, "sg": others})
        size = {"title": "project", "width": WIDTH, "height": HEIGHT, "fps": 25.0}
        return {"d": at, "m": size | canvas, "t": tracks}

    return build
