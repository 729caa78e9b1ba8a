"""A small web app that uses the SDK as its documentation says, on a real socket, and a client that keeps cookies."""

import threading
import time
from urllib.parse import unquote

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request
from supertokens_python.framework.fastapi import get_middleware
from supertokens_python.recipe.session import SessionContainer
from supertokens_python.recipe.session.asyncio import create_new_session
from supertokens_python.recipe.session.framework.fastapi import verify_session
from supertokens_python.recipe.userroles import PermissionClaim, UserRoleClaim

from . import sdk
from .server import free_port


def describe(session: SessionContainer) -> dict:
    return {
        "user": session.get_user_id(),
        "handle": session.get_handle(),
        "tenant": session.get_tenant_id(),
        "payload": session.get_access_token_payload(),
    }


def requires(validator):
    return verify_session(override_global_claim_validators=lambda others, _session, _context: [*others, validator])


def build() -> FastAPI:
    site = FastAPI()
    site.add_middleware(get_middleware())

    @site.post("/login")
    async def login(request: Request):
        form = await request.json()
        user = sdk.user(form["user"])
        return describe(await create_new_session(request, form["tenant"], user, form["payload"], form["data"]))

    @site.get("/me")
    async def me(session: SessionContainer = Depends(verify_session())):
        return describe(session)

    @site.post("/me")
    async def post_me(session: SessionContainer = Depends(verify_session())):
        return describe(session)

    @site.get("/checked")
    async def checked(session: SessionContainer = Depends(verify_session(check_database=True))):
        return describe(session)

    @site.put("/payload")
    async def put_payload(request: Request, session: SessionContainer = Depends(verify_session())):
        await session.merge_into_access_token_payload(await request.json())
        return describe(session)

    @site.delete("/session")
    async def delete_session(session: SessionContainer = Depends(verify_session())):
        await session.revoke_session()
        return {}

    @site.get("/admin")
    async def admin(session: SessionContainer = Depends(requires(UserRoleClaim.validators.includes("admin")))):
        return describe(session)

    @site.get("/editor")
    async def editor(session: SessionContainer = Depends(requires(PermissionClaim.validators.includes("write")))):
        return describe(session)

    return site


class Web:
    """One listener for the whole run; each test puts its own site behind it."""

    def __init__(self):
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.site = None
        config = uvicorn.Config(self._dispatch, host="127.0.0.1", port=port, interface="asgi3", lifespan="off", log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the site did not start"
            time.sleep(0.01)

    async def _dispatch(self, scope, receive, send):
        await self.site(scope, receive, send)

    def stop(self):
        self._server.should_exit = True
        self._thread.join()


class Browser:
    """Keeps cookies and the anti-CSRF token, and remembers the last front token, as a page with the frontend SDK would."""

    def __init__(self, origin: str):
        self.http = httpx.Client(base_url=origin, headers={"st-auth-mode": "cookie", "rid": "anti-csrf"})
        self.anti_csrf: str | None = None
        self.front_token: str | None = None

    def request(self, method: str, path: str, body=None) -> httpx.Response:
        headers = {"anti-csrf": self.anti_csrf} if self.anti_csrf else {}
        answer = self.http.request(method, path, json=body, headers=headers)
        self.anti_csrf = answer.headers.get("anti-csrf", self.anti_csrf)
        self.front_token = answer.headers.get("front-token", self.front_token)
        return answer

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def sign_in(self, user: str = "alice", payload: dict | None = None, data: dict | None = None, tenant: str = "public"):
        form = {"user": user, "tenant": tenant, "payload": payload or {}, "data": data or {}}
        answer = self.request("POST", "/login", form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self) -> httpx.Response:
        return self.request("POST", f"{sdk.API_BASE_PATH}/session/refresh")

    def sign_out(self) -> httpx.Response:
        return self.request("POST", f"{sdk.API_BASE_PATH}/signout")

    def _cookie(self, name: str) -> str | None:
        value = self.http.cookies.get(name)
        return unquote(value) if value else None

    @property
    def access_token(self) -> str | None:
        return self._cookie("sAccessToken")

    @property
    def refresh_token(self) -> str | None:
        return self._cookie("sRefreshToken")

    def copy(self) -> "Browser":
        """Somebody else with the same cookies, from now on on their own: a thief, or a client that lost an answer."""
        other = Browser(str(self.http.base_url))
        for cookie in self.http.cookies.jar:
            other.http.cookies.jar.set_cookie(cookie)
        other.anti_csrf = self.anti_csrf
        return other
