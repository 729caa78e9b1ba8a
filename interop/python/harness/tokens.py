"""Reads what a token says, without believing it."""

import base64
import json


def _part(token: str, index: int) -> bytes:
    part = token.split(".")[index]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def header(token: str) -> dict:
    return json.loads(_part(token, 0))


def payload(token: str) -> dict:
    return json.loads(_part(token, 1))


def payload_text(token: str) -> str:
    return _part(token, 1).decode()


def front_token(text: str) -> dict:
    return json.loads(base64.b64decode(text))
