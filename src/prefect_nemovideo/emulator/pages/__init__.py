"""What NemoVideo shows people in a browser, as far as a link of the API leads there: whole pages, without assets."""

from prefect_nemovideo.emulator.pages.handlers import ROUTES

__all__ = ["ROUTES"]
