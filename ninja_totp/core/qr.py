"""QR codes of ASCII text (ISO/IEC 18004): byte mode, level M, mask 3, the smallest that fits.

Mask 3 had the lowest mean penalty over otpauth URIs, so that the eight masks are not tried; any is
valid, and the code itself tells readers which one it is. What is the same in all codes of a version
is worked out once. Nothing here knows what the text is, or how the modules are drawn.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from operator import itemgetter

__all__ = ["modules"]

# Table 9, level M, from version 1 on: check words of each block, and the number of blocks.
# fmt: off
_CHECK_WORDS = (
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
)
_BLOCKS = (
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
)
# fmt: on
_LEVEL_AND_MASK = 0b00_011
_TO_BITS = bytes.maketrans(b"01", b"\0\1")
_TO_INVERTED_BITS = bytes.maketrans(b"01", b"\1\0")

Module = tuple[int, int]
"""A row and a column."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all codes of a version share.

    `pick` takes the modules, row by row, out of the bits of the words, the same bits inverted, a
    light and a dark module.
    """

    side: int
    bits: int
    pick: Callable[[Sequence[int]], Iterable[int]]


def modules(text: str) -> list[bytes]:
    """Return the rows of the QR code of `text`: 1 is a dark module, 0 a light one.

    ValueError when `text` does not fit, or is not ASCII.
    """
    if not text.isascii():  # asked for: the error of the codec would carry the text
        raise ValueError("The text is not ASCII.")
    data = text.encode()
    version = next((each for each in range(1, 41) if len(data) <= _room(each)), None)
    if version is None:
        raise ValueError("The text is too long for a QR code.")
    layout = _layout(version)
    words = int.from_bytes(_words(data, version)) << layout.bits % 8
    digits = f"{words:0{layout.bits}b}".encode()
    bits = digits.translate(_TO_BITS) + digits.translate(_TO_INVERTED_BITS) + b"\0\1"
    picked = bytes(layout.pick(bits))
    return [picked[start : start + layout.side] for start in range(0, len(picked), layout.side)]


def _count_bits(version: int) -> int:
    return 8 if version < 10 else 16


def _data_words(version: int) -> int:
    return _bits(version) // 8 - _CHECK_WORDS[version - 1] * _BLOCKS[version - 1]


def _room(version: int) -> int:
    """Return how many characters fit."""
    return _data_words(version) - _head_words(version)


def _head_words(version: int) -> int:
    """Return what stands around the characters: the mode and a terminator, and their number."""
    return 1 + _count_bits(version) // 8


@cache
def _bits(version: int) -> int:
    """Return the number of modules that hold bits of words."""
    bits = (16 * version + 128) * version + 64
    if version > 1:
        patterns = version // 7 + 2
        bits -= (25 * patterns - 10) * patterns - 55
    return bits - 36 if version > 6 else bits


def _words(data: bytes, version: int) -> bytes:
    """Return the words in the order in which they are placed: blocks interleaved (7.6)."""
    head = 0b0100 << _count_bits(version) | len(data)
    message = head << 8 * len(data) | int.from_bytes(data)
    length = len(data) + _head_words(version)
    padding = bytes((0xEC, 0x11)) * _data_words(version)
    filled = ((message << 4).to_bytes(length) + padding)[: _data_words(version)]
    blocks = list(_blocks(filled, version))
    check = _CHECK_WORDS[version - 1]
    checks = [_check_words(block, check) for block in blocks]
    placed = chain(*zip_longest(*blocks), *zip(*checks, strict=True))
    return bytes(word for word in placed if word is not None)


def _blocks(data: bytes, version: int) -> Iterator[bytes]:
    number, start = _BLOCKS[version - 1], 0
    short, longer = divmod(len(data), number)
    for position in range(number):
        end = start + short + (position >= number - longer)
        yield data[start:end]
        start = end


def _check_words(data: bytes, degree: int) -> bytes:
    """Return the remainder of `data` by the generator of `degree` (Reed-Solomon, annex A)."""
    multiples, above, rest = _multiples(degree), 8 * (degree - 1), 0
    kept = (1 << above) - 1
    for word in data:
        rest = (rest & kept) << 8 ^ multiples[word ^ rest >> above]
    return rest.to_bytes(degree)


@cache
def _multiples(degree: int) -> list[int]:
    """Return the generator of `degree`, without its first term, times each element of the field."""
    generator, root = [0] * (degree - 1) + [1], 1
    for _ in range(degree):
        following = [*generator[1:], 0]
        generator = [
            _product(term, root) ^ after for term, after in zip(generator, following, strict=True)
        ]
        root = _product(root, 2)
    return [
        int.from_bytes(bytes(_product(term, factor) for term in generator)) for factor in range(256)
    ]


def _product(left: int, right: int) -> int:
    """Return the product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for bit in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D
        product ^= (right >> bit & 1) * left
    return product


