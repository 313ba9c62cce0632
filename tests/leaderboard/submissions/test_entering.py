"""What is entered is kept once, by the rules of its challenge; who asks again gets the same answer."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from oceanbench_leaderboard.errors import (
    Closed,
    Conflict,
    Forbidden,
    NotFound,
    QuotaExceeded,
    ServiceError,
    Unavailable,
)
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Event, Run, Submission
from oceanbench_leaderboard.submissions import (
    Card,
    Entry,
    delete,
    enter,
    history,
    open_part,
    quota,
    rescore,
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
from tests.service_parts import Clock, Recorder


@pytest.fixture
def limited(service: Service) -> Callable[..., Service]:
    """The same service with other limits."""

    def limit(**limits: int) -> Service:
        changed = service.settings.model_copy(
            update={"limits": service.settings.limits.model_copy(update=limits)}
        )
        return Service(changed, service.database, service.files, service.queue, service.now)

    return limit


@pytest.fixture
def competition(toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The challenge ``race``: as ``toy``, open for two days, three submissions a day, two final entries."""
    text = (toy_world / "toy" / "challenge.toml").read_text().replace('id = "toy"', 'id = "race"')
    rules = (
        "[competition]\nopens = 2026-06-01T12:00:00Z\ncloses = 2026-06-03T00:00:00+02:00\n"
        "submissions_per_day = 3\nfinal_entries = 2\n"
    )
    folder = tmp_path / "worlds" / "race"
    folder.mkdir(parents=True)
    (folder / "challenge.toml").write_text(f"{text}\n{rules}")
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))


def counted(service: Service, table: type[Submission | Run | Event]) -> int:
    with service.database.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.usefixtures("toy_board")
def test_an_entry_is_queued_and_the_workers_are_told(service: Service) -> None:
    who = someone(service)
    shown, new = enter(service, who, entry(upload(service, who, b"map"), method="OI", summary="optimal"))
    assert new
    assert re.fullmatch("[a-z0-9]{14}", shown.id)
    assert (shown.state, shown.position, shown.version, shown.team) == ("queued", 1, "1.0", "Tides")
    assert (shown.method, shown.card["summary"], shown.size) == ("OI", "optimal", 3)
    assert shown == view(service, who, shown.id)
    assert isinstance(service.queue, Recorder)
    assert len(service.queue.woken) == 1
    assert [one.what for one in history(service, who, shown.id)] == ["entered"]


@pytest.mark.usefixtures("toy_board")
def test_the_same_bytes_on_the_same_track_are_the_same_submission(service: Service) -> None:
    who = someone(service)
    digest = upload(service, who, b"map")
    first, _ = enter(service, who, entry(digest))
    again, new = enter(service, who, entry(digest, track="A L L", method="another name"))
    other, other_is_new = enter(service, who, entry(digest, track="half"))
    assert (again, new) == (first, False)
    assert other_is_new
    assert other.id != first.id
    theirs = enter_bytes(service, someone(service, "Waves"), b"map")
    assert theirs.id not in (first.id, other.id)


