"""`doctor` tells before a job whether all is there that it needs, and what to do about what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import command
from nemo_server import NemoServer

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]


def test_where_all_is_there_it_says_so_and_changes_nothing(nemo: Nemo, cli: Cli, tmp_path: Path) -> None:
    service = nemo()
    archive = tmp_path / "films"
    ended = cli("doctor", "--archive", str(archive))
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == ["Prefect", "Account", "Archive", "Video", "Disk"]
    assert f"{service.url} answers: 10,000 credits available" in lines[1]
    assert lines[2] == f"Archive: {archive.as_uri()} can be written to"
    assert lines[-1] == "All is well."
    assert not archive.exists()
    assert service.writes() == []


def test_each_trouble_is_told_with_the_way_out_and_the_first_is_the_exit_code(nemo: Nemo, cli: Cli) -> None:
    """The other things are looked at all the same."""
    nemo()
    ended = cli("doctor", "--archive", "ftp://films", "--json", NEMO_TOKEN="nmv_usr_of_nobody")
    assert ended.code == 4, ended.err
    assert ended.document["status"] == "failed"
    checks = {check["name"]: check for check in ended.document["checks"]}
    assert [name for name, check in checks.items() if not check["ok"]] == ["account", "archive"]
    assert checks["account"]["error"]["code"] == "token_refused"
    assert "NEMO_TOKEN" in checks["account"]["error"]["next_step"]
    assert "ftp:// is not a kind of place" in checks["archive"]["error"]["message"]
    assert "nmv_usr_of_nobody" not in ended.out + ended.err


def test_a_prefect_server_that_is_away_is_one_of_the_troubles(nemo: Nemo, cli: Cli, unused_tcp_port: int) -> None:
    nemo()
    ended = cli("doctor", PREFECT_API_URL=f"http://127.0.0.1:{unused_tcp_port}/api")
    assert ended.code == 1, ended.err
    assert "Prefect: trouble. The Prefect server does not answer: nobody answers there." in ended.out
    assert "Next: Check PREFECT_API_URL and that server" in ended.out
    assert ended.out.count("PREFECT_API_URL and that server") == 1, "credentials are looked for in it too"
    assert "Account: can't be looked at for the same reason." in ended.out
    assert ended.out.splitlines()[-1] == "Not ready yet: 1 thing to put right."
    assert "Traceback" not in ended.err
