"""Every sentence of the two skills' documentation that states behaviour, as rows that tests prove by their marks.

`@pytest.mark.conformance("silent-edits")` on a test says: this test proves that row. `report.py` writes the table.
"""

from __future__ import annotations

from row import Row
from rows_of_people import PEOPLE
from rows_of_the_api import API

ROWS: tuple[Row, ...] = (*PEOPLE, *API)

#: What is said of the service's own machines: nothing that this project does could make it true or false.
ABOUT_THE_SERVICE = (
    "“shorter clips under 60 seconds process significantly faster” (Video 4K)",
    "“about 1-3 minutes later”, “Takes 1-3 minutes for a 30-second clip” (Video 4K)",
    "“in about 1-2 minutes”, “Takes 1-2 minutes for a 30-second clip” (4K With Session)",
    "“queues on a cloud GPU node”, “on cloud GPUs”, “without expensive hardware”",
    "“The backend processes faster when you're specific”",
)