@pytest.mark.usefixtures("toy_board")
def test_of_entries_at_once_of_the_same_bytes_one_is_made(service: Service) -> None:
    who = someone(service)
    digest = upload(service, who, b"map")
    made: list[bool] = []
    threads = [
        threading.Thread(target=lambda: made.append(enter(service, who, entry(digest))[1])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]
    assert (counted(service, Submission), counted(service, Run)) == (1, 1)


@pytest.mark.usefixtures("toy_board")
def test_an_upload_that_is_not_whole_is_not_entered(service: Service) -> None:
    who, digest = someone(service), sha256(b"a map")
    with pytest.raises(Conflict, match="send the file first") as refused:
        enter(service, who, entry(digest))
    assert refused.value.offset == 0
    writer = open_part(service, who, digest, size=5, start=0)
    writer.write(b"a m")
    writer.close()
    with pytest.raises(Conflict, match="3 of 5 bytes") as refused:
        enter(service, who, entry(digest))
    assert refused.value.offset == 3
    assert counted(service, Submission) == 0


@pytest.mark.usefixtures("toy_board")
def test_the_upload_of_another_team_is_not_there_for_mine(service: Service) -> None:
    digest = upload(service, someone(service, "Waves"), b"map")
    with pytest.raises(Conflict, match="no bytes with the SHA-256"):
        enter(service, someone(service), entry(digest))


@EMBEDDED
@pytest.mark.usefixtures("toy_board")
def test_a_challenge_or_track_that_is_not_there_is_named_with_those_that_are(service: Service) -> None:
    who = someone(service)
    digest = upload(service, who, b"map")
    with pytest.raises(NotFound, match=r"no challenge is called 'toi'.*toy"):
        enter(service, who, entry(digest, "toi"))
    with pytest.raises(NotFound, match=r"toy has no track 'most'.*all; half"):
        enter(service, who, entry(digest, track="most"))
    with pytest.raises(ServiceError, match="toy has several tracks; say which: all; half"):
        enter(service, who, entry(digest, track=None))


@EMBEDDED
def test_a_challenge_that_cannot_be_scored_yet_says_why(
    service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (toy_world / "toy" / "challenge.toml").read_text()
    folder = tmp_path / "worlds" / "later"
    folder.mkdir(parents=True)
    pending = text.replace('id = "toy"', 'id = "later"\nevaluation_pending = "the truth is not out."')
    (folder / "challenge.toml").write_text(pending)
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))
    with pytest.raises(Closed, match="later cannot be scored yet: the truth is not out; choose another"):
        enter(service, someone(service), entry(sha256(b"map"), "later"))


@EMBEDDED
@pytest.mark.usefixtures("toy_board")
def test_a_token_that_only_reads_enters_nothing_and_one_that_only_submits_is_enough(service: Service) -> None:
    sender = someone(service, "Tides", "submit")
    digest = upload(service, sender, b"map")
    with pytest.raises(Forbidden, match="scope 'submit'"):
        enter(service, someone(service, "Tides", "read"), entry(digest))
    assert enter(service, sender, entry(digest))[0].state == "queued"


@EMBEDDED
@pytest.mark.usefixtures("competition")
def test_a_competition_opens_and_closes_to_the_second_in_utc(service: Service, clock: Clock) -> None:
    who = someone(service)
    digests = [upload(service, who, b"%d" % number) for number in range(4)]
    clock.time = datetime(2026, 6, 1, 11, 59, 59, tzinfo=UTC)
    with pytest.raises(Closed, match="race opens at 2026-06-01 12:00:00 UTC; it is 2026-06-01 11:59:59 UTC"):
        enter(service, who, entry(digests[0], "race"))
    clock.advance(1)
    assert enter(service, who, entry(digests[0], "race"))[1]
    clock.time = datetime(
        2026, 6, 2, 21, 59, 59, tzinfo=UTC
    )  # midnight of Paris is two hours before that of UTC
    assert enter(service, who, entry(digests[1], "race"))[1]
    clock.advance(1)
    with pytest.raises(Closed, match="race closed at 2026-06-02 22:00:00 UTC"):
        enter(service, who, entry(digests[2], "race"))
    assert not enter(service, who, entry(digests[1], "race"))[1]  # known: given again


@pytest.mark.usefixtures("competition")
def test_a_day_takes_so_many_and_the_next_takes_as_many_again(service: Service, clock: Clock) -> None:
    who = someone(service)
    for number in range(3):
        enter_bytes(service, who, b"%d" % number, "race")
    digest = upload(service, who, b"3")
    with pytest.raises(
        QuotaExceeded, match=r"3 of 3 submissions to race.*from 2026-06-02 00:00 UTC"
    ) as refused:
        enter(service, who, entry(digest, "race"))
    assert refused.value.retry_after == 12 * 3600
    left = quota(service, who, "race")
    assert (left.allowed, left.used, left.left) == (3, 3, 0)
    enter_bytes(service, someone(service, "Waves"), b"theirs", "race")
    clock.advance(refused.value.retry_after)
    assert quota(service, who, "race").left == 3
    assert enter(service, who, entry(digest, "race"))[1]


