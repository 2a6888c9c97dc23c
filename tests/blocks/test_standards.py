"""Every block meets Prefect's own standard for blocks."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from PIL import Image
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from prefect_nemovideo import blocks

LOGO = Path(__file__).parents[2] / "docs" / "logo.png"
BLOCKS = [kind for _, kind in inspect.getmembers(blocks, inspect.isclass) if issubclass(kind, Block)]


@pytest.mark.parametrize("block", BLOCKS)
class TestStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self, request: pytest.FixtureRequest) -> type[Block]:
        kind: type[Block] = request.param
        return kind

    def test_has_a_valid_image(self, block: type[Block]) -> None:
        """The logo is this project's own: a square in this repository, no address of anybody else's."""
        assert str(block._logo_url).startswith("https://raw.githubusercontent.com/prefect-nemovideo/")
        assert str(block._logo_url).endswith("docs/logo.png")
        with Image.open(LOGO) as image:
            assert image.size == (400, 400)


def test_the_slugs_are_promises() -> None:
    """A block's slug is what the server knows it by: saved blocks are lost when it changes."""
    slugs = {kind.__name__: kind._block_type_slug for kind in BLOCKS}
    assert slugs["NemoVideoCredentials"] == "nemovideo-credentials"
    assert slugs["NemoVideoSession"] == "nemovideo-session"
    assert slugs["S3Archive"] == "nemovideo-s3-archive"
