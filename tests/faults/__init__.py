"""Faults that really happen: processes killed, databases gone, disks full, clients slow, clocks wrong.

Bounded, so that they can be tried with every change; PATRON_FAULT_CYCLES, _SECONDS, _CONNECTIONS and
_REQUESTS lengthen them.
"""

import os


def lengthened(name: str, bounded: int) -> int:
    """How long a fault lasts: as the variable says, else as short as tells."""
    return int(os.environ.get(f"PATRON_FAULT_{name}", bounded))
