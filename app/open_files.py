"""How many connections a server can take, by how many files its process may have open at once.

A server that runs out of them could neither let anybody in nor open its database.
"""

import structlog

log = structlog.get_logger()

MOST = 1000
"""Connections that are taken at once; whoever comes beyond that waits to be let in."""

EACH = 2
"""Files that a connection may need: its socket, and what a large request or answer is put into."""

FEWEST = 16
"""Connections with which a server begins at all."""

BESIDE = 200
"""Files for all else: the log, the queue, mail, webhooks."""

OF_A_THREAD = 6
"""Files of a thread's connections to the database: SQLite has three for each."""


def connections(threads: int) -> int:
    """How many connections can be taken at once. Where the system lets it, the limit of open files is raised.

    :param threads: how many threads work on requests.
    """
    beside = BESIDE + OF_A_THREAD * threads
    limit = _raised(beside + EACH * MOST)
    enough = max(min(MOST, (limit - beside) // EACH), FEWEST)
    if enough < MOST:
        remedy = f"let it have {beside + EACH * MOST}: ulimit -n, LimitNOFILE"
        log.warning("few_open_files", files=limit, connections=enough, remedy=remedy)
    return enough


def _raised(wanted: int) -> int:
    """How many files may be open: as many as are wanted, or as the system allows."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    raised = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if raised > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    return raised
