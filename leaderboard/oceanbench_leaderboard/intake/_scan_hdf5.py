"""Every link, object, type, filter and attribute of an HDF5 file, looked at before any value is read.

HDF5 reads other files, and declares more than it stores, without a word: links, external storage and virtual
datasets name files; a fill value stands for exabytes [1]_.

References
----------
.. [1] CVE-2026-1669 and CVE-2026-0897 (Keras), h5py issues 2884 and 2891.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from h5py import h5a, h5d, h5f, h5g, h5l, h5o, h5p, h5s, h5t

from oceanbench_leaderboard.intake._findings import MOST_PROBLEMS, Finding, clean_text

__all__ = ["scan_hdf5"]

_MOST_OBJECTS = 512
_MOST_DEPTH = 4
_MOST_ATTRIBUTES = 4096
_MOST_ATTRIBUTE_BYTES = 1 << 20
_MOST_ATTRIBUTE_BYTES_TOGETHER = 8 << 20
_MOST_TEXTS = 1024  # of variable length: each may be as long as the file
_MOST_RATIO = 200
_FREE_BYTES = (
    64 << 20
)  # declared without a look at what is stored: a constant map packs better than any bound
_MOST_CHUNK_BYTES = 256 << 20
_MOST_GROWTH, _CHUNK_OVERHEAD_BYTES, _FREE_PACKED_BYTES = 1.1, 64, 1 << 16  # of what does not pack
_MOST_NAME = 256
_FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32", 32015: "zstandard"}
_FILTERS_REFUSED = {4: "szip", 5: "nbit", 6: "scale-offset", 307: "bzip2", 32001: "blosc", 32004: "lz4"}
_READ_ERRORS = (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError, OverflowError)
_NUMBERS = tuple(
    getattr(h5t, f"{kind}{order}")
    for order in ("LE", "BE")
    for kind in (
        *(f"STD_{sign}{bits}" for sign in "IU" for bits in (8, 16, 32, 64)),
        "IEEE_F32",
        "IEEE_F64",
    )
)
_CLASSES = {
    h5t.TIME: "a time",
    h5t.BITFIELD: "a field of bits",
    h5t.OPAQUE: "opaque",
    h5t.COMPOUND: "compound",
    h5t.REFERENCE: "a reference",
    h5t.ENUM: "an enumeration",
    h5t.VLEN: "of variable length",
    h5t.ARRAY: "an array",
    h5t.INTEGER: "an integer of odd size",
    h5t.FLOAT: "a float of odd form",
}


@dataclass
class _Scan:
    """What was counted so far."""

    most_values: int
    stored_in_file: int
    findings: list[Finding] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)
    objects: int = 0
    attributes: int = 0
    attribute_bytes: int = 0
    declared: int = 0
    stored: int = 0

    def refuse(self, what: str, expected: str, fix: str) -> None:
        self.findings.append(Finding(clean_text(what), expected, fix))

    @property
    def is_enough(self) -> bool:
        """Whether so much was found that going on tells nothing."""
        return len(self.findings) >= MOST_PROBLEMS or self.objects > _MOST_OBJECTS


def scan_hdf5(path: Path, most_values: int) -> list[Finding]:
    """Give all reasons to refuse the structure of an HDF5 file; no values are read.

    Parameters
    ----------
    path : path of a local file
    most_values : int
        Values that the largest variable may have.
    """
    scan = _Scan(most_values, path.stat().st_size)
    try:
        access = h5p.create(h5p.FILE_ACCESS)
        access.set_file_locking(False, True)
        file = h5f.open(bytes(path), h5f.ACC_RDONLY, fapl=access)
        try:
            _walk(file, scan)
        finally:
            file.close()
    except _READ_ERRORS as error:
        if not scan.findings:
            scan.refuse(f"its structure cannot be read: {error}", "a whole NetCDF file", "write it again")
    _weigh(scan)
    return scan.findings[:MOST_PROBLEMS]


def _walk(file: Any, scan: _Scan) -> None:
    root = h5g.open(file, b"/")
    waiting = [(root, "", 0)]
    _attributes(root, "the file", scan)
    while waiting and not scan.is_enough:
        group, path, depth = waiting.pop()
        for name, thing in _members(group, path, scan):
            if isinstance(thing, h5g.GroupID):
                if depth + 1 > _MOST_DEPTH:
                    scan.refuse(f"groups are nested deeper than {_MOST_DEPTH}", "a plain file", _PLAIN)
                    return
                waiting.append((thing, name, depth + 1))
            elif isinstance(thing, h5d.DatasetID):
                _dataset(thing, name, scan)


_PLAIN = "write the map with xarray's to_netcdf()"


def _members(group: Any, path: str, scan: _Scan) -> Iterator[tuple[str, Any]]:
    """Give the objects that a group holds by hard links, each once; refuse everything else."""
    for raw in _names(group, scan):
        name = f"{path}/{raw.decode('utf-8', 'replace')}"
        if len(raw) > _MOST_NAME:
            scan.refuse(f"a name of {len(raw)} bytes: {name[:40]!r}…", f"at most {_MOST_NAME}", "shorten it")
            continue
        kind = group.links.get_info(raw).type
        if kind != h5l.TYPE_HARD:
            _refuse_link(kind, name, scan)
            continue
        thing = h5o.open(group, raw)
        where = h5o.get_info(thing)
        if (where.fileno, where.addr) in scan.seen:
            scan.refuse(f"{name!r} is a second name of an object", "each object once", _PLAIN)
            continue
        scan.seen.add((where.fileno, where.addr))
        if isinstance(thing, h5t.TypeID):
            scan.refuse(f"{name!r} is a type of its own", "numbers and texts", _PLAIN)
            continue
        _attributes(thing, repr(name), scan)
        yield name, thing


def _names(group: Any, scan: _Scan) -> list[bytes]:
    names: list[bytes] = []

    def keep(name: bytes) -> bool | None:
        names.append(name)
        return True if len(names) > _MOST_OBJECTS else None  # ends the iteration

    group.links.iterate(keep)
    scan.objects += len(names)
    if scan.objects > _MOST_OBJECTS:
        scan.refuse(f"more than {_MOST_OBJECTS} variables and groups", "a map", "write the map only")
        return []
    return names


def _refuse_link(kind: int, name: str, scan: _Scan) -> None:
    words = {h5l.TYPE_SOFT: "a soft link", h5l.TYPE_EXTERNAL: "a link into another file"}
    scan.refuse(
        f"{name!r} is {words.get(kind, 'a link of an unknown kind')}",
        "the data themselves",
        _PLAIN,
    )


# --- datasets


def _dataset(dataset: Any, name: str, scan: _Scan) -> None:
    made = dataset.get_create_plist()
    layout = made.get_layout()
    if made.get_external_count():
        scan.refuse(f"{name!r} keeps its values in another file", "values in the file itself", _PLAIN)
        return
    if layout == h5d.VIRTUAL:
        scan.refuse(f"{name!r} is virtual: its values are those of other datasets", "values", _PLAIN)
        return
    kind, space = dataset.get_type(), dataset.get_space()
    values = _values_of(space)
    _check_type(kind, values, name, scan)
    _check_filters(made, name, scan)
    if layout == h5d.CHUNKED:
        _check_chunks(dataset, values, name, scan)
    if values > scan.most_values:
        scan.refuse(
            f"{name!r} declares {' x '.join(map(str, space.shape))} = {values} values",
            f"at most {scan.most_values}, which is more than this challenge can need",
            "cut the map to the box and the days of the challenge",
        )
    scan.declared += values * kind.get_size()
    scan.stored += dataset.get_storage_size()


def _values_of(space: Any) -> int:
    return 0 if space.get_simple_extent_type() == h5s.NULL else prod(space.shape)


def _check_type(kind: Any, values: int, name: str, scan: _Scan) -> None:
    if kind.committed() or not _is_plain(kind):
        words = _CLASSES.get(kind.get_class(), "of an unknown type")
        scan.refuse(f"{name!r} is {words}", "numbers, or texts", "convert it, or leave it out")
    elif _is_free_text(kind) and values > _MOST_TEXTS:
        scan.refuse(f"{name!r} has {values} texts", f"at most {_MOST_TEXTS}", "leave it out")


def _is_plain(kind: Any) -> bool:
    if kind.get_class() == h5t.STRING:
        return True
    return any(kind.equal(number) for number in _NUMBERS)


def _is_free_text(kind: Any) -> bool:
    return kind.get_class() == h5t.STRING and bool(kind.is_variable_str())


def _check_filters(made: Any, name: str, scan: _Scan) -> None:
    for index in range(made.get_nfilters()):
        code = made.get_filter(index)[0]
        if code not in _FILTERS:
            scan.refuse(
                f"{name!r} is packed with {_FILTERS_REFUSED.get(code, f'filter {code}')}",
                f"one of {', '.join(_FILTERS.values())}, or nothing",
                "write it with zlib=True",
            )


def _check_chunks(dataset: Any, values: int, name: str, scan: _Scan) -> None:
    """Refuse chunks that are too large, and packed ones that hold more than they declare to unpack to."""
    made, each = dataset.get_create_plist(), dataset.get_type().get_size()
    chunk, shape = made.get_chunk(), dataset.get_space().shape
    size = prod(chunk) * each
    if size > _MOST_CHUNK_BYTES:
        scan.refuse(
            f"{name!r} is stored in chunks of {size} bytes",
            f"chunks of at most {_MOST_CHUNK_BYTES}",
            "write it with smaller chunks, for instance one time step each",
        )
    count = prod(-(-long // step) for long, step in zip(shape, chunk, strict=True))
    most = round(_MOST_GROWTH * values * each) + _CHUNK_OVERHEAD_BYTES * count + _FREE_PACKED_BYTES
    if made.get_nfilters() and dataset.get_storage_size() > most:
        scan.refuse(
            f"{name!r} declares {values * each} bytes, and stores {dataset.get_storage_size()} packed ones",
            "packed values that take no more than plain ones",
            "write it again",
        )


# --- attributes


def _attributes(thing: Any, name: str, scan: _Scan) -> None:
    count = h5a.get_num_attrs(thing)
    scan.attributes += count
    if scan.attributes > _MOST_ATTRIBUTES:
        scan.refuse(
            f"more than {_MOST_ATTRIBUTES} attributes, {count} of them of {name}", "fewer", "remove some"
        )
        return
    for index in range(count):
        attribute = h5a.open(thing, index=index)
        _check_attribute(
            attribute,
            f"attribute {clean_text(attribute.name.decode('utf-8', 'replace'), 60)!r} of {name}",
            scan,
        )


def _check_attribute(attribute: Any, name: str, scan: _Scan) -> None:
    size, kind = attribute.get_storage_size(), attribute.get_type()
    scan.attribute_bytes += size
    if size > _MOST_ATTRIBUTE_BYTES:
        scan.refuse(f"{name} has {size} bytes", f"at most {_MOST_ATTRIBUTE_BYTES}", "shorten it")
    elif not _is_link_of_dimensions(attribute.name, kind):
        _check_type(kind, _values_of(attribute.get_space()), name, scan)


def _is_link_of_dimensions(name: bytes, kind: Any) -> bool:
    """Tell whether an attribute is one of the two by which HDF5 ties variables to dimensions."""
    if name == b"DIMENSION_LIST" and kind.get_class() == h5t.VLEN:
        return bool(kind.get_super().equal(h5t.STD_REF_OBJ))
    if name == b"REFERENCE_LIST" and kind.get_class() == h5t.COMPOUND:
        members = [kind.get_member_type(index) for index in range(kind.get_nmembers())]
        plain = [member.equal(h5t.STD_REF_OBJ) or _is_plain(member) for member in members]
        return len(members) == 2 and all(plain)
    return False


# --- all together


def _weigh(scan: _Scan) -> None:
    if scan.attribute_bytes > _MOST_ATTRIBUTE_BYTES_TOGETHER:
        scan.refuse(
            f"attributes take {scan.attribute_bytes} bytes",
            f"at most {_MOST_ATTRIBUTE_BYTES_TOGETHER}",
            "shorten them",
        )
    if scan.stored > scan.stored_in_file:
        scan.refuse(
            f"variables claim {scan.stored} stored bytes of a file of {scan.stored_in_file}",
            "each byte once",
            "write it again",
        )
    if scan.declared > max(_FREE_BYTES, _MOST_RATIO * scan.stored_in_file):
        scan.refuse(
            f"the file declares {scan.declared} bytes and has {scan.stored_in_file}",
            f"at most {_MOST_RATIO} times as many, or {_FREE_BYTES}",
            "write values, not fill values, and leave out what is not asked for",
        )
