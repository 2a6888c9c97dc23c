"""What can't be done is said in a sentence, with the next step and the right exit code, before anything is sent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import command
import pytest
from loopback import S3Server
from nemo_server import NemoServer

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]

WORDS = ("-i", "sharpen the details")


@pytest.fixture
def files(tmp_path: Path, small_clip: Path) -> Path:
    """A folder with one video and everything that is none."""
    folder = tmp_path / "files"
    (folder / "a folder").mkdir(parents=True)
    (folder / "good.mp4").symlink_to(small_clip)
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("Dear diary, today I did not film anything.\n" * 100)
    (folder / "notes.txt").write_text("Nothing.")
    with (folder / "huge.mp4").open("wb") as file:
        file.truncate(501 * 1024 * 1024)
    return folder


def check_refusal(ended: command.Ended, code: int, sentence: str, next_step: str) -> None:
    """One document on stdout, two sentences on stderr, no traceback anywhere."""
    assert ended.code == code, ended.err
    assert ended.document["status"] == "failed"
    error = ended.document["error"]
    assert sentence in error["message"]
    assert next_step in f"{error['message']} {error['next_step']}"
    assert f"Error: {error['message']}\n" in ended.err
    assert not error["next_step"] or f"Next: {error['next_step']}\n" in ended.err
    assert "Traceback" not in ended.err


REFUSED = [
    (("missing.mp4", *WORDS), "There is no file missing.mp4.", "Check the path."),
    (("a folder", *WORDS), "a folder is a folder, not a video.", "Name one file"),
    (("empty.mp4", *WORDS), "empty.mp4 is empty (0 bytes).", "Name a file with footage in it."),
    (("text.mp4", *WORDS), "text.mp4 is not a video that can be edited:", "Check the file with a player"),
    (("notes.txt", *WORDS), "notes.txt: NemoVideo does not take “.txt” files.", "Convert it to one of: mp4, mov"),
    (("huge.mp4", *WORDS), "huge.mp4 has 525 MB; NemoVideo takes at most 500 MB.", "Compress it, trim it"),
    (("good.mp4",), "There is no instruction.", 'Say what to do, as in: -i "'),
    (("good.mp4", *WORDS, "--archive", "ftp://out"), "ftp:// is not a kind of place", "Use s3://bucket/prefix"),
    (("good.mp4", *WORDS, "--resolution", "huge"), "“huge” is not a resolution.", "Use 4k, 1440p, 1080p, 720p"),
    (("good.mp4", *WORDS, "--profile", "8k"), "invalid choice: '8k'", "prefect-nemovideo edit --help"),
    (("good.mp4", *WORDS, "--max-credits", "nan"), "invalid number: 'nan'", "prefect-nemovideo edit --help"),
    (("caf\udce9.mp4", *WORDS), "“caf\ufffd.mp4” is not UTF-8", "prefect-nemovideo --help"),
    (("good.mp4", *WORDS, "--credentials", "no"), "There is no saved NemoVideoCredentials block “no”.", "Save one"),
]


def test_bad_input(cli: Cli, nemo: Nemo, files: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, nothing asked of the service, nothing left on the disk."""
    service = nemo()
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        commands = [pool.submit(cli, "edit", *words, "--json") for words, _, _ in REFUSED]
        for ended, (_, sentence, next_step) in zip(commands, REFUSED, strict=True):
            check_refusal(ended.result(), 2, sentence, next_step)
    assert service.requests() == []
    assert sorted(files.iterdir()) == before
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "sentence", "next_step"),
    [
        ({"bucket": "nobody-made-this"}, "the bucket does not exist.", "Create it, or correct its name."),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "does not accept these S3 credentials", "Check the access key"),
    ],
)
def test_an_archive_that_cannot_be_used(
    cli: Cli, nemo: Nemo, files: Path, swift_s3: S3Server, change: dict[str, str], sentence: str, next_step: str
) -> None:
    """Found out before anything is uploaded or paid."""
    service = nemo()
    bucket = change.pop("bucket", "") or swift_s3.make_bucket()
    settings = {**swift_s3.environment(), **change}
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--archive", f"s3://{bucket}/films", "--json", **settings)
    check_refusal(ended, 2, sentence, next_step)
    assert service.requests() == []


