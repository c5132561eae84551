"""`make bench`: measures Patron against two floors and prints the report."""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tests.benchmarks.data import make_database
from tests.benchmarks.documents import DOCUMENTS
from tests.benchmarks.explorer import measure_explorer
from tests.benchmarks.measure import make_cases, measure, save_documents
from tests.benchmarks.profiling import profile
from tests.benchmarks.recording import measure_recording
from tests.benchmarks.report import report
from tests.benchmarks.servers import Server, Unmeasurable, choose_cores, serving
from tests.benchmarks.signing_in import AT_ONCE, measure_signing_in
from tests.benchmarks.webhooks import DELIVERIES, measure_webhooks


def main() -> int:
    """Runs the bench, or the profile that was asked for."""
    asked = _parser().parse_args()
    rounds, seconds = (2, 1) if asked.quick else (asked.rounds, asked.seconds)
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory(prefix="patron-bench-") as name:
            folder = Path(name)
            database = folder / "bench.sqlite3"
            _tell("filling the database")
            token = make_database(database)
            if asked.profile:
                _tell("")
                profile(asked.profile, database, token)
            else:
                print(_bench(folder, database, token, rounds, seconds, asked.sign_ins, asked.deliveries))
    except Unmeasurable as error:
        _tell("")
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _bench(
    folder: Path, database: Path, token: str, rounds: int, seconds: float, sign_ins: int, deliveries: int
) -> str:
    if not Path("/proc/self/stat").exists():
        raise Unmeasurable("the CPU time of a process is read from /proc, which this system does not have")
    cores, constants = choose_cores(), folder / "constants"
    constants.mkdir()
    with ExitStack() as running:

        def served(name: str, where: Path) -> Server:
            return running.enter_context(serving(name, where, folder / f"{name}.log", cores))

        patron = served("patron", database)
        before = patron.memory()
        by_hand = served("by_hand", database)
        save_documents(by_hand, constants)
        cases = make_cases(patron, by_hand, served("constant", constants), token)
        rates = measure(cases, rounds, seconds, cores, _tell)
        page = measure_explorer(patron, token, rounds, seconds, cores, _tell)
        compared = report(rates, cores, before, patron.memory())
    signed_in = measure_signing_in(folder, database, token, rounds, sign_ins, _tell)
    recorded = measure_recording("sqlite", _tell, max(20, deliveries // 8))
    told = measure_webhooks("sqlite", _tell, deliveries)
    return f"{compared}\n\n{page.report()}\n\n{signed_in.report()}\n\n{recorded.report()}\n{told.report()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="How Patron compares with floors."
    )
    names = [each.name for each in DOCUMENTS]
    parser.add_argument("--rounds", type=_count, default=4, help="how often everything is measured (4)")
    parser.add_argument("--seconds", type=_duration, default=2, help="how long each burst takes (2)")
    parser.add_argument("--sign-ins", type=_count, default=AT_ONCE, help="how many sign in at once (50)")
    parser.add_argument(
        "--deliveries", type=int, default=DELIVERIES, help="how many webhooks are told (5000)"
    )
    parser.add_argument("--quick", action="store_true", help="two rounds of one second")
    parser.add_argument("--profile", choices=names, help="show instead where the time goes, in one document")
    return parser


def _count(text: str) -> int:
    if not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError("from 1 to 60")
    return int(text)


def _duration(text: str) -> float:
    if not 0.1 <= float(text) <= 60:
        raise argparse.ArgumentTypeError("from 0.1 to 60")
    return float(text)


def _tell(text: str) -> None:
    """One line that is written over, for whoever watches."""
    if os.isatty(sys.stderr.fileno()):
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
