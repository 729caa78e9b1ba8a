"""The app that the manual shows does what the manual says."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from harness import sdk
from harness.server import free_port
from harness.site import Browser

PLACE = Path(__file__).resolve().parents[1] / "quickstart"


@pytest.fixture
def quickstart(server):
    origin = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", origin.rsplit(":", 1)[1], "--log-level", "warning"]
    env = {"PATH": os.environ["PATH"], "ORIGIN": origin, "SESSION_SERVER": server.create_app().uri}
    process = subprocess.Popen(command, cwd=PLACE, env=env)
    try:
        wait_until_it_answers(process, origin)
        yield origin
    finally:
        process.terminate()
        process.wait()


def wait_until_it_answers(process, origin):
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        assert process.poll() is None, "the app ended instead of starting"
        try:
            return httpx.get(f"{origin}/me")
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the app did not answer in time")


@pytest.mark.skipif(not sdk.KNOWS_RECIPE_USERS, reason="it is written for the newest version")
def test_the_quick_start_signs_in_protects_gives_a_role_and_signs_out_everywhere(quickstart):
    browser, other = Browser(quickstart), Browser(quickstart)
    assert browser.get("/me").status_code == 401
    for each in (browser, other):
        assert each.request("POST", "/login", {"user": "alice"}).status_code == 200
    assert browser.get("/me").json() == {"user": "alice"}

    assert browser.get("/drafts").status_code == 403
    assert browser.request("POST", "/become-editor").status_code == 200
    assert browser.get("/drafts").status_code == 200
    assert browser.refresh().status_code == 200
    assert browser.get("/drafts").status_code == 200

    assert browser.request("POST", "/leave-everywhere").status_code == 200
    assert browser.access_token is None
    assert other.refresh().status_code == 401
