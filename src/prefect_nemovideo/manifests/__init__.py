"""What a batch is to do: the rows of a manifest, checked whole before anything is spent."""

from prefect_nemovideo.manifests.files import KINDS
from prefect_nemovideo.manifests.reading import Manifest, name_of, read_manifest, rows_given
from prefect_nemovideo.manifests.rows import Row

__all__ = ["KINDS", "Manifest", "Row", "name_of", "read_manifest", "rows_given"]
