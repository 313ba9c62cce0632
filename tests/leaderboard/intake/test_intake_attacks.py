"""Files that attack who reads them: each is built here, and refused with words that name the attack."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from h5py import h5s, h5t

from oceanbench_leaderboard.intake import Verdict
from oceanbench_leaderboard.intake._findings import Refused
from oceanbench_leaderboard.intake._scan import scan
from oceanbench_leaderboard.intake._scan_hdf5 import _Scan, _weigh
from tests.toy_sea import map_of, write_map

Intake = Callable[..., Verdict]
Attack = Callable[[h5py.File, Path], object]
MOST = 10_000_000


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A file that the attacker may not read."""
    path = tmp_path / "truth.h5"
    with h5py.File(path, "w") as file:
        file["ssh"] = np.arange(6.0)
    return path


@pytest.fixture
def refusal(tmp_path: Path, other: Path) -> Callable[[Attack], str]:
    """Build a file with h5py beside a map, and give what the scan says of it."""

    def build(attack: Attack) -> str:
        path = write_map(tmp_path / "upload.nc")
        with h5py.File(path, "a") as file:
            attack(file, other)
        with pytest.raises(Refused) as refused:
            scan(path, MOST)
        return str(refused.value)

    return build


def _external_storage(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(6,), dtype="<f8", external=[(str(other), 0, 48)])


def _external_link(file: h5py.File, other: Path) -> None:
    file["x"] = h5py.ExternalLink(str(other), "/ssh")


def _soft_link(file: h5py.File, other: Path) -> None:
    file["x"] = h5py.SoftLink("/ssh")


def _virtual(file: h5py.File, other: Path) -> None:
    layout = h5py.VirtualLayout(shape=(6,), dtype="<f8")
    layout[:] = h5py.VirtualSource(str(other), "ssh", shape=(6,))
    file.create_virtual_dataset("x", layout)


def _second_name(file: h5py.File, other: Path) -> None:
    file["x"] = file["ssh"]


def _cycle(file: h5py.File, other: Path) -> None:
    group = file.create_group("a")
    group["b"] = group


def _deep(file: h5py.File, other: Path) -> None:
    file.create_group("a/b/c/d/e/f")


def _named_type(file: h5py.File, other: Path) -> None:
    file["x"] = np.dtype("<f8")


def _of_named_type(file: h5py.File, other: Path) -> None:
    file["a type"] = np.dtype("<f8")
    file.create_dataset("x", shape=(6,), dtype=file["a type"])


def _compound(file: h5py.File, other: Path) -> None:
    file["x"] = np.zeros(6, dtype=[("a", "<f8"), ("b", "<i4")])


