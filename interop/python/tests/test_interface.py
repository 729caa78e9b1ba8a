"""What test suites and operators send by themselves, beside the SDK."""

import json

import httpx
import pytest
from harness import sdk
from harness.server import App
from supertokens_python.interfaces import UnknownMappingError, UnknownSupertokensUserIDError
from supertokens_python.syncio import (
    create_user_id_mapping,
    delete_user,
    delete_user_id_mapping,
    get_user_count,
    get_user_id_mapping,
    get_users_newest_first,
    update_or_delete_user_id_mapping_info,
)

SESSION = {"userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": False}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_g45_hello_is_answered_to_every_method(app, method):
    for answer in (app.request(method, "/hello"), app.server.request(method, "/hello"), app.request(method, "/")):
        assert (answer.status_code, answer.text) == (200, "Hello\n")


def test_g4_the_content_type_tells_text_from_json(app):
    text, data = app.request("GET", "/hello"), app.request("GET", "/apiversion")
    assert text.headers["content-type"].lower() == "text/html; charset=utf-8"
    assert data.headers["content-type"].lower() == "application/json; charset=utf-8"
    assert data.text.endswith("}\n")


def test_g22_an_app_is_created_once(server):
    app = server.create_app({"access_token_validity": "2", "api_keys": None})
    again = server.request("PUT", "/recipe/multitenancy/app/v2", {"appId": app.id, "coreConfig": {}})
    assert again.json() == {"status": "OK", "createdNew": False}
    apps = server.request("GET", "/recipe/multitenancy/app/list/v2").json()["apps"]
    assert {"public", app.id} <= {each["appId"] for each in apps}
    app.remove()


def test_g24_names_of_apps_are_read_in_any_case(connect):
    app = connect()
    shouted = App(app.server, app.id.upper())
    assert shouted.request("GET", "/hello").text == "Hello\n"
    assert shouted.request("POST", "/public/recipe/session", SESSION, cdi=sdk.CDI).json()["status"] == "OK"


def test_g26_removing_an_app_that_is_not_there_is_no_error(server):
    answer = server.request("POST", "/recipe/multitenancy/app/remove", {"appId": "0123456789ab"})
    assert (answer.status_code, answer.json()) == (200, {"status": "OK", "didExist": False})


def test_an_app_that_is_not_there_is_a_bad_request(server):
    missing = App(server, "no-such-app")
    for answer in (missing.request("GET", "/hello"), missing.request("POST", "/public/recipe/session", SESSION, cdi=sdk.CDI)):
        assert answer.status_code == 400 and answer.text.startswith("AppId or tenantId not found => ")


def test_a_removed_app_can_be_created_anew_and_is_empty(server):
    app = server.create_app()
    created = app.request("POST", "/public/recipe/session", SESSION, cdi=sdk.CDI).json()
    kids = {key["kid"] for key in app.jwks()}
    app.remove()
    assert server.request("PUT", "/recipe/multitenancy/app/v2", {"appId": app.id}).json() == {"status": "OK", "createdNew": True}
    read = app.request("GET", f"/recipe/session?sessionHandle={created['session']['handle']}", cdi=sdk.CDI)
    assert read.json()["status"] == "UNAUTHORISED"
    assert not kids & {key["kid"] for key in app.jwks()}
    app.remove()


def test_an_app_with_tenants_is_not_removed(server):
    app = server.create_app()
    app.request("PUT", "/recipe/multitenancy/tenant/v2", {"tenantId": "t1"})
    assert server.request("POST", "/recipe/multitenancy/app/remove", {"appId": app.id}).status_code == 403
    app.remove()


