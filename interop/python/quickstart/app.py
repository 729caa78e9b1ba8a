import os

from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from supertokens_python import InputAppInfo, RecipeUserId, SupertokensConfig, init
from supertokens_python.framework.fastapi import get_middleware
from supertokens_python.recipe import session, userroles
from supertokens_python.recipe.session import SessionContainer
from supertokens_python.recipe.session.asyncio import create_new_session, revoke_all_sessions_for_user
from supertokens_python.recipe.session.framework.fastapi import verify_session
from supertokens_python.recipe.userroles import UserRoleClaim
from supertokens_python.recipe.userroles.asyncio import add_role_to_user, create_new_role_or_add_permissions

here = os.environ.get("ORIGIN", "http://localhost:3001")

init(
    app_info=InputAppInfo(app_name="shop", api_domain=here, website_domain=here),
    supertokens_config=SupertokensConfig(connection_uri=os.environ.get("SESSION_SERVER", "http://localhost:3567")),
    framework="fastapi",
    mode="asgi",
    recipe_list=[session.init(), userroles.init()],
)

app = FastAPI()
app.add_middleware(get_middleware())  # refresh and sign-out; answers 401 and 403


class Login(BaseModel):
    user: str


@app.post("/login")
async def login(request: Request, form: Login):
    # check the password here
    await create_new_session(request, "public", RecipeUserId(form.user))
    return {"user": form.user}


@app.get("/me")
async def me(session: SessionContainer = Depends(verify_session())):
    return {"user": session.get_user_id()}


def editors(others, _session, _context):
    return [*others, UserRoleClaim.validators.includes("editor")]


@app.get("/drafts")
async def drafts(session: SessionContainer = Depends(verify_session(override_global_claim_validators=editors))):
    return {"drafts": [], "user": session.get_user_id()}


@app.post("/become-editor")
async def become_editor(session: SessionContainer = Depends(verify_session())):
    await create_new_role_or_add_permissions("editor", ["write"])
    await add_role_to_user("public", session.get_user_id(), "editor")
    await session.fetch_and_set_claim(UserRoleClaim)  # this session learns of it now, others when they refresh it
    return {}


@app.post("/leave-everywhere")
async def leave_everywhere(session: SessionContainer = Depends(verify_session())):
    await revoke_all_sessions_for_user(session.get_user_id())
    await session.revoke_session()  # takes the tokens away from this client, too
    return {}