@pytest.mark.parametrize("state", ["refused", "failed"])
@pytest.mark.usefixtures("competition")
def test_what_was_refused_or_failed_costs_nothing(service: Service, state: str) -> None:
    who = someone(service)
    for number in range(5):
        finish(service, enter_bytes(service, who, b"%d" % number, "race").id, state)
    assert quota(service, who, "race").left == 3
    finish(service, enter_bytes(service, who, b"good", "race").id, "scored")
    assert quota(service, who, "race").left == 2


@pytest.mark.usefixtures("competition")
def test_a_duplicate_costs_nothing_and_a_deleted_one_still_counts(service: Service) -> None:
    who = someone(service)
    first, second = (enter_bytes(service, who, data, "race") for data in (b"1", b"2"))
    for one in (first, second):
        finish(service, one.id)
    with service.database.transaction() as session:
        session.get_one(Submission, second.id).duplicate_of = first.id
    assert quota(service, who, "race").used == 1
    delete(service, who, first.id)
    assert quota(service, who, "race").used == 1


@pytest.mark.usefixtures("toy_board")
def test_requests_at_once_do_not_get_past_the_quota(
    service: Service, limited: Callable[..., Service]
) -> None:
    few = limited(submissions_per_day=3)
    who = someone(service)
    entries = [entry(upload(service, who, b"%d" % number)) for number in range(20)]
    outcomes: list[str] = []

    def send(one: Entry) -> None:
        try:
            enter(few, who, one)
            outcomes.append("taken")
        except QuotaExceeded:
            outcomes.append("too many")

    threads = [threading.Thread(target=send, args=(one,)) for one in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("taken"), outcomes.count("too many")) == (3, 17)
    assert counted(service, Submission) == 3


@pytest.mark.usefixtures("toy_board")
def test_a_day_takes_so_many_checks_whatever_comes_of_them(
    service: Service, limited: Callable[..., Service], clock: Clock
) -> None:
    few, who = limited(checks_per_day=3), someone(service)
    for number, state in enumerate(("refused", "failed")):
        finish(service, enter_bytes(few, who, b"%d" % number).id, state)
    assert enter(few, who, entry(sha256(b"1")))[0].state == "queued"  # the third: it failed, and waits again
    words = r"3 files of your team were taken for checking.*3 are allowed.*from 2026-06-02 00:00 UTC"
    with pytest.raises(QuotaExceeded, match=words) as refused:
        enter_bytes(few, who, b"2")
    assert refused.value.retry_after == 12 * 3600
    finish(service, view(service, who, enter(few, who, entry(sha256(b"1")))[0].id).id, "failed")
    with pytest.raises(QuotaExceeded, match=words):
        enter(few, who, entry(sha256(b"1")))
    enter_bytes(few, someone(service, "Waves"), b"theirs")
    clock.advance(12 * 3600)
    assert enter_bytes(few, who, b"2").state == "queued"


@pytest.mark.usefixtures("toy_board")
def test_what_the_service_scores_anew_is_no_check_of_the_team(
    service: Service, limited: Callable[..., Service]
) -> None:
    few, who = limited(checks_per_day=2), someone(service)
    first = enter_bytes(few, who, b"1").id
    for _ in range(3):
        finish(service, first)
        rescore(few, someone(service, "Keepers", "admin"), first)
    assert enter_bytes(few, who, b"2").state == "queued"


@pytest.mark.usefixtures("toy_board")
def test_a_team_and_the_whole_service_have_so_many_waiting(
    service: Service, limited: Callable[..., Service]
) -> None:
    few = limited(waiting_per_team=2, waiting=3)
    tides, waves = someone(service), someone(service, "Waves")
    first = enter_bytes(few, tides, b"1")
    enter_bytes(few, tides, b"2")
    with pytest.raises(QuotaExceeded, match=r"2 submissions of your team wait .* 2 are allowed"):
        enter_bytes(few, tides, b"3")
    enter_bytes(few, waves, b"1")
    with pytest.raises(QuotaExceeded, match="3 submissions wait or are worked on, and no more") as refused:
        enter_bytes(few, waves, b"2")
    assert refused.value.retry_after == 60
    finish(service, first.id)
    assert enter_bytes(few, tides, b"3").state == "queued"


