"""Which ids a run has met: a bit for each, so that a million take an eighth of a megabyte."""

_BITS = 4096


class Seen:
    """A set of whole numbers that mostly lie together."""

    def __init__(self) -> None:
        self._pieces: dict[int, bytearray] = {}

    def add(self, number: int) -> None:
        """Adds one."""
        piece, bit = divmod(number, _BITS)
        bits = self._pieces.setdefault(piece, bytearray())
        at = bit >> 3
        if at >= len(bits):
            bits.extend(bytes(_BITS // 8 - len(bits)))
        bits[at] |= 1 << (bit & 7)

    def __contains__(self, number: int) -> bool:
        piece, bit = divmod(number, _BITS)
        bits = self._pieces.get(piece)
        return bits is not None and bool(bits[bit >> 3] & 1 << (bit & 7))
