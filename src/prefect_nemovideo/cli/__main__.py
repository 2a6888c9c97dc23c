"""`python -m prefect_nemovideo.cli`."""

import sys

from prefect_nemovideo.cli import main

sys.exit(main())
