"""What a file is, by its first bytes, and whether its structure is one that a map can have."""

import io
from pathlib import Path
from typing import BinaryIO

from oceanbench._netcdf_classic import declared_bytes
from oceanbench_leaderboard.intake._findings import Finding, Refused

__all__ = ["scan"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_CLASSIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
_CLASSIC_HEADER_BYTES = 1 << 20
_KNOWN = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x0e\x03\x13\x01": "HDF4",
    b"GRIB": "GRIB",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"MATLAB 5": "a MATLAB file",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"\x7fELF": "a program",
    b"#!": "a program",
    b"{": "JSON text",
    b"<?xml": "XML text",
    b"<!doc": "a page of the web",
    b"<html": "a page of the web",
}
_EXPECTED, _SAVE = "a NetCDF file", "save the map with to_netcdf() and send that file, not packed"


def scan(path: Path, most_values: int) -> None:
    """Refuse a file whose structure no map can have; no values are read.

    Parameters
    ----------
    path : path of the file
    most_values : int
        Values that the largest variable may have.

    Raises
    ------
    Refused
        With all that was found.
    """
    with path.open("rb") as stream:
        first = stream.read(512)
        if first.startswith(_CLASSIC):
            _check_classic(stream, path.stat().st_size)
            return
    if not first.startswith(_HDF5):
        raise Refused([Finding(_what_it_is(first), _EXPECTED, _SAVE)])
    from oceanbench_leaderboard.intake._scan_hdf5 import scan_hdf5

    findings = scan_hdf5(path, most_values)
    if findings:
        raise Refused(findings)


def _what_it_is(first: bytes) -> str:
    if not first:
        return "the file is empty (0 bytes)"
    if first[257:262] == b"ustar":
        return "the file is a tar archive"
    begin = first.lstrip().lower()
    for mark, words in _KNOWN.items():
        if first.startswith(mark) or (mark[:1] in b"<{" and begin.startswith(mark)):
            return f"the file is {words}"
    return f"the file is not NetCDF: it begins with {first[:8]!r}"


def _check_classic(stream: BinaryIO, stored: int) -> None:
    """Compare the length that the header declares with that of the file."""
    stream.seek(0)
    # read from memory: a header that names a text of exabytes then gets what there is
    header = io.BytesIO(stream.read(_CLASSIC_HEADER_BYTES))
    try:
        declared = declared_bytes(header)
    except (ValueError, OverflowError) as error:
        more = stored > _CLASSIC_HEADER_BYTES
        where = f", or it takes more than {_CLASSIC_HEADER_BYTES} bytes" if more else ""
        what = f"the header of the classic NetCDF file is damaged{where}: {error}"
        raise Refused([Finding(what, "a whole file", "write it again")]) from error
    if stored < declared:
        what = f"the file has {stored} bytes, and its header declares {declared}"
        raise Refused([Finding(what, "a whole file", "write or send it again")])
