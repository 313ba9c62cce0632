"""The form, in a browser: a file goes in pieces to a service that listens, and its page follows."""

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from oceanbench_leaderboard.accounts import issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Submission
from oceanbench_web.serving import listening
from tests.web.browser import Browser, browser, installed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(installed() is None, reason="no browser is installed"),
]


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """A server of the app on this machine."""
    with listening("127.0.0.1", 0) as socket:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, args=([socket],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(address: str, service: Service) -> Iterator[Browser]:
    """A browser that has signed in and looks at the form."""
    token = issue_token(service, "Tides").secret
    with browser() as page:
        page.open(f"{address}/sign-in?next=/submit")
        page.look(f"document.querySelector('[name=token]').value = '{token}'")
        page.look("document.querySelector('main form').submit()")
        page.wait_for("location.pathname === '/submit' && document.readyState === 'complete'")
        yield page


def fill(page: Browser, path: Path) -> None:
    page.choose_file("[name=file]", path)
    page.look("document.querySelector('[name=place]').value = 'toy|half'")
    page.look("document.querySelector('[name=method]').value = 'by the form'")
    page.look("document.querySelector('[value=swot]').checked = true")


def test_a_file_is_sent_in_pieces_and_its_page_is_shown(
    page: Browser, service: Service, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 70_000  # 17.9 MB: three pieces
    path = tmp_path / "my map.nc"
    path.write_bytes(data)
    fill(page, path)
    page.look("document.querySelector('#submit button').click()")
    page.wait_for("location.pathname.startsWith('/submissions/')")
    with service.database.transaction(read_only=True) as session:
        (submission,) = session.query(Submission).all()
        assert submission.sha256 == hashlib.sha256(data).hexdigest()
        assert (submission.size, submission.file_name) == (len(data), "my map.nc")
        assert (submission.challenge, submission.track) == ("toy", "half")
        assert submission.card["method"] == "by the form"
        assert submission.card["inputs"] == ["swot"]
    page.wait_for("document.body.innerText.split('place 1 in the queue').length === 2")
    assert page.told == []  # nothing that the policy refused, no error of the script


def test_what_the_service_refuses_is_told_beside_the_button(
    page: Browser, service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "my_map.nc"
    path.write_bytes(b"a map")
    fill(page, path)
    page.look("document.querySelector('[name=paper]').value = 'https://example.org/a b'")
    page.look("document.querySelector('[name=paper]').type = 'text'")
    page.look("document.querySelector('#submit button').click()")
    page.wait_for("document.querySelector('#said').className === 'bad'")
    assert "paper" in page.look("document.querySelector('#said').textContent")
    assert page.look("document.querySelector('#submit button').disabled") is False


def test_the_digest_of_the_script_is_that_of_the_standard(page: Browser) -> None:
    for size in (1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003):
        data = hashlib.shake_256(str(size).encode()).digest(size)
        made = page.look(
            "(() => { const sha = new Sha256(); "
            f"const all = Uint8Array.from('{data.hex()}'.match(/../g), (two) => parseInt(two, 16)); "
            "for (let at = 0; at < all.length; at += 77) sha.update(all.subarray(at, at + 77)); "
            "return sha.digest(); })()"
        )
        assert made == hashlib.sha256(data).hexdigest()
