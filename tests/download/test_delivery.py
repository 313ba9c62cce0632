"""A whole challenge from plan to files, out of a folder that plays the servers."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.cli import cli
from oceanbench.data_files import find_files
from oceanbench.download import archives
from oceanbench.download.delivery import Delivery, deliver
from oceanbench.download.errors import DownloadError
from oceanbench.download.lock import Lock
from oceanbench.download.plan import make_plan
from oceanbench.download.status import status_of
from tests.download.definitions import CONTENT, pack, write_definition, write_remote


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Folder that plays the servers."""
    return write_remote(tmp_path / "remote")


@pytest.fixture
def small(tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> Challenge:
    """The small challenge; its data folder is empty."""
    write_definition(tmp_path / "challenges", f"file://{remote}")
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "challenges"))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("OCEANBENCH_MIRROR", raising=False)
    return load_challenge("small")


def get(challenge: Challenge, **wanted: object) -> Delivery:
    return deliver(make_plan(challenge, **wanted))  # type: ignore[arg-type]


def verdicts(challenge: Challenge, *, deep: bool = False) -> dict[str, str]:
    return {one.file.id: one.verdict for one in status_of(challenge, deep=deep).files}


@pytest.fixture
def run(small: Challenge) -> Callable[..., Result]:
    """Run the command on the small challenge."""
    return lambda *words, **more: CliRunner().invoke(cli, list(words), **more)


def test_a_plan_names_what_is_wanted_with_sizes_and_contacts_nobody(small: Challenge, remote: Path) -> None:
    plan = make_plan(small)
    names = [item.artefact.name for item in plan.items]
    days = [f"ref/truth_201210{day}.nc" for day in (22, 23, 24)]
    assert names == [*days, "obs.tar.gz", "mean.nc"]
    assert (plan.to_fetch, plan.of_unknown_size) == (9, 4)
    assert [item.artefact.name for item in make_plan(small, only=["maps"]).items] == ["maps/duacs.nc"]
    assert make_plan(small, only=["maps"]).to_fetch == 5_000_000_000


def test_a_track_asks_for_its_own_files_only(small: Challenge) -> None:
    plan = make_plan(small, only=["obs"], track=small.track("one"))
    files = [file.id for item in plan.items for file in item.files]
    assert files == ["jason", "mean"]
    assert [
        item.artefact.name for item in make_plan(small, only=["maps"], track=small.track("one")).items
    ] == []


def test_files_and_archives_come_to_the_paths_of_their_definition(small: Challenge, tmp_path: Path) -> None:
    delivery = get(small)
    home = tmp_path / "data" / "small"
    assert (home / "obs" / "jason.nc").read_bytes() == b"jason, packed"
    assert (home / "ref" / "truth_20121023.nc").read_bytes() == b"truth of the 23rd"
    assert delivery.unpacked == {"obs.tar.gz": 2}
    assert not list((home / ".archives").glob("*"))
    assert verdicts(small) == {
        **dict.fromkeys(("truth", "jason", "envisat", "mean"), "first use"),
        "duacs": "missing",
    }


def test_a_second_run_does_nothing(small: Challenge, remote: Path) -> None:
    get(small)
    for path in remote.rglob("*"):
        if path.is_file():
            path.unlink()
    delivery = get(small)
    assert not [outcome for outcome in delivery.outcomes if outcome.how == "downloaded"]
    assert next(delivery.lines()).startswith("nothing to fetch")


def test_files_of_a_lost_archive_are_fetched_one_by_one(
    small: Challenge, remote: Path, tmp_path: Path
) -> None:
    (remote / "obs.tar.gz").unlink()
    get(small)
    assert (tmp_path / "data" / "small" / "obs" / "envisat.nc").read_bytes() == b"envisat, plain"


def test_a_hostile_archive_places_nothing_and_its_files_come_plainly(
    small: Challenge, remote: Path, tmp_path: Path
) -> None:
    pack(remote / "obs.tar.gz", {"dc_obs/jason.nc": b"wrong", "../../envisat.nc": b"out of the folder"})
    get(small)
    home = tmp_path / "data" / "small"
    assert (home / "obs" / "jason.nc").read_bytes() == b"jason, plain"
    assert not (tmp_path / "envisat.nc").exists()
    assert not list((home / ".archives").glob("*"))


