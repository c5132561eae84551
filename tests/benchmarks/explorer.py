"""What the explorer costs: a customer's page in CPU time of the server, and in bytes for who opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from representations import explorer
from tests.benchmarks.asking import ask, fetch
from tests.benchmarks.documents import DOCUMENTS
from tests.benchmarks.load import burst
from tests.benchmarks.measure import Serving
from tests.benchmarks.servers import Cores

MOST_MILLISECONDS = 5
MOST_KILOBYTES = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A page: milliseconds of CPU time, and bytes with style and script, before compression."""

    milliseconds: float
    size: int

    def report(self) -> str:
        """A line for the report."""
        missed = self.milliseconds > MOST_MILLISECONDS or self.size > MOST_KILOBYTES * 1000
        costs = f"{self.milliseconds:.2f} ms of CPU (goal <= {MOST_MILLISECONDS})"
        weighs = f"{self.size / 1000:.1f} kB with style and script (goal <= {MOST_KILOBYTES})"
        return f"The explorer's page of a customer: {costs}, {weighs}{' MISSED' if missed else ''}"


def measure_explorer(
    serving: Serving, rounds: int, seconds: float, cores: Cores, tell: Callable[[str], None]
) -> Page:
    """Asks for the pages of many customers."""
    tell("the explorer's page")
    headers = (("Authorization", f"Bearer {serving.database.token}"), ("Accept", explorer.MEDIA_TYPE))
    assets = sum(len(each.content) for each in explorer.ASSETS.values())
    asked = ask(serving.patron, DOCUMENTS[0], serving.database.size, headers)
    rates = [burst(serving.patron, asked, seconds, cores.client).per_cpu_second for _ in range(rounds)]
    tell("")
    return Page(1000 / median(rates), len(fetch(serving.patron, asked.paths[0], asked)) + assets)
