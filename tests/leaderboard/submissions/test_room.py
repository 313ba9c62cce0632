"""The files of a team take so much room, the disk keeps some of its own, and refused bytes go."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from oceanbench_leaderboard.errors import Conflict, NotFound, QuotaExceeded, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FileStore, Upload
from oceanbench_leaderboard.submissions import (
    delete,
    drop_refused,
    enter,
    file_keys,
    history,
    open_part,
    quota,
    rescore,
    upload_state,
    view,
)
from tests.leaderboard.submissions.entries import (
    EMBEDDED,
    enter_bytes,
    entry,
    finish,
    sha256,
    someone,
    upload,
)
from tests.service_parts import Clock


def limited(service: Service, **limits: int) -> Service:
    """The same service with other limits."""
    changed = service.settings.limits.model_copy(update=limits)
    settings = service.settings.model_copy(update={"limits": changed})
    return Service(settings, service.database, service.files, service.queue, service.now)


def drop(service: Service, clock: Clock) -> int:
    return drop_refused(service, clock() - timedelta(days=1))


@pytest.mark.usefixtures("toy_board")
def test_files_of_a_team_take_so_many_bytes_and_no_more(service: Service) -> None:
    who, small = someone(service), limited(service, stored_bytes_per_team=10)
    first = enter_bytes(small, who, b"1234")
    upload(small, who, b"12345")
    with pytest.raises(QuotaExceeded, match=r"take 9 of 10 bytes, and this one has 2: delete submissions"):
        open_part(small, who, sha256(b"ab"), size=2, start=0)
    assert upload_state(small, who, sha256(b"ab")).size is None
    upload(small, someone(service, "Waves"), b"123456789")
    upload(small, who, b"a")
    delete(small, who, first.id)
    upload(small, who, b"ab")


@EMBEDDED
def test_bytes_that_were_told_and_have_not_come_yet_take_room_too(service: Service) -> None:
    who, small = someone(service), limited(service, stored_bytes_per_team=10)
    open_part(small, who, sha256(b"x" * 8), size=8, start=0).abandon()
    with pytest.raises(QuotaExceeded, match="take 8 of 10 bytes, and this one has 3"):
        open_part(small, who, sha256(b"abc"), size=3, start=0)
    open_part(small, who, sha256(b"x" * 8), size=8, start=0).abandon()


@EMBEDDED
def test_a_file_that_was_told_small_does_not_grow_beyond_the_room(service: Service) -> None:
    who, small = someone(service), limited(service, stored_bytes_per_team=10)
    upload(small, who, b"12345")
    digest = sha256(b"x" * 5)
    open_part(small, who, digest, size=1, start=0).abandon()
    with pytest.raises(QuotaExceeded, match="take 5 of 10 bytes, and this one has 6"):
        open_part(small, who, digest, size=6, start=0)
    open_part(small, who, digest, size=5, start=0).abandon()


@EMBEDDED
def test_a_disk_that_is_nearly_full_takes_not_a_byte(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, kept = someone(service), service.settings.limits.free_bytes
    monkeypatch.setattr(FileStore, "free_bytes", lambda _: kept + 99)
    with pytest.raises(Unavailable, match=f"no room for 100 bytes more: {kept + 99} are free"):
        open_part(service, who, sha256(b"x" * 100), size=100, start=0)
    assert upload_state(service, who, sha256(b"x" * 100)).size is None
    upload(service, who, b"x" * 99)


def test_only_a_folder_tells_the_room_on_its_disk(service: Service) -> None:
    free = service.files.free_bytes()
    assert (free is None) is not service.files.is_local
    assert free is None or free > 0


@pytest.mark.usefixtures("toy_board")
def test_bytes_of_a_refused_submission_go_after_a_day_and_its_reasons_stay(
    service: Service, clock: Clock
) -> None:
    who = someone(service)
    shown = enter_bytes(service, who, b"no map")
    finish(service, shown.id, "refused", reason="no map", problems=[{"what_given": "x"}])
    assert drop(service, clock) == 0
    clock.advance(86_400)
    assert drop(service, clock) == 1
    assert drop(service, clock) == 0
    assert service.files.keys("uploads") == []
    assert upload_state(service, who, sha256(b"no map")).size is None
    left = view(service, who, shown.id)
    assert (left.state, left.reason, left.problems) == ("refused", "no map", [{"what_given": "x"}])
    assert history(service, who, shown.id)[-1].what == "file dropped"
    with pytest.raises(NotFound, match="was deleted; send it again"):
        file_keys(service, who, shown.id)


@pytest.mark.usefixtures("toy_board")
def test_refused_bytes_that_are_gone_are_sent_again_and_checked_again(service: Service, clock: Clock) -> None:
    who = someone(service)
    shown = enter_bytes(service, who, b"no map")
    finish(service, shown.id, "refused", reason="no map")
    clock.advance(2 * 86_400)
    drop(service, clock)
    with pytest.raises(Conflict, match="send the file first"):
        enter(service, who, entry(sha256(b"no map")))
    with pytest.raises(Conflict, match="cannot be scored anew"):
        rescore(service, someone(service, "Keepers", "admin"), shown.id)
    again = enter_bytes(service, who, b"no map")
    assert (again.id, again.state, again.created) == (shown.id, "queued", clock())
    assert quota(service, who, "toy").used == 1


@pytest.mark.parametrize("state", ["queued", "checking", "scoring", "scored", "failed"])
@pytest.mark.usefixtures("toy_board")
@EMBEDDED
def test_only_what_was_refused_on_every_track_loses_its_bytes(
    service: Service, clock: Clock, state: str
) -> None:
    who = someone(service)
    digest = upload(service, who, b"map")
    refused, _ = enter(service, who, entry(digest, track="all"))
    other, _ = enter(service, who, entry(digest, track="half"))
    finish(service, refused.id, "refused")
    finish(service, other.id, state)
    clock.advance(2 * 86_400)
    assert drop(service, clock) == 0
    finish(service, other.id, "refused") if state != "scored" else delete(service, who, other.id)
    clock.advance(2 * 86_400)
    assert drop(service, clock) == 1


@pytest.mark.usefixtures("toy_board")
def test_what_an_older_version_scored_keeps_its_bytes_though_a_newer_refused_it(
    service: Service, clock: Clock
) -> None:
    who = someone(service)
    shown = enter_bytes(service, who, b"map")
    finish(service, shown.id, "scored")
    rescore(service, someone(service, "Keepers", "admin"), shown.id)
    finish(service, shown.id, "refused")
    clock.advance(2 * 86_400)
    assert drop(service, clock) == 0
    with service.database.transaction(read_only=True) as session:
        assert session.scalar(select(Upload.sha256)) == sha256(b"map")
