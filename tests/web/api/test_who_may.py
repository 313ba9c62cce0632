"""Who may do what: every route of the app, tried as everybody, against one table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from oceanbench_leaderboard.service import Service
from oceanbench_web.api import files
from tests.web.api.calling import CARD, Actors, Api, change_run, digest, finish
from tests.web.api.conftest import EMBEDDED

WHO = ("nobody", "other", "owner", "admin")
DATA = b"a map, one would think"
NEW = b"another map"
V1 = "/api/v1"
ENTERING = ("POST", f"{V1}/submissions")

type Statuses = tuple[int, int, int, int]  # of nobody, another team, the owner, an administrator

OPEN: Statuses = (200, 200, 200, 200)
SIGNED_IN: Statuses = (401, 200, 200, 200)
SECRET: Statuses = (404, 404, 200, 200)  # others do not even learn that it exists

# What each route answers about a submission of the owner that is not scored. A route without a line fails.
TABLE: dict[tuple[str, str], tuple[Statuses, dict[str, Any]]] = {
    ("GET", f"{V1}/openapi.json"): (OPEN, {}),
    ("GET", f"{V1}/health"): (OPEN, {}),
    ("GET", f"{V1}/ready"): (OPEN, {}),
    ("GET", f"{V1}/metrics"): ((401, 403, 403, 200), {}),
    ("GET", f"{V1}/challenges"): (OPEN, {}),
    ("GET", f"{V1}/challenges/{{challenge}}"): (OPEN, {}),
    ("GET", f"{V1}/challenges/{{challenge}}/quota"): (SIGNED_IN, {}),
    ("GET", f"{V1}/challenges/{{challenge}}/board"): (OPEN, {}),
    ("GET", f"{V1}/challenges/{{challenge}}/board.csv"): (OPEN, {}),
    ("GET", f"{V1}/uploads/{{sha256}}"): (SIGNED_IN, {}),
    ("HEAD", f"{V1}/uploads/{{sha256}}"): (SIGNED_IN, {}),
    ("PUT", f"{V1}/uploads/{{sha256}}"): ((401, 200, 200, 200), {"content": NEW}),
    # the file is there for its owner only: to others it is one that was never sent
    ("POST", f"{V1}/submissions"): (
        (401, 409, 200, 409),
        {"json": {"challenge": "toy", "track": "all", "card": CARD}},
    ),
    ("GET", f"{V1}/submissions"): (SIGNED_IN, {}),
    ("GET", f"{V1}/submissions/{{id}}"): (SECRET, {}),
    ("GET", f"{V1}/submissions/{{id}}/events"): (SECRET, {}),
    ("GET", f"{V1}/submissions/{{id}}/history"): (SECRET, {}),
    ("GET", f"{V1}/submissions/{{id}}/passport"): ((404, 404, 404, 404), {}),
    ("GET", f"{V1}/submissions/{{id}}/report/{{path:path}}"): ((404, 404, 404, 404), {}),
    ("GET", f"{V1}/submissions/{{id}}/file"): (SECRET, {}),
    ("PATCH", f"{V1}/submissions/{{id}}"): ((401, 404, 403, 200), {"json": {"hidden": True}}),
    ("DELETE", f"{V1}/submissions/{{id}}"): ((401, 404, 204, 204), {}),
    ("POST", f"{V1}/submissions/{{id}}/rescore"): ((401, 403, 403, 202), {}),
    ("GET", f"{V1}/me"): (SIGNED_IN, {}),
    ("GET", f"{V1}/tokens"): (SIGNED_IN, {}),
    ("POST", f"{V1}/tokens"): ((401, 201, 201, 201), {"json": {}}),
    ("DELETE", f"{V1}/tokens/{{prefix}}"): ((401, 404, 204, 204), {}),
}

# The pages, to somebody who is signed in by a cookie. Only submissions are secret; what needs a team sends
# readers to the sign-in, and providers that are not set up do not exist.
PAGES: dict[tuple[str, str], tuple[Statuses, dict[str, str]]] = {
    ("GET", "/"): (OPEN, {}),
    ("GET", "/about"): (OPEN, {}),
    ("GET", "/challenges/{challenge}"): (OPEN, {}),
    ("GET", "/favicon.ico"): (OPEN, {}),
    ("GET", "/static/{name}"): (OPEN, {}),
    ("GET", "/submit"): (OPEN, {}),
    ("GET", "/submissions/{submission_id}"): (SECRET, {}),
    ("POST", "/submissions/{submission_id}/select"): ((401, 404, 409, 409), {"selected": "yes"}),
    ("GET", "/team"): (SIGNED_IN, {}),
    ("POST", "/team/tokens"): (SIGNED_IN, {"submit": "on", "label": "laptop"}),
    ("POST", "/team/tokens/{prefix}/revoke"): ((401, 404, 303, 303), {}),
    ("GET", "/sign-in"): (OPEN, {}),
    ("POST", "/sign-in"): ((401, 401, 401, 401), {"token": "ob_000000000000_wrong"}),
    ("GET", "/sign-in/{provider}"): ((404, 404, 404, 404), {}),
    ("GET", "/sign-in/{provider}/callback"): ((404, 404, 404, 404), {}),
    ("POST", "/sign-out"): ((303, 303, 303, 303), {}),
}

# The same once it is scored, where that makes a difference.
SCORED: dict[tuple[str, str], tuple[Statuses, dict[str, Any]]] = {
    ("GET", f"{V1}/submissions/{{id}}"): (OPEN, {}),
    ("GET", f"{V1}/submissions/{{id}}/events"): (OPEN, {}),
    ("GET", f"{V1}/submissions/{{id}}/history"): (SECRET, {}),
    ("GET", f"{V1}/submissions/{{id}}/passport"): (OPEN, {}),
    ("GET", f"{V1}/submissions/{{id}}/report/{{path:path}}"): (OPEN, {}),
    ("GET", f"{V1}/submissions/{{id}}/file"): (SECRET, {}),
    ("PATCH", f"{V1}/submissions/{{id}}"): ((401, 403, 403, 200), {"json": {"hidden": True}}),
    ("DELETE", f"{V1}/submissions/{{id}}"): ((401, 403, 204, 204), {}),
}


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            if not (method == "HEAD" and "GET" in (route.methods or ())):
                yield method, str(route.path)


def filled(path: str, submission: str, prefix: str, method: str) -> str:
    values = {
        "{id}": submission,
        "{challenge}": "toy",
        "{sha256}": digest(NEW) if method == "PUT" else digest(DATA),
        "{path:path}": "index.html",
        "{prefix}": prefix,
        "{submission_id}": submission,
        "{provider}": "orcid",
        "{name}": "style.css",
    }
    for name, value in values.items():
        path = path.replace(name, value)
    return path


@EMBEDDED
def test_every_route_has_a_line_in_the_table(app: FastAPI) -> None:
    assert set(routes_of(app)) == {*TABLE, *PAGES}


@EMBEDDED
@pytest.mark.parametrize(("method", "path"), TABLE)
def test_a_submission_that_is_not_scored_is_its_teams_affair(
    api: Api, actors: Actors, service: Service, method: str, path: str
) -> None:
    statuses, more = TABLE[method, path]
    for who, status in zip(WHO, statuses, strict=True):
        data = DATA + who.encode()
        submission = api.enter(data, actors.owner).json()["id"]
        # events end at once, and another scoring may be asked for, where it is finished
        change_run(service, submission, state="refused", reason="it holds no map", finished=service.now())
        prefix = api.post("/tokens", token=actors.owner, json={}).json()["prefix"]
        entry = {"json": {**more.get("json", {}), "sha256": digest(data)}}
        wanted = entry if (method, path) == ENTERING else more
        answer = api.call(method, filled(path, submission, prefix, method), token=actors.token(who), **wanted)
        assert answer.status_code == status, f"{who}: {answer.text}"


@EMBEDDED
@pytest.mark.parametrize(("method", "path"), SCORED)
def test_a_submission_that_is_scored_is_seen_by_all_and_changed_by_few(
    api: Api, actors: Actors, service: Service, method: str, path: str
) -> None:
    statuses, more = SCORED[method, path]
    for who, status in zip(WHO, statuses, strict=True):
        submission = api.enter(DATA + who.encode(), actors.owner).json()["id"]
        finish(service, submission)
        answer = api.call(method, filled(path, submission, "", method), token=actors.token(who), **more)
        assert answer.status_code == status, f"{who}: {answer.text}"


def signed_in(api: Api, token: str) -> tuple[dict[str, str], str]:
    """Give the cookie of a session of a token, and its word."""
    if not token:
        return {}, ""
    response = Response()
    session = api.app.state.parts.sessions.begin(response, "token", token.split("_")[1])
    return {"Cookie": response.headers["set-cookie"].partition(";")[0]}, session.csrf


@EMBEDDED
@pytest.mark.parametrize(("method", "path"), PAGES)
def test_a_page_is_for_whom_the_table_says(api: Api, actors: Actors, method: str, path: str) -> None:
    statuses, form = PAGES[method, path]
    for who, status in zip(WHO, statuses, strict=True):
        submission = api.enter(DATA + who.encode(), actors.owner).json()["id"]
        prefix = api.post("/tokens", token=actors.owner, json={}).json()["prefix"]
        cookie, word = signed_in(api, actors.token(who))
        place = filled(path, submission, prefix, method)
        sent = {"data": {**form, "csrf": word}} if method == "POST" else {}
        answer = api.call(method, place, headers={**cookie, "Accept": "text/html"}, **sent)
        assert answer.status_code == status, f"{who}: {answer.text}"
        assert "default-src 'self'" in answer.headers["content-security-policy"]


@EMBEDDED
@pytest.mark.parametrize(("method", "path"), [route for route in PAGES if route[0] == "POST"])
def test_a_form_that_does_not_repeat_the_word_changes_nothing(
    api: Api, actors: Actors, method: str, path: str
) -> None:
    submission = api.enter(DATA, actors.owner).json()["id"]
    prefix = api.post("/tokens", token=actors.owner, json={}).json()["prefix"]
    cookie, _ = signed_in(api, actors.owner)
    _, another = signed_in(api, actors.owner)
    for word in ({}, {"csrf": ""}, {"csrf": another}):
        form = {"more": "x", **PAGES[method, path][1], **word}
        place = filled(path, submission, prefix, method)
        answer = api.call(method, place, headers=cookie, data=form)
        assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "forbidden")
    kept = api.get("/tokens", token=actors.owner).json()["tokens"]
    assert [one["prefix"] for one in kept if one["revoked"]] == []


@EMBEDDED
@pytest.mark.parametrize("who", WHO)
def test_a_private_report_and_a_hidden_submission_are_its_teams_affair(
    api: Api, actors: Actors, service: Service, who: str
) -> None:
    submission = api.enter(DATA, actors.owner, card={**CARD, "report": "private"}).json()["id"]
    finish(service, submission)
    token = actors.token(who)
    report = api.get(f"/submissions/{submission}/report/index.html", token=token)
    assert report.status_code == SECRET[WHO.index(who)]
    api.call("PATCH", f"{V1}/submissions/{submission}", token=actors.admin, json={"hidden": True})
    for rest in ("", "/passport", "/report/index.html", "/events"):
        answer = api.get(f"/submissions/{submission}{rest}", token=token)
        assert answer.status_code == SECRET[WHO.index(who)], rest


@EMBEDDED
def test_what_must_not_be_seen_answers_as_what_does_not_exist(api: Api, actors: Actors) -> None:
    submission = api.enter(DATA, actors.owner).json()["id"]
    for rest in ("", "/history", "/file", "/passport", "/report/index.html"):
        hidden = api.get(f"/submissions/{submission}{rest}", token=actors.other)
        absent = api.get(f"/submissions/{'z' * len(submission)}{rest}", token=actors.other)
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace(submission, "") == absent.text.replace("z" * len(submission), ""), rest


@EMBEDDED
@pytest.mark.parametrize("scopes", [("read",), ("submit",)])
def test_a_token_does_what_its_scopes_say(
    api: Api, actors: Actors, service: Service, scopes: tuple[str, ...], toy_board: Path
) -> None:
    mine = api.enter(DATA, actors.owner).json()["id"]
    change_run(service, mine, state="refused", finished=service.now())
    made = api.post("/tokens", token=actors.owner, json={"scopes": list(scopes)}).json()["secret"]
    submits = api.upload(NEW, made).status_code
    reads = api.get("/submissions", token=made).status_code
    sees = api.get(f"/submissions/{mine}", token=made).status_code
    follows = api.get(f"/submissions/{mine}/history", token=made).status_code
    listens = api.get(f"/submissions/{mine}/events", token=made).status_code
    file = api.get(f"/submissions/{mine}/file", token=made).status_code
    assert (submits, file) == ((403, 200) if scopes == ("read",) else (200, 403))
    assert reads == sees == follows == listens == 200
    finish(service, mine)
    cookie, _ = signed_in(api, made)
    assert api.call("GET", f"/submissions/{mine}", headers=cookie).status_code == 200
    assert api.call("GET", "/team", headers=cookie).status_code == 200


HEADLESS = ("/submissions/{id}/events", "/uploads/{sha256}")


@EMBEDDED
@pytest.mark.parametrize("path", [path for method, path in {**TABLE, **PAGES} if method == "GET"])
def test_a_route_that_answers_get_answers_head_without_a_body(
    api: Api, actors: Actors, service: Service, path: str
) -> None:
    submission = api.enter(DATA, actors.owner).json()["id"]
    finish(service, submission)
    place = filled(path, submission, "", "GET")
    for token in ("", actors.owner):
        asked = api.call("GET", place, token=token)
        head = api.call("HEAD", place, token=token)
        assert head.content == b""
        if path.endswith(HEADLESS):  # one is a stream, the other has a head of its own
            continue
        assert head.status_code == asked.status_code
        assert head.headers["content-type"] == asked.headers["content-type"]
        assert head.headers.get("etag") == asked.headers.get("etag")


@EMBEDDED
def test_a_stream_of_events_has_no_head(api: Api, actors: Actors) -> None:
    submission = api.enter(DATA, actors.owner).json()["id"]
    assert api.call("HEAD", f"{V1}/submissions/{submission}/events", token=actors.owner).status_code == 405


@EMBEDDED
def test_the_head_of_a_file_reads_little_of_it(
    api: Api, actors: Actors, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = api.enter(bytes(20 << 20), actors.owner).json()["id"]
    pieces = []
    reading = files._pieces

    def counted(*given: Any) -> Iterator[bytes]:
        for piece in reading(*given):
            pieces.append(len(piece))
            yield piece

    monkeypatch.setattr(files, "_pieces", counted)
    head = api.call("HEAD", f"{V1}/submissions/{submission}/file", token=actors.owner)
    assert (head.status_code, head.headers["content-length"]) == (200, str(20 << 20))
    assert sum(pieces) < 10 << 20