def _reference(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", data=[file["ssh"].ref], dtype=h5py.ref_dtype)


def _region(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", data=[file["ssh"].regionref[0]], dtype=h5py.regionref_dtype)


def _variable_length(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(6,), dtype=h5py.vlen_dtype(np.float64))


def _opaque(file: h5py.File, other: Path) -> None:
    file["x"] = np.void(b"some bytes")


def _enumeration(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(6,), dtype=h5py.enum_dtype({"a": 0, "b": 1}, basetype="i1"))


def _odd_float(file: h5py.File, other: Path) -> None:
    odd = h5t.IEEE_F64LE.copy()
    odd.set_fields(63, 52, 11, 0, 40)
    h5py.h5d.create(file.id, b"x", odd, h5s.create_simple((6,)))


def _many_objects(file: h5py.File, other: Path) -> None:
    for index in range(600):
        file.create_group(f"group {index}")


def _many_attributes(file: h5py.File, other: Path) -> None:
    group = file.create_group("many")
    for index in range(4100):
        group.attrs[f"a{index}"] = 1


def _shape_bomb(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(10**6, 10**6), chunks=(1000, 1000), dtype="<f8")


def _gzip_bomb(file: h5py.File, other: Path) -> None:
    made = file.create_dataset("x", (9, 1000, 1000), "<f8", chunks=(1, 1000, 1000), compression=9)
    made[:] = 0.0


def _many_small_declared(file: h5py.File, other: Path) -> None:
    for index in range(100):
        file.create_dataset(f"x{index}", shape=(10**6,), chunks=(1000,), dtype="<f8")


def _large_chunks(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(4,), maxshape=(None,), chunks=(1 << 26,), dtype="<f8")


def _filter(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(6,), dtype="<i4", chunks=(6,), scaleoffset=2)


def _long_name(file: h5py.File, other: Path) -> None:
    file.create_group("n" * 10_000)


def _many_texts(file: h5py.File, other: Path) -> None:
    file.create_dataset("x", shape=(5000,), dtype=h5py.string_dtype())


ATTACKS: dict[str, tuple[Attack, str]] = {
    "external storage": (_external_storage, "keeps its values in another file"),
    "external link": (_external_link, "a link into another file"),
    "soft link": (_soft_link, "a soft link"),
    "virtual dataset": (_virtual, "is virtual"),
    "second name": (_second_name, "a second name of an object"),
    "cycle of links": (_cycle, "a second name of an object"),
    "deep nesting": (_deep, "nested deeper than 4"),
    "named type": (_named_type, "a type of its own"),
    "dataset of a named type": (_of_named_type, "a type of its own"),
    "compound": (_compound, "'/x' is compound"),
    "reference": (_reference, "'/x' is a reference"),
    "region reference": (_region, "'/x' is a reference"),
    "variable length": (_variable_length, "'/x' is of variable length"),
    "opaque": (_opaque, "'/x' is opaque"),
    "enumeration": (_enumeration, "'/x' is an enumeration"),
    "odd float": (_odd_float, "'/x' is a float of odd form"),
    "many objects": (_many_objects, "more than 512 variables and groups"),
    "many attributes": (_many_attributes, "more than 4096 attributes"),
    "shape bomb": (_shape_bomb, "1000000 x 1000000 = 1000000000000 values"),
    "gzip bomb": (_gzip_bomb, "the file declares 720"),
    "many small declarations": (_many_small_declared, "the file declares 800"),
    "large chunks": (_large_chunks, "chunks of 536870912 bytes"),
    "other filter": (_filter, "packed with scale-offset"),
    "long name": (_long_name, "a name of 10000 bytes"),
    "many texts": (_many_texts, "has 5000 texts"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_scan_refuses(name: str, refusal: Callable[[Attack], str]) -> None:
    attack, words = ATTACKS[name]
    assert words in refusal(attack)


def test_the_scan_tells_all_reasons_at_once(refusal: Callable[[Attack], str]) -> None:
    def both(file: h5py.File, other: Path) -> None:
        _compound(file, other)
        file["y"] = h5py.SoftLink("/ssh")

    said = refusal(both)
    assert "compound" in said
    assert "soft link" in said


def test_an_attribute_of_two_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "upload.nc"
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["history"] = np.zeros(2 << 20, dtype="u1")
    with pytest.raises(Refused, match="attribute 'history' of the file has 2097152 bytes"):
        scan(path, MOST)


def test_stored_bytes_that_lie_on_each_other_are_refused() -> None:
    counted = _Scan(MOST, stored_in_file=1000, stored=1001)
    _weigh(counted)
    assert [finding.what_given for finding in counted.findings] == [
        "variables claim 1001 stored bytes of a file of 1000"
    ]


def test_a_constant_map_that_packs_better_than_any_bound_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "upload.nc"
    constant = xr.Dataset({"ssh": (("time", "lat", "lon"), np.zeros((40, 100, 100)))})
    constant.to_netcdf(path, encoding={"ssh": {"zlib": True, "complevel": 9}})
    assert path.stat().st_size * 100 < constant.nbytes
    scan(path, MOST)


@pytest.mark.parametrize("chunk", [(1, 1, 1), (1, 13, 21), (14, 13, 21), (9, 8, 20)])
def test_values_that_do_not_pack_are_no_bomb_however_they_are_cut(
    chunk: tuple[int, int, int], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).bytes(8 * 14 * 13 * 21)
    with h5py.File(tmp_path / "upload.nc", "w") as file:
        made = file.create_dataset(
            "ssh", (14, 13, 21), "<f8", chunks=chunk, compression="gzip", shuffle=True, fletcher32=True
        )
        made[:] = np.frombuffer(noise, dtype="<f8").reshape(14, 13, 21)
    scan(tmp_path / "upload.nc", MOST)


PACKED = {
    "a ZIP archive": "zip",
    "a tar archive": "tar",
    "compressed with gzip": b"\x1f\x8b\x08\x00" + b"\0" * 60,
    "a page of the web": b"\n <!DOCTYPE html><html></html>",
    "HDF4": b"\x0e\x03\x13\x01" + b"\0" * 60,
    "GRIB": b"GRIB\0\0\0\x02",
    "a Python pickle": b"\x80\x04\x95",
    "empty (0 bytes)": b"",
    "it begins with b'\\x00\\x01": b"\0\x01\x02\x03",
}


@pytest.mark.parametrize("words", PACKED)
def test_another_format_is_called_by_its_name(words: str, tmp_path: Path) -> None:
    made = PACKED[words]
    path = tmp_path / "upload.nc"
    path.write_bytes(made if isinstance(made, bytes) else _archive(made))
    with pytest.raises(Refused) as refused:
        scan(path, MOST)
    assert words in str(refused.value)


def _archive(kind: str) -> bytes:
    stream = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("../../map.nc", b"CDF\x01")
    else:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("/etc/passwd"))
    return stream.getvalue()


# --- the classic format


@pytest.fixture(params=["NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF3_64BIT_DATA"])
def classic(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A map in a classic format."""
    path = tmp_path / "upload.nc"
    map_of().to_netcdf(path, engine="netcdf4", format=request.param)
    return path


def test_a_classic_file_that_is_whole_passes_the_scan(classic: Path) -> None:
    scan(classic, MOST)


def test_a_classic_file_cut_short_is_refused_with_both_sizes(classic: Path) -> None:
    whole = classic.read_bytes()
    classic.write_bytes(whole[:-1000])
    with pytest.raises(Refused, match=f"the file has {len(whole) - 1000} bytes, and its header declares"):
        scan(classic, MOST)


@pytest.mark.parametrize("length", [4, 5, 8, 12, 13, 16, 40])
def test_a_classic_header_cut_short_is_refused(length: int, classic: Path) -> None:
    classic.write_bytes(classic.read_bytes()[:length])
    with pytest.raises(Refused, match=r"damaged.*ends inside its header"):
        scan(classic, MOST)


def test_a_classic_header_that_names_exabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "upload.nc"
    huge = struct.pack(">Q", 1 << 62)
    path.write_bytes(b"CDF\x05" + struct.pack(">Q", 1) + struct.pack(">I", 10) + struct.pack(">Q", 1) + huge)
    with pytest.raises(Refused, match="damaged"):
        scan(path, MOST)


# --- through the whole intake


def test_a_link_to_the_truth_is_refused_by_the_intake(
    intake: Intake, tmp_path: Path, job: Path, other: Path
) -> None:
    path = tmp_path / "upload.nc"
    with h5py.File(path, "w") as file:
        _external_link(file, other)
    verdict = intake(path)
    assert not verdict.accepted
    assert verdict.fault == "submission"
    assert verdict.problems[0]["what_given"] == "'/x' is a link into another file"
    assert verdict.problems[0]["fix"]
    assert not list(job.iterdir())
