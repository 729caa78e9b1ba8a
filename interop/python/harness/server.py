"""A `hallpass serve` of our own, and the apps inside it."""

import os
import socket
import subprocess
import time
import uuid
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[3]
RESULTS = Path(__file__).resolve().parents[1] / "test-results"
START_LIMIT_SECONDS = 20


def binary() -> Path:
    path = Path(os.environ.get("HALLPASS_BIN", ROOT / "target/debug/hallpass"))
    if not path.is_file():
        raise RuntimeError(f"there is no {path}: build it with `cargo build -p hallpass-server`")
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running server. Everything it holds is in memory and ends with it."""

    def __init__(self, name: str, *arguments: str):
        RESULTS.mkdir(exist_ok=True)
        self.log_path = RESULTS / f"{name}.log"
        self.origin = f"http://127.0.0.1:{free_port()}"
        listen = self.origin.removeprefix("http://")
        command = [binary(), "serve", "--test-mode", "--listen", listen, "--database", "sqlite::memory:", *arguments]
        with open(self.log_path, "wb") as log:
            # Its settings are those above, and none from around it.
            self.process = subprocess.Popen(command, env={}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_answers(self) -> None:
        limit = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode} instead of starting:\n{self.log()}")
            try:
                if "Hello" in httpx.get(f"{self.origin}/hello").text:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"the server did not answer within {START_LIMIT_SECONDS} s:\n{self.log()}")

    def log(self, since: int = 0) -> str:
        return self.log_path.read_bytes()[since:].decode(errors="replace")

    def log_length(self) -> int:
        return self.log_path.stat().st_size

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def request(self, method: str, path: str, body=None, *, cdi: str | None = None, headers=None, **more) -> httpx.Response:
        """One plain request, as a helper of a test suite would send it: without a version unless one is named."""
        headers = {**({"cdi-version": cdi} if cdi else {}), **(headers or {})}
        return httpx.request(method, self.origin + path, json=body, headers=headers, **more)

    def create_app(self, core_config: dict | None = None) -> "App":
        app = App(self, str(uuid.uuid4()))
        answer = self.request("PUT", "/recipe/multitenancy/app/v2", {"appId": app.id, "coreConfig": core_config or {}})
        assert (answer.status_code, answer.json()) == (200, {"status": "OK", "createdNew": True})
        return app


class App:
    """An isolated world inside a server: its own keys, sessions, roles and tenants."""

    def __init__(self, server: Server, app_id: str):
        self.server = server
        self.id = app_id
        self.path = f"/appid-{app_id}"
        self.uri = server.origin + self.path
        self.api_key: str | None = None
        self.calls: list[str] = []

    def request(self, method: str, path: str, body=None, **more) -> httpx.Response:
        return self.server.request(method, self.path + path, body, **more)

    def intercept(self, url, method, headers, params, body, _context=None):
        """What the SDK is given as its network interceptor: it writes down every call and changes none."""
        self.calls.append(f"{method} {url.removeprefix(self.uri)}")
        return url, method, headers, params, body

    def calls_of(self, action) -> tuple[object, list[str]]:
        """What `action` returns, and which calls the SDK made to the server for it."""
        before = len(self.calls)
        result = action()
        return result, self.calls[before:]

    def jwks(self) -> list[dict]:
        return self.request("GET", "/.well-known/jwks.json").json()["keys"]

    def remove(self) -> None:
        """As the SDK's own suites clean up: first the tenants, then the app."""
        key = {"headers": {"api-key": self.api_key}} if self.api_key else {}
        for tenant in self.request("GET", "/recipe/multitenancy/tenant/list/v2", **key).json()["tenants"]:
            if tenant["tenantId"] != "public":
                self.request("POST", "/recipe/multitenancy/tenant/remove", {"tenantId": tenant["tenantId"]}, **key)
        answer = self.server.request("POST", "/recipe/multitenancy/app/remove", {"appId": self.id})
        assert (answer.status_code, answer.json()) == (200, {"status": "OK", "didExist": True})