@pytest.mark.usefixtures("toy_board")
def test_what_the_service_scores_anew_keeps_nobody_from_entering(
    service: Service, limited: Callable[..., Service]
) -> None:
    few = limited(waiting_per_team=1, waiting=1)
    tides = someone(service)
    first = enter_bytes(few, tides, b"1")
    finish(service, first.id)
    rescore(few, someone(service, "Keepers", "admin"), first.id)
    assert quota(few, tides, "toy").waiting == 0
    assert enter_bytes(few, tides, b"2").state == "queued"


@pytest.mark.usefixtures("competition")
def test_what_failed_through_the_service_is_queued_anew_even_when_the_competition_is_over(
    service: Service, clock: Clock
) -> None:
    who = someone(service)
    shown = enter_bytes(service, who, b"map", "race")
    finish(service, shown.id, "failed", reason="the service failed")
    assert view(service, who, shown.id).state == "failed"
    clock.advance(10 * 86_400)
    again, new = enter(service, who, entry(sha256(b"map"), "race"))
    assert (again.id, again.state, new) == (shown.id, "queued", False)
    assert counted(service, Run) == 2
    finish(service, shown.id, "refused", reason="no map")
    assert enter(service, who, entry(sha256(b"map"), "race"))[0].state == "refused"
    assert counted(service, Run) == 2


@EMBEDDED
@pytest.mark.usefixtures("toy_board")
def test_the_queue_that_does_not_answer_costs_nobody_a_submission(service: Service) -> None:
    class Deaf(Recorder):
        def wake(self, run_id: int) -> None:
            raise Unavailable("the queue does not answer")

    deaf = Service(service.settings, service.database, service.files, Deaf(), service.now)
    assert enter_bytes(deaf, someone(service), b"map").state == "queued"


@pytest.mark.usefixtures("toy_board")
def test_places_in_the_queue_are_counted_from_the_next(service: Service) -> None:
    tides, waves = someone(service), someone(service, "Waves")
    ids = [enter_bytes(service, who, b"map %d" % n).id for n, who in enumerate((tides, waves, tides, waves))]
    shown = [view(service, tides if n % 2 == 0 else waves, one).position for n, one in enumerate(ids)]
    assert shown == [1, 2, 3, 4]
    finish(service, ids[0])
    finish(service, ids[1], "checking", report=False)
    assert view(service, tides, ids[2]).position == 1
    assert view(service, waves, ids[1]).position is None


@pytest.mark.usefixtures("toy_board")
def test_deleted_bytes_that_come_again_are_the_same_submission_scored_anew(service: Service) -> None:
    who = someone(service)
    shown = enter_bytes(service, who, b"map", summary="first")
    finish(service, shown.id)
    delete(service, who, shown.id)
    with pytest.raises(Conflict, match="send the file first"):
        enter(service, who, entry(sha256(b"map")))
    again = enter_bytes(service, who, b"map", summary="second")
    assert (again.id, again.deleted, again.card["summary"]) == (shown.id, None, "second")
    assert again.rescoring


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\maps\\map.nc", "map.nc"),
        ("a\0b\nc\N{RIGHT-TO-LEFT OVERRIDE}", "a\ufffdb\ufffdc\ufffd"),
        ("x" * 900, "x" * 255),
        ("", ""),
    ],
)
def test_the_name_of_a_file_is_shown_and_never_a_path(name: str, shown: str) -> None:
    assert Entry(challenge="toy", sha256="ab" * 32, file_name=name, card=Card(method="m")).file_name == shown


@pytest.mark.parametrize("digest", ["", "AB" * 32, "ab" * 31, "ab" * 33, "ab" * 32 + "\n"])
def test_an_entry_names_a_digest(digest: str) -> None:
    with pytest.raises(ValidationError, match="sha256"):
        Entry(challenge="toy", sha256=digest, card=Card(method="m"))
