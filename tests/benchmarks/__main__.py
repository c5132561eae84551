"""`make bench`: measures Patron against two floors and prints the report."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tests.benchmarks.asked_for import AskedFor, asked_for
from tests.benchmarks.databases import TITLES, answers, filled
from tests.benchmarks.explorer import measure_explorer
from tests.benchmarks.measure import measure, served
from tests.benchmarks.profiling import profile
from tests.benchmarks.recording import measure_recording
from tests.benchmarks.report import MISSED, introduction, report
from tests.benchmarks.servers import Cores, Unmeasurable, choose_cores
from tests.benchmarks.signing_in import measure_signing_in
from tests.benchmarks.tables import as_markdown, as_text
from tests.benchmarks.webhooks import measure_webhooks


def main() -> int:
    """Runs the bench, or the profile that was asked for."""
    asked = asked_for()
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory(prefix="patron-bench-") as name:
            (_profile if asked.profile else _bench)(asked, Path(name))
    except Unmeasurable as error:
        _tell("")
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _profile(asked: AskedFor, folder: Path) -> None:
    with filled(asked.engines[0], asked.sizes[0], folder, asked.keep, _tell) as database:
        _tell("")
        profile(str(asked.profile), database, folder)


def _bench(asked: AskedFor, folder: Path) -> None:
    missed = 0
    for part in _parts(asked, folder):
        print(part, end="\n\n", flush=True)
        missed += part.count(MISSED)
    print(f"{missed} goals are missed." if missed else "Every goal holds.")


def _parts(asked: AskedFor, folder: Path) -> Iterator[str]:
    """The report, as it comes."""
    cores = choose_cores()
    yield introduction(asked.rounds, cores)
    for engine in asked.engines:
        if answers(engine):
            yield from _engine(engine, asked, folder, cores)
        else:
            yield f"{TITLES[engine]} does not answer, so it is not measured."
    if not asked.requests_only:
        yield measure_recording("sqlite", _tell, max(20, asked.deliveries // 8)).report()
        yield measure_webhooks("sqlite", _tell, asked.deliveries).report()
        yield from _imports([each for each in asked.engines if answers(each)])


def _imports(engines: list[str]) -> Iterator[str]:
    """What imports and exports cost, which are measured in a process of their own."""
    if not Path(__file__).with_name("importing.py").exists():
        return
    _tell("imports")
    command = [sys.executable, "-m", "tests.benchmarks.importing", *engines]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    _tell("")
    if ran.returncode:
        raise Unmeasurable(f"imports cannot be measured: {ran.stderr[-2000:]}")
    yield ran.stdout.rstrip()


def _engine(engine: str, asked: AskedFor, folder: Path, cores: Cores) -> Iterator[str]:
    """One engine. What hardly depends on the engine is measured on the first alone."""
    is_first = engine == asked.engines[0]
    table = as_markdown if asked.markdown else as_text
    with ExitStack() as used:
        databases = [
            used.enter_context(filled(engine, size, folder, asked.keep, _tell)) for size in asked.sizes
        ]
        with served(databases, folder, cores) as servings:
            yield report(measure(servings, asked.rounds, asked.seconds, cores, _tell), table)
            if is_first:
                yield measure_explorer(servings.largest, asked.rounds, asked.seconds, cores, _tell).report()
        if is_first:
            yield measure_signing_in(folder, databases[-1], asked.rounds, asked.sign_ins, _tell).report()


def _tell(text: str) -> None:
    """One line that is written over, for whoever watches."""
    if os.isatty(sys.stderr.fileno()):
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