@cache
def _layout(version: int) -> _Layout:
    side, bits = 17 + 4 * version, _bits(version)
    fixed = _fixed(version, side)
    # Where a module stands in what `pick` takes from; mask 3 inverts a third of them (table 10).
    positions = {module: 2 * bits + is_dark for module, is_dark in fixed.items()}
    free = (module for module in _zigzag(side) if module not in fixed)
    for position, (row, column) in enumerate(free):
        is_inverted = (row + column) % 3 == 0
        positions[row, column] = position + bits * is_inverted
    return _Layout(side, bits, itemgetter(*(positions[at] for at in sorted(positions))))


def _zigzag(side: int) -> Iterator[Module]:
    """Return the order in which bits are placed: pairs of columns, up and down in turn (7.7.3)."""
    # The column of the timing pattern is left out.
    rights = [*range(side - 1, 6, -2), 5, 3, 1]
    for number, right in enumerate(rights):
        rows = range(side) if number % 2 else range(side - 1, -1, -1)
        for row in rows:
            yield row, right
            yield row, right - 1


def _fixed(version: int, side: int) -> dict[Module, bool]:
    """Return the modules that hold no bit of a word, and whether they are dark."""
    # In this order: a finder covers the ends of the timing patterns, which cover nothing.
    fixed: dict[Module, bool] = {}
    for along in range(side):
        fixed[6, along] = fixed[along, 6] = along % 2 == 0
    for centre in ((3, 3), (3, side - 4), (side - 4, 3)):
        fixed |= _square(centre, 4, light=(2, 4), side=side)
    for centre in _alignments(version, side):
        fixed |= _square(centre, 2, light=(1,), side=side)
    return fixed | _format(side) | (_version(version, side) if version > 6 else {})


def _square(centre: Module, reach: int, *, light: Sequence[int], side: int) -> dict[Module, bool]:
    """Return rings around `centre`, of which those at the distances in `light` are light."""
    around = range(-reach, reach + 1)
    modules = {
        (centre[0] + down, centre[1] + right): max(abs(down), abs(right)) not in light
        for down in around
        for right in around
    }
    return {at: is_dark for at, is_dark in modules.items() if min(at) >= 0 and max(at) < side}


def _alignments(version: int, side: int) -> Iterator[Module]:
    """Return the centres of the alignment patterns (annex E): everywhere but at the finders."""
    if version == 1:
        return
    number = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + number * 2 + 1) // (number * 2 - 2) * 2
    last = side - 7
    places = [6, *(last - step * back for back in range(number - 2, -1, -1))]
    for row in places:
        for column in places:
            if (row, column) not in ((6, 6), (6, last), (last, 6)):
                yield row, column


def _format(side: int) -> dict[Module, bool]:
    """Return the level and the mask, twice, and the module that always is dark (7.9)."""
    bits = _protected(_LEVEL_AND_MASK, 10, 0x537) ^ 0x5412
    beside = [0, 1, 2, 3, 4, 5, 7, 8]
    once = [(at, 8) for at in beside] + [(8, at) for at in (7, 5, 4, 3, 2, 1, 0)]
    again = [(8, side - 1 - at) for at in range(8)] + [(side - 7 + at, 8) for at in range(7)]
    told = {at: bool(bits >> bit & 1) for places in (once, again) for bit, at in enumerate(places)}
    return told | {(side - 8, 8): True}


def _version(version: int, side: int) -> dict[Module, bool]:
    """Return the number of the version, twice (7.10)."""
    bits = _protected(version, 12, 0x1F25)
    told = {(side - 11 + bit % 3, bit // 3): bool(bits >> bit & 1) for bit in range(18)}
    return told | {(column, row): is_dark for (row, column), is_dark in told.items()}


def _protected(value: int, length: int, generator: int) -> int:
    """Return `value` with a BCH code of `length` bits behind it (annexes C and D)."""
    rest = value
    for _ in range(length):
        rest = rest << 1 ^ (rest >> length - 1) * generator
    return value << length | rest
