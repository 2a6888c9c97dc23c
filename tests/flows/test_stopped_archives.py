"""A job that is stopped while its bucket does not answer: it ends at once, and leaves no upload behind."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import command
import pytest
from loopback import LOOK_AGAIN_SECONDS, S3Server
from nemo_server import NemoServer
from prefect_server import PrefectServer
from pydantic import SecretStr
from way import Way

from prefect_nemovideo.api.line import Line
from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.progress import Meter
from prefect_nemovideo.storage import S3Options
from prefect_nemovideo.storage.arriving import PART_BYTES
from prefect_nemovideo.storage.client import make_client
from prefect_nemovideo.storage.s3 import S3Place

Nemo = Callable[..., NemoServer]
PARTS_ABOVE = 1024 * 1024


@pytest.fixture(params=["swift_s3", "ministack_s3"])
def s3(request: pytest.FixtureRequest) -> S3Server:
    """Each of the two S3 servers."""
    server: S3Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def way(s3: S3Server) -> AsyncIterator[Way]:
    """A way to the bucket that can keep its answers back."""
    with Way(s3.endpoint_url) as way:
        await way.open()
        yield way
        await way.close()


async def interrupted(words: list[str], way: Way, environment: dict[str, str]) -> command.Ended:
    """A command, and Ctrl-C once the bucket has done something of which nobody hears."""
    process = command.begin(*words, **environment)
    await way.holds()
    process.send_signal(signal.SIGINT)
    return await asyncio.to_thread(command.end, process)


@pytest.mark.parametrize(
    ("straight", "held_back"),
    [(False, "PUT /{bucket}/small"), (True, "partNumber="), (True, "<CompleteMultipartUpload")],
)
@pytest.mark.usefixtures("prefect_api")
async def test_ctrl_c_does_not_wait_for_a_bucket_that_does_not_answer(
    nemo: Nemo,
    small_clip: Path,
    s3: S3Server,
    way: Way,
    prefect_server: PrefectServer,
    straight: bool,
    held_back: str,
) -> None:
    """Neither for the answer to a video, nor for that to a part or the end of one; and the next command delivers it."""
    service = nemo(instant_renders=True)
    bucket = s3.make_bucket()
    block = S3Archive(
        bucket=bucket,
        endpoint_url=way.api_url,
        region=s3.region,
        access_key_id=s3.access_key,
        secret_access_key=SecretStr(s3.secret_key),
        straight=straight,
    )
    await block.asave("far", overwrite=True)
    way.held_back = held_back.format(bucket=bucket).encode()
    words = ["edit", str(small_clip), "-i", "sharpen the details", "--resolution", "720p", "--archive", "far", "--json"]
    environment = {"PREFECT_API_URL": prefect_server.api_url}
    ended = await interrupted(words, way, environment)
    assert ended.code == 130, ended.err
    assert "Interrupted. 50 credits were spent" in ended.err
    assert not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    if straight:
        assert not s3.client().list_objects_v2(Bucket=bucket).get("Contents")
    way.held_back = None
    again = await asyncio.to_thread(lambda: command.run(*words, **environment))
    assert (again.code, again.document["resumed"]) == (0, True), again.err
    assert (service.charged(), len(service.renders())) == (50, 1)


def beside_the_loop() -> list[threading.Thread]:
    """Threads with blocking work that has not ended."""
    return [thread for thread in threading.enumerate() if thread.name == "nemovideo-blocking"]


async def test_what_is_left_to_itself_replaces_nothing_later(s3: S3Server, way: Way) -> None:
    """boto3 sends a request again that broke off: by then somebody else may have written."""
    client = make_client(way.api_url, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client)
    near = S3Place(place.bucket, "", s3.client())
    way.held_back = b"PUT "
    storing = asyncio.create_task(in_thread(place.put_bytes, "record", b"old"))
    await way.holds()
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    near.put_bytes("record", b"new")
    way.held_back = None
    (left,) = beside_the_loop()
    await way.close()
    await way.open()
    await asyncio.to_thread(left.join)
    assert near.read_bytes("record") == b"new"


async def test_an_upload_whose_id_comes_too_late_is_taken_back(s3: S3Server, way: Way) -> None:
    """The run is stopped while the bucket begins it."""
    client = make_client(way.api_url, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client, options=S3Options(straight=True))
    assert place.staging is not None
    way.held_back, line, arriving = b"?uploads", Line(), place.staging.receive("clip.mp4")
    bringing = asyncio.create_task(line.run(lambda: arriving.take(bytes(PART_BYTES), line.check)))
    await way.holds()
    bringing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bringing
    arriving.close()
    (beginning,) = beside_the_loop()
    way.go_on()
    await asyncio.to_thread(beginning.join)
    assert not s3.client().list_multipart_uploads(Bucket=place.bucket).get("Uploads")


async def test_a_video_that_begins_anew_does_not_wait_for_a_bucket_that_does_not_answer(s3: S3Server, way: Way) -> None:
    """What came before is taken back; when the run is stopped meanwhile, nobody waits for that."""
    client = make_client(way.api_url, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client, options=S3Options(straight=True))
    assert place.staging is not None
    line, arriving = Line(), place.staging.receive("clip.mp4")
    await line.run(lambda: arriving.take(bytes(PART_BYTES), line.check))
    way.held_back = b"DELETE "
    beginning = asyncio.create_task(line.run(lambda: arriving.start_over(line.check)))
    await way.holds()
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning


async def test_an_upload_in_parts_that_is_not_wanted_any_more_is_taken_back(
    s3: S3Server, way: Way, tmp_path: Path
) -> None:
    """While none of its parts is answered."""
    file = tmp_path / "long.bin"
    file.write_bytes(bytes(PARTS_ABOVE + 1))
    client = make_client(way.api_url, s3.region, access_key=s3.access_key, secret_key=s3.secret_key)
    place = S3Place(s3.make_bucket(), "", client, multipart_threshold=PARTS_ABOVE)
    way.held_back = b"partNumber="
    storing = asyncio.create_task(in_thread(place.put_file, file, "long.bin", progress=Meter("Archiving")))
    await way.holds()
    assert s3.client().list_multipart_uploads(Bucket=place.bucket)["Uploads"]
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert not s3.client().list_multipart_uploads(Bucket=place.bucket).get("Uploads")


async def test_a_part_that_is_on_its_way_does_not_stay_behind(
    swift_s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In Swift it would, for good and where no list shows it, if it came after its upload was aborted."""

    def parts() -> set[Path]:
        files = tmp_path_factory.getbasetemp().glob("swift*/devices/**/*.data")
        return {file for file in files if file.stat().st_size == PART_BYTES}

    before = parts()
    with Way(swift_s3.endpoint_url) as way:
        await way.open()
        keys = {"access_key": swift_s3.access_key, "secret_key": swift_s3.secret_key}
        client = make_client(way.api_url, swift_s3.region, **keys)
        place = S3Place(swift_s3.make_bucket(), "", client, options=S3Options(straight=True))
        assert place.staging is not None
        arriving = place.staging.receive("clip.mp4")
        way.held_up = b"partNumber="
        await asyncio.to_thread(arriving.take, random.Random(1).randbytes(PART_BYTES))
        await way.holds()
        closing = asyncio.create_task(asyncio.to_thread(arriving.close))
        # Until an abort has come, or longer than one would take.
        for _ in range(20):
            if not swift_s3.client().list_multipart_uploads(Bucket=place.bucket).get("Uploads"):
                break
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        way.go_on()
        await closing
        await way.close()
    assert parts() == before
