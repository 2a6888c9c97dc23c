"""The search for secrets finds what is there: otherwise it would prove nothing by finding nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import searching
from loopback import S3Server
from nemo_server import TOKEN

SIGNED = "https://films.example/clip.mp4?X-Amz-Signature=0123456789abcdef"
SIGNED_OF_OLD = "https://films.example/clip.mp4?AWSAccessKeyId=films&Expires=1&Signature=abc%3D"
ANONYMOUS = "nmv_anon_ZC3xq0T5v8K1m4P7s9W2y6"


@pytest.mark.parametrize("secret", [TOKEN, SIGNED, SIGNED_OF_OLD, ANONYMOUS])
def test_a_secret_is_found_in_a_file_and_in_the_bucket(ministack_s3: S3Server, tmp_path: Path, secret: str) -> None:
    """Wherever it lies, but for the service's own folder."""
    for place in ("home/deep", "nemo"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "log").write_bytes(b"\xff\0" + secret.encode() + b"\n")
    search = searching.Search()
    search.in_files([tmp_path], exempt=[tmp_path / "nemo"])
    (found,) = search.found
    assert "home/deep/log" in found
    bucket = ministack_s3.make_bucket()
    ministack_s3.client().put_object(Bucket=bucket, Key="record", Body=secret.encode())
    search.in_bucket(ministack_s3.client(), bucket)
    assert (search.files, search.objects, len(search.found)) == (1, 1, 2)
