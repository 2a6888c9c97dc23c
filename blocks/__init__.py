"""Saved configuration → a client; nothing else. `prefect block register -m prefect_nemovideo.blocks` registers them."""

from prefect_nemovideo.blocks.archive import S3Archive
from prefect_nemovideo.blocks.credentials import NemoVideoCredentials

__all__ = ["NemoVideoCredentials", "S3Archive"]
