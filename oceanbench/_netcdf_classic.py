"""Extent that the header of a classic NetCDF file declares.

The netCDF library reads the missing end of a shortened classic file as zeros, without an error.
Only the header knows how long the file must be.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
_STREAMING = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}


@dataclass(frozen=True)
class _Variable:
    shape: tuple[int, ...]  # an unlimited dimension counts as 0
    item_bytes: int
    begin: int

    @property
    def is_record(self) -> bool:
        return bool(self.shape) and self.shape[0] == 0

    @property
    def slab_bytes(self) -> int:
        return prod(self.shape[1:] if self.is_record else self.shape) * self.item_bytes


class _Header:
    """Reader of the big-endian fields of one header."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        version = self._bytes(4)[3]
        self._count_format = ">Q" if version == 5 else ">I"
        self._offset_format = ">I" if version == 1 else ">Q"

    def _bytes(self, count: int) -> bytes:
        found = self._stream.read(count)
        if len(found) < count:
            raise ValueError("the file ends inside its header")
        return found

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._bytes(struct.calcsize(form)))[0])

    def count(self) -> int:
        return self._number(self._count_format)

    def _name(self) -> None:
        self._padded(self.count())

    def _padded(self, count: int) -> None:
        self._bytes(-(-count // 4) * 4)

    def _list[T](self, item: Callable[[], T]) -> list[T]:
        self._bytes(4)  # the tag of the list
        return [item() for _ in range(self.count())]

    def _item_bytes(self) -> int:
        kind = self._number(">I")
        if kind not in _ITEM_BYTES:
            raise ValueError(f"the header names an unknown data type {kind}")
        return _ITEM_BYTES[kind]

    def _attribute(self) -> None:
        self._name()
        item_bytes = self._item_bytes()
        self._padded(self.count() * item_bytes)

    def _dimension(self) -> int:
        self._name()
        return self.count()

    def _variable(self, dimensions: list[int]) -> _Variable:
        self._name()
        shape = tuple(dimensions[self.count()] for _ in range(self.count()))
        self._list(self._attribute)
        item_bytes = self._item_bytes()
        self.count()  # the stored size is not trusted: it is capped for large variables
        return _Variable(shape, item_bytes, self._number(self._offset_format))

    def variables(self) -> list[_Variable]:
        dimensions = self._list(self._dimension)
        self._list(self._attribute)
        return self._list(lambda: self._variable(dimensions))


def declared_bytes(stream: BinaryIO) -> int:
    """Give the number of bytes that the classic NetCDF file in ``stream`` must have at least.

    Raises
    ------
    ValueError
        Where the header is cut short or makes no sense.
    """
    header = _Header(stream)
    records = header.count()
    try:
        variables = header.variables()
    except IndexError as error:
        raise ValueError("the header names a dimension that it does not define") from error
    fixed = [variable.begin + variable.slab_bytes for variable in variables if not variable.is_record]
    return max([*fixed, _end_of_records(variables, records)], default=0)


def _end_of_records(variables: list[_Variable], records: int) -> int:
    members = [variable for variable in variables if variable.is_record]
    if not members or records == 0 or records in _STREAMING:
        return 0
    padded = [-(-member.slab_bytes // 4) * 4 for member in members]
    stride = members[0].slab_bytes if len(members) == 1 else sum(padded)
    return max(member.begin + (records - 1) * stride + member.slab_bytes for member in members)