def test_what_cannot_be_had_is_told_and_the_rest_is_in_place(
    small: Challenge, remote: Path, tmp_path: Path
) -> None:
    (remote / "obs.tar.gz").unlink()
    (remote / "plain" / "envisat.nc").unlink()
    with pytest.raises(DownloadError, match=r"envisat\.nc") as caught:
        get(small)
    assert {trouble.name for trouble in caught.value.troubles} == {"obs.tar.gz", "obs/envisat.nc"}
    assert (tmp_path / "data" / "small" / "obs" / "jason.nc").read_bytes() == b"jason, plain"
    assert verdicts(small)["envisat"] == "missing"


def test_a_mirror_is_asked_before_every_other_place(
    small: Challenge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "mirror" / "small"
    kept.mkdir(parents=True)
    pack(kept / "obs.tar.gz", {"jason.nc": b"jason of the mirror", "envisat.nc": b"envisat of the mirror"})
    (kept / "truth_20121022.nc").write_bytes(b"a day of the mirror")
    monkeypatch.setenv("OCEANBENCH_MIRROR", str(tmp_path / "mirror"))
    delivery = get(small)
    home = tmp_path / "data" / "small"
    assert (home / "obs" / "jason.nc").read_bytes() == b"jason of the mirror"
    assert (home / "ref" / "truth_20121022.nc").read_bytes() == b"a day of the mirror"
    assert (home / "ref" / "truth_20121023.nc").read_bytes() == CONTENT["truth/truth_20121023.nc"]
    sources = {outcome.artefact.name: outcome.source for outcome in delivery.outcomes}
    assert sources["obs.tar.gz"] == "mirror"
    assert [item.artefact.name for item in make_plan(small, source="mirror").items]


def test_one_source_can_be_chosen_and_an_unknown_one_is_told(small: Challenge) -> None:
    assert make_plan(small, source="file").items
    with pytest.raises(LookupError, match=r"nothing of this at 'aviso'; its sources are file"):
        make_plan(small, source="aviso")


def test_another_folder_takes_the_download(small: Challenge, tmp_path: Path) -> None:
    get(small, to=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "mean.nc").is_file()
    assert not (tmp_path / "data").exists()
    assert status_of(small, given=tmp_path / "elsewhere").missing_for(small.track("two")) == ()


def test_status_tells_missing_partial_changed_and_hand_placed_files(small: Challenge, tmp_path: Path) -> None:
    home = tmp_path / "data" / "small"
    (home / ".archives").mkdir(parents=True)
    (home / ".archives" / "obs.tar.gz.part").write_bytes(b"half")
    (home / "mean.nc").write_bytes(b"by hand 9")
    found = {one.file.id: one for one in status_of(small).files}
    assert (found["jason"].verdict, found["jason"].partial) == ("missing", 4)
    assert found["mean"].verdict == "by hand"
    (home / "mean.nc").write_bytes(b"too long for it")
    assert verdicts(small)["mean"] == "changed"
    (home / "mean.nc").unlink()
    get(small)
    (home / "ref" / "truth_20121023.nc").unlink()
    (home / "obs" / "jason.nc").write_bytes(b"other bytes here")
    found = {one.file.id: one for one in status_of(small).files}
    assert found["truth"].verdict == "incomplete"
    assert "ref/truth_20121023.nc" in found["truth"].note
    assert found["jason"].verdict == "changed"
    lacking = [one.file.id for one in status_of(small).missing_for(small.track("one"))]
    assert lacking == ["truth", "jason"]


def test_a_byte_flipped_behind_our_back_shows_when_verified(small: Challenge, tmp_path: Path) -> None:
    get(small)
    path = tmp_path / "data" / "small" / "obs" / "jason.nc"
    before = path.stat()
    path.write_bytes(b"jason, pocked")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert verdicts(small)["jason"] == "first use"
    assert verdicts(small, deep=True)["jason"] == "changed"


def test_a_missing_member_brings_the_archive_again(small: Challenge, tmp_path: Path) -> None:
    get(small)
    path = tmp_path / "data" / "small" / "obs" / "jason.nc"
    path.unlink()
    delivery = get(small)
    assert path.read_bytes() == b"jason, packed"
    assert delivery.unpacked == {"obs.tar.gz": 2}


def test_an_archive_that_changed_since_the_first_time_is_refused(
    small: Challenge, remote: Path, tmp_path: Path
) -> None:
    get(small)
    path = tmp_path / "data" / "small" / "obs" / "jason.nc"
    path.unlink()
    (remote / "plain" / "jason.nc").unlink()
    pack(remote / "obs.tar.gz", {"jason.nc": b"another jason", "envisat.nc": b"another envisat"})
    with pytest.raises(DownloadError, match="--accept-changed"):
        get(small)
    assert not path.exists()
    deliver(make_plan(small), accept_changed=["obs.tar.gz"])
    assert path.read_bytes() == b"another jason"


@pytest.mark.parametrize("placed", [0, 1])
def test_a_death_while_unpacking_is_made_good_by_the_next_run(
    small: Challenge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, placed: int
) -> None:
    place, calls = archives._place, iter(range(9))

    def dying(staged: Any) -> Any:
        if next(calls) == placed:
            raise KeyboardInterrupt
        return place(staged)

    monkeypatch.setattr(archives, "_place", dying)
    with pytest.raises(KeyboardInterrupt):
        get(small)
    monkeypatch.setattr(archives, "_place", place)
    assert not all(item.here for item in make_plan(small).items)
    assert get(small).unpacked == {"obs.tar.gz": 2}
    home = tmp_path / "data" / "small"
    assert {path.read_bytes() for path in (home / "obs").iterdir()} == {b"jason, packed", b"envisat, packed"}
    assert not list((home / ".archives").glob("*.gz"))


@pytest.mark.parametrize("last", ["record_unpacked", "unlink"])
def test_a_death_after_unpacking_leaves_no_archive_for_ever(
    small: Challenge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if last == "record_unpacked":
            patch.setattr(Lock, "record_unpacked", die)
        else:
            patch.setattr("oceanbench.download.delivery._discard", die)
        with pytest.raises(KeyboardInterrupt):
            get(small)
    get(small)
    assert not list((tmp_path / "data" / "small" / ".archives").glob("*.gz"))
    assert status_of(small).missing_for(small.track("two")) == ()


def test_a_part_of_the_days_is_not_taken_for_all(small: Challenge, remote: Path) -> None:
    (remote / "truth" / "truth_20121023.nc").unlink()
    with pytest.raises(DownloadError, match=r"truth_20121023\.nc"):
        get(small)
    (remote / "truth" / "truth_20121023.nc").write_bytes(b"late")
    assert [outcome.artefact.name for outcome in get(small).outcomes if outcome.how == "downloaded"] == [
        "ref/truth_20121023.nc"
    ]


def test_two_runs_at_once_both_end_well(small: Challenge, tmp_path: Path) -> None:
    for attempt in range(3):
        folder = tmp_path / f"both-{attempt}"
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(get, small, to=folder) for _ in range(2)]
        assert sorted(len(run.result().unpacked) for run in runs) == [0, 1]
        assert (folder / "obs" / "jason.nc").read_bytes() == b"jason, packed"


def test_the_chosen_source_is_the_only_one_asked_even_for_files_of_a_lost_archive(
    small: Challenge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("OCEANBENCH_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(DownloadError) as caught:
        get(small, source="mirror")
    reasons = [reason for trouble in caught.value.troubles for reason in trouble.reasons]
    assert all(reason.startswith("mirror: ") for reason in reasons)
    assert {one.found for one in status_of(small).files} == {0}


def test_a_member_changed_by_hand_is_not_overwritten(small: Challenge, tmp_path: Path) -> None:
    get(small)
    path = tmp_path / "data" / "small" / "obs" / "jason.nc"
    path.write_bytes(b"mine!")
    with pytest.raises(DownloadError, match=r"jason\.nc was changed since it came"):
        get(small)
    assert path.read_bytes() == b"mine!"


def test_an_archive_that_holds_nothing_wanted_is_kept_and_not_fetched_twice(
    small: Challenge, remote: Path, tmp_path: Path
) -> None:
    for name in ("jason", "envisat"):
        (remote / "plain" / f"{name}.nc").unlink()
    pack(remote / "obs.tar.gz", {"other.nc": b"something else"})
    with pytest.raises(DownloadError, match=r"none of the files wanted; it holds other\.nc"):
        get(small)
    (remote / "obs.tar.gz").unlink()
    with pytest.raises(DownloadError, match=r"none of the files wanted; it holds other\.nc"):
        get(small)


def test_what_is_left_of_a_part_counts_in_the_plan(small: Challenge, tmp_path: Path) -> None:
    part = tmp_path / "data" / "small" / "mean.nc.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"mean")
    assert make_plan(small).to_fetch == 5


def test_a_name_that_is_not_in_the_download_cannot_be_accepted(small: Challenge) -> None:
    with pytest.raises(LookupError, match=r"'obs.tar' is not part of this download; did you mean obs.tar.gz"):
        deliver(make_plan(small), accept_changed=["obs.tar"])


def test_a_file_changed_behind_its_time_is_refused_once_status_has_found_it(
    small: Challenge, tmp_path: Path
) -> None:
    get(small)
    path = tmp_path / "data" / "small" / "obs" / "jason.nc"
    before = path.stat()
    path.write_bytes(b"jason, pocked")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_files(small, small.file("jason")) == [path]
    assert verdicts(small, deep=True)["jason"] == "changed"
    with pytest.raises(ValueError, match=r"jason\.nc is not the file that was downloaded"):
        find_files(small, small.file("jason"))
    with pytest.raises(DownloadError, match=r"jason\.nc was changed since it came"):
        get(small)


def test_a_mirror_without_a_scheme_is_told(small: Challenge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCEANBENCH_MIRROR", "127.0.0.1:8705")
    with pytest.raises(ValueError, match=r"write http://127\.0\.0\.1:8705, or the path of a folder"):
        make_plan(small)


def test_a_server_that_no_library_reaches_is_a_reason_and_the_next_one_is_tried(
    small: Challenge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("OCEANBENCH_MIRROR", "s3://bucket/of-nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    delivery = get(small, files=[small.file("mean")])
    (outcome,) = delivery.outcomes
    assert outcome.source == "file"
    assert [failure.source for failure in outcome.failures] == ["mirror"]


# --- the commands


def test_a_dry_run_tells_files_sizes_and_free_disk_and_fetches_nothing(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    result = run("download", "small", "--dry-run")
    assert result.exit_code == 0
    for words in ("obs.tar.gz", "unknown", "9 bytes", "5 of 5 to fetch", "are free"):
        assert words in result.output
    assert not (tmp_path / "data").exists()


def test_the_dry_run_speaks_json(run: Callable[..., Result]) -> None:
    content = json.loads(run("download", "small", "--dry-run", "--json").stdout)
    assert content["bytes_to_fetch"] == 9
    assert content["items"][3] == {
        "name": "obs.tar.gz",
        "files": ["jason", "envisat"],
        "roles": ["observations"],
        "bytes": None,
        "exact": False,
        "here": False,
        "begun": 0,
        "sources": ["file"],
    }


def test_a_download_tells_what_came_from_where_and_how_to_cite(run: Callable[..., Result]) -> None:
    result = run("download", "small")
    assert result.exit_code == 0, result.output
    assert "obs.tar.gz: " in result.output
    assert "2 files unpacked" in result.output
    assert "cite: Nobody (2026)." in result.output
    assert "track 'two': ready" in run("status", "small").output


def test_a_large_download_wants_to_be_meant(run: Callable[..., Result]) -> None:
    refused = run("download", "small", "--only", "maps")
    assert isinstance(refused.exception, ValueError)
    assert "this would fetch 5 GB; say --yes" in str(refused.exception)
    assert run("download", "small", "--only", "maps", "--yes").exit_code == 0


def test_sizes_that_nobody_promised_are_asked_of_the_servers(
    run: Callable[..., Result], remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oceanbench.download.command._ASK_ABOVE", 100)
    refused = run("download", "small")
    assert isinstance(refused.exception, ValueError)
    assert "say --yes" in str(refused.exception)
    assert run("download", "small", "--yes").exit_code == 0


def test_a_full_disk_is_told_before_anything_is_fetched(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oceanbench.download.plan.free_bytes", lambda folder: 1000)
    refused = run("download", "small")
    assert isinstance(refused.exception, OSError)
    assert "has 1 kB free" in str(refused.exception)


def test_the_sources_are_listed_and_probed(run: Callable[..., Result], remote: Path) -> None:
    listed = json.loads(run("sources", "small", "--json").stdout)
    assert {"name": "obs.tar.gz", "source": "file", "address": f"file://{remote}/obs.tar.gz"} in listed
    (remote / "duacs.nc").unlink()
    probed = {row["name"]: row for row in json.loads(run("sources", "small", "--check", "--json").stdout)}
    assert probed["mean.nc"]["available"]
    assert probed["mean.nc"]["bytes"] == 9
    assert not probed["maps/duacs.nc"]["available"]
