"""A job that is stopped while its bucket does not answer: it ends at once, and leaves no upload behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import command
import pytest
from loopback import S3Server
from nemo_server import NemoServer
from prefect_server import PrefectServer
from pydantic import SecretStr
from way import Way

from prefect_nemovideo.blocking import in_thread
from prefect_nemovideo.blocks import S3Archive
from prefect_nemovideo.progress import Meter
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


@pytest.mark.parametrize("straight", [False, True])
@pytest.mark.usefixtures("prefect_api")
async def test_ctrl_c_does_not_wait_for_a_bucket_that_does_not_answer(
    nemo: Nemo, small_clip: Path, s3: S3Server, way: Way, prefect_server: PrefectServer, straight: bool
) -> None:
    """Neither for the answer to a video, nor for that to a part of one; and the next command delivers it."""
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
    way.held_back = b"partNumber=" if straight else f"PUT /{bucket}/small".encode()
    words = ["edit", str(small_clip), "-i", "sharpen the details", "--resolution", "720p", "--archive", "far", "--json"]
    environment = {"PREFECT_API_URL": prefect_server.api_url}
    ended = await interrupted(words, way, environment)
    assert ended.code == 130, ended.err
    assert "Interrupted. 50 credits were spent" in ended.err
    assert not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    way.held_back = None
    again = await asyncio.to_thread(lambda: command.run(*words, **environment))
    assert (again.code, again.document["resumed"]) == (0, True), again.err
    assert (service.charged(), len(service.renders())) == (50, 1)


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
