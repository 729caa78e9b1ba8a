import os

from harness.server import RESULTS, Server

# The SDK lets itself be reset only under this name.
os.environ["SUPERTOKENS_ENV"] = "testing"
# The SDK makes an HTTP client for every call, and each loads all certificate authorities, which takes longer than the call.
# Nothing here speaks TLS, so let there be none.
NO_AUTHORITIES = RESULTS / "no-authorities"
NO_AUTHORITIES.mkdir(parents=True, exist_ok=True)
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(NO_AUTHORITIES)

import pytest
from harness import sdk, site
from harness.site import Browser, Web
from supertokens_python.constants import VERSION

RUNNING: list[Server] = []


def run(name, *arguments):
    try:
        server = Server(name, *arguments)
    except RuntimeError as error:
        pytest.exit(str(error), returncode=1)
    RUNNING.append(server)
    yield server
    RUNNING.remove(server)
    server.stop()


@pytest.fixture(scope="session")
def server():
    yield from run(f"server-{VERSION}")


@pytest.fixture(scope="session")
def es256_server():
    yield from run(f"server-es256-{VERSION}", "--signing-algorithm", "ES256")


@pytest.fixture(scope="session")
def web():
    web = Web()
    yield web
    web.stop()


@pytest.fixture
def connect(server, web):
    """Creates an app with this core config, and points the SDK and the site at it. The last one made counts."""
    apps = []

    def connect(core_config=None, *, to=server, app=None, api_key=None, **session_options):
        if app is None:
            app = to.create_app(core_config)
            apps.append(app)
        sdk.reset()
        app.api_key = api_key
        sdk.init(app, web.origin, api_key, **session_options)
        web.site = site.build()
        return app

    yield connect
    sdk.reset()
    for app in apps:
        app.remove()


@pytest.fixture
def app(connect):
    return connect()


@pytest.fixture
def browser(web):
    """Makes browsers; call it after `connect`."""
    browsers = []

    def open_browser() -> Browser:
        browsers.append(Browser(web.origin))
        return browsers[-1]

    yield open_browser
    for each in browsers:
        each.http.close()


@pytest.fixture(autouse=True)
def server_log(request):
    """Remembers where each server's log is when a test begins."""
    request.node.log_marks = [(server, server.log_length()) for server in RUNNING]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failed test shows what the servers wrote meanwhile."""
    report = (yield).get_result()
    if report.failed:
        for server, mark in getattr(item, "log_marks", []):
            report.sections.append((f"{server.log_path.name}, during this test", server.log(since=mark)[-4000:]))