@pytest.mark.parametrize(("cdi", "status"), [("3.0", 200), ("3.1", 200), ("4.0", 200), ("5.0", 403), ("5.4", 403)])
def test_g42_what_belongs_to_the_app_is_closed_to_tenants_from_version_5_on(app, cdi, status):
    app.request("PUT", "/recipe/multitenancy/tenant/v2", {"tenantId": "t1"})
    answer = app.request("PUT", "/t1/recipe/role", {"role": "editor"}, cdi=cdi)
    assert answer.status_code == status
    if status == 403:
        assert answer.text == "Only public tenantId can call this app specific API\n"


def test_a_version_that_is_not_spoken_is_refused(app):
    for cdi, message in (
        ("9.9", "cdi-version 9.9 not supported\n"),
        ("3.7", "cdi-version 3.7 not supported\n"),
        ("new", "cdi-version header is invalid\n"),
    ):
        answer = app.request("POST", "/public/recipe/session", SESSION, cdi=cdi)
        assert (answer.status_code, answer.text) == (400, message)


def test_a_bad_request_names_the_field(app):
    def refused(body):
        answer = app.request("POST", "/public/recipe/session", body, cdi="3.0")
        assert answer.status_code == 400
        return answer.text

    assert refused({name: value for name, value in SESSION.items() if name != "userId"}) == "Field name 'userId' is invalid in JSON input\n"
    assert refused({**SESSION, "userId": 1}) == "Field name 'userId' is invalid in JSON input\n"
    assert refused({**SESSION, "userDataInJWT": []}) == "Field name 'userDataInJWT' is invalid in JSON input\n"
    assert refused({**SESSION, "enableAntiCsrf": "true"}) == "Field name 'enableAntiCsrf' is invalid in JSON input\n"
    assert refused([]) == "Invalid Json Input\n"
    missing = app.request("GET", "/recipe/session/user", cdi="3.0")
    assert (missing.status_code, missing.text) == (400, "Field name 'userId' is missing in GET request\n")


def test_a_body_is_read_as_json_whatever_its_type_says(app):
    for content_type in ("application/json; charset=utf-8", "text/plain", ""):
        answer = httpx.post(f"{app.uri}/public/recipe/session", content=json.dumps(SESSION), headers={"content-type": content_type})
        assert (answer.status_code, answer.json()["status"]) == (200, "OK")
    body = json.dumps({"appId": app.id, "coreConfig": {}})
    assert httpx.put(f"{app.server.origin}/recipe/multitenancy/app/v2", content=body).status_code == 200


def test_an_unknown_path_and_a_wrong_method(app):
    assert (app.request("GET", "/recipe/nothing").status_code, app.request("GET", "/recipe/nothing").text) == (404, "Not found\n")
    assert app.request("DELETE", "/recipe/session/verify").status_code == 405


def test_a_version_of_5_and_later_must_say_which_key_a_refresh_is_to_use(app):
    created = app.request("POST", "/public/recipe/session", SESSION, cdi="5.4").json()
    body = {"refreshToken": created["refreshToken"]["token"], "enableAntiCsrf": False}
    for cdi, status in (("5.0", 400), ("5.4", 400), ("4.0", 200), ("3.0", 200)):
        assert app.request("POST", "/recipe/session/refresh", body, cdi=cdi).status_code == status


def test_what_recipes_for_users_would_know_is_answered_as_if_there_were_no_users(app):
    assert get_user_count() == 0
    assert get_users_newest_first("public").users == []
    delete_user("alice")
    assert isinstance(create_user_id_mapping("alice", "external"), UnknownSupertokensUserIDError)
    assert isinstance(get_user_id_mapping("alice"), UnknownMappingError)
    assert delete_user_id_mapping("alice").did_mapping_exist is False
    assert isinstance(update_or_delete_user_id_mapping_info("alice"), UnknownMappingError)


def test_g31_licences_are_taken_and_nothing_depends_on_them(app):
    assert app.request("PUT", "/ee/license", {"licenseKey": "any-key"}).json() == {"status": "OK"}
    assert "multi_tenancy" in app.request("GET", "/ee/featureflag").json()["features"]
