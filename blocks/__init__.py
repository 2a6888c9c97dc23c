"""Saved configuration → a client; nothing else. `prefect block register -m prefect_nemovideo.blocks` registers them."""

from prefect_nemovideo.blocks.archive import S3Archive
from prefect_nemovideo.blocks.credentials import NemoVideoCredentials
from prefect_nemovideo.blocks.session import NemoVideoSession

__all__ = ["NemoVideoCredentials", "NemoVideoSession", "S3Archive"]
