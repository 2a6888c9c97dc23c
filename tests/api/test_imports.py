"""The client stands on its own: it can be used where neither Prefect nor S3 nor video libraries are installed."""

from __future__ import annotations

import subprocess
import sys

IMPORT_WITHOUT = """
import sys

class Absent:
    names = {"prefect", "boto3", "botocore", "aiohttp", "av", "PIL", "imageio_ffmpeg", "rich"}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"{name} is not installed here")

sys.meta_path.insert(0, Absent())

import importlib, pkgutil
import prefect_nemovideo.api

for module in pkgutil.iter_modules(prefect_nemovideo.api.__path__):
    importlib.import_module(f"prefect_nemovideo.api.{module.name}")
ours = {name.split(".")[1] for name in sys.modules if name.startswith("prefect_nemovideo.")}
print(*sorted(ours))
"""


def test_the_client_is_imported_without_prefect_s3_or_video_libraries() -> None:
    """Every module of it; and it brings in no other room."""
    done = subprocess.run([sys.executable, "-c", IMPORT_WITHOUT], capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("api", "")
