"""What became of a batch, for people: one page to look through in a browser, and a table for Prefect's UI.

Results in, text out: nothing here reads a file, asks a server or knows Prefect.
"""

from prefect_nemovideo.reports.gallery import gallery_page, is_gallery
from prefect_nemovideo.reports.table import batch_rows, batch_summary, batch_troubles

__all__ = ["batch_rows", "batch_summary", "batch_troubles", "gallery_page", "is_gallery"]
