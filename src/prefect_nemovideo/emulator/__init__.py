"""A local NemoVideo: the same API over a real socket, that really edits and really renders.

It doesn't imitate: generating clips from a description, speech and subtitles, the web pages, registration, payment,
and how long the cloud takes. What it doesn't know it answers with HTTP 501.

Example:
    >>> with Emulator(options=EmulatorOptions(tokens=("nmv_usr_test",))) as emulator:
    ...     print(emulator.url)
    http://127.0.0.1:40213
"""

from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.serving import Emulator, serve_forever

__all__ = ["Emulator", "EmulatorOptions", "serve_forever"]