@pytest.mark.conformance("code-1001")
def test_a_token_that_is_refused(cli: Cli, nemo: Nemo, files: Path) -> None:
    """Exit 4; the sentence names no token."""
    service = nemo()
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--json", NEMO_TOKEN="nmv_usr_wrong_one")
    check_refusal(ended, 4, "The token was refused", "Set NEMO_TOKEN")
    assert "nmv_usr_wrong_one" not in ended.out + ended.err
    assert "upload" not in service.writes()


def test_a_link_that_leads_nowhere_is_shown_without_its_secrets(cli: Cli, nemo: Nemo) -> None:
    """Neither a password nor a signature of it is in the sentence or in the document."""
    nemo()
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{server.server_port}/gone.mp4"
        link = f"http://somebody:their-password@{place}?X-Amz-Signature=their-signature"
        ended = cli("edit", link, *WORDS, "--json")
        server.shutdown()
    check_refusal(ended, 2, f"There is nothing at http://{place} (HTTP 404).", "Check the address.")
    assert ended.document["source"] == f"http://{place}"
    assert "their-" not in ended.out + ended.err


@pytest.mark.conformance("code-2001-registered")
def test_an_account_without_credits(cli: Cli, nemo: Nemo, files: Path) -> None:
    """Exit 5, before anything is uploaded."""
    service = nemo(token_credits=0)
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--json")
    check_refusal(ended, 5, "The account has no credits left.", "Top up credits in your account")
    assert "upload" not in service.writes()


def test_a_plan_that_may_not_export(cli: Cli, nemo: Nemo, files: Path, tmp_path: Path) -> None:
    """Exit 4, never called a matter of credits; nothing in the archive."""
    nemo(plan="free")
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--archive", str(tmp_path / "out"), "--json")
    check_refusal(ended, 4, "Your plan may not export this video.", "upgrade your plan to unlock export")
    assert not (tmp_path / "out").exists()


def test_a_service_that_does_not_answer(cli: Cli, files: Path, tmp_path: Path) -> None:
    """Exit 1, once trying again has not helped; who waits is told why."""
    settings = {"NEMO_API_URL": "http://127.0.0.1:1", "NEMO_TOKEN": "nmv_usr_any"}
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--archive", str(tmp_path / "out"), "--json", **settings)
    check_refusal(ended, 1, "could not be reached", "Check the network and NEMO_API_URL")
    assert ended.err.count("Trying again.") == 2
    assert not (tmp_path / "out").exists()


def test_a_prefect_server_that_does_not_answer(cli: Cli, nemo: Nemo, files: Path) -> None:
    """Not our service and not a defect: the sentence names the setting that leads there."""
    nemo()
    settings = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    ended = cli("edit", str(files / "good.mp4"), *WORDS, "--json", **settings)
    check_refusal(ended, 1, "Prefect server", "PREFECT_API_URL")


def test_a_disk_that_is_full(cli: Cli, nemo: Nemo, files: Path, scratch: Path, tmp_path: Path) -> None:
    """Exit 1; half a download does not stay behind; with room again the same command delivers what was rendered."""
    service = nemo()
    words = ("edit", str(files / "good.mp4"), *WORDS, "--archive", str(tmp_path / "out"), "--json")
    full = command.run(*words, largest_file_bytes=64 * 1024)
    check_refusal(full, 1, "The disk is full", "Make room")
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out").exists()
    done = cli(*words)
    assert (done.code, json.loads(done.out)["resumed"]) == (0, True)
    assert service.writes().count("render_submit") == 1
    assert service.charged() == 50
