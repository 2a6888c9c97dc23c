"""Blocks on a real Prefect server: registered, saved, loaded again, with nothing of a secret to be read."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from prefect.blocks.core import Block
from prefect_server import PrefectServer
from pydantic import SecretStr, ValidationError

from prefect_nemovideo.blocks import NemoVideoCredentials, S3Archive

SECRET = "nmv_usr_the-one-that-nobody-reads"


def credentials() -> NemoVideoCredentials:
    return NemoVideoCredentials(token=SecretStr(SECRET), api_url="http://127.0.0.1:1")


def archive() -> S3Archive:
    return S3Archive(bucket="films", prefix="2026/", access_key_id="films", secret_access_key=SecretStr(SECRET))


@pytest.mark.parametrize(("make", "secret"), [(credentials, "token"), (archive, "secret_access_key")])
async def test_a_saved_block_comes_back_as_it_was(prefect_api: PrefectServer, make: type[Block], secret: str) -> None:
    """Everything, the secret too, survives the way to the server and back."""
    block = make()
    await block.asave("comes-back", overwrite=True)
    loaded = await type(block).aload("comes-back")
    assert loaded.model_dump() == block.model_dump()
    assert getattr(loaded, secret).get_secret_value() == SECRET


@pytest.mark.parametrize("make", [credentials, archive])
def test_no_form_of_a_block_shows_its_secret(make: type[Block]) -> None:
    """Neither what is printed, nor what is dumped, nor what is serialized."""
    block = make()
    forms = (repr(block), str(block), str(block.model_dump()), block.model_dump_json(), str(block.__rich_repr__))
    assert not [form for form in forms if SECRET in form]


@pytest.mark.parametrize("make", [credentials, archive])
async def test_the_database_has_the_secret_only_encrypted(prefect_api: PrefectServer, make: type[Block]) -> None:
    """The bytes of the database, searched for the secret, don't have it."""
    await make().asave("encrypted", overwrite=True)
    for file in prefect_api.database.parent.glob("prefect.db*"):
        assert SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (NemoVideoCredentials, {"tokn": SECRET}),
        (S3Archive, {"bucket": "films", "secret_acces_key": SECRET}),
    ],
)
def test_a_misspelt_field_is_refused(kind: type[Block], fields: dict[str, str]) -> None:
    """Prefect itself would take it in silence; the message names the field, and never its value."""
    with pytest.raises(ValidationError) as refused:
        kind(**fields)
    assert f"{kind.__name__} has no field {list(fields)[-1]}; it has " in str(refused.value)
    assert SECRET not in str(refused.value)


def test_prefect_registers_all_blocks_by_their_module(prefect_server: PrefectServer) -> None:
    """`prefect block register` finds each of them, and the server knows them then."""
    command = [sys.executable, "-m", "prefect", "block", "register", "-m", "prefect_nemovideo.blocks"]
    environment = {**os.environ, "PREFECT_API_URL": prefect_server.api_url, "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("NemoVideo Credentials", "NemoVideo S3 Archive", "NemoVideo Session"):
        assert name in done.stdout
