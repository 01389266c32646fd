"""Styles and scripts of the pages -> responses that a browser keeps for good.

The address holds a digest of all of them, so that a new version has new addresses; modules that
import each other by `./name.js` stay in the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response

from service.answering import answer_bytes
from service.errors import Problem

__all__ = ["asset_address", "make_blueprint"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def _load() -> Mapping[str, bytes]:
    folder = files("dedupe.report") / "static"
    return {
        entry.name: entry.read_bytes()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.rpartition(".")[2] in _TYPES
    }


@cache
def _version() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, data in _load().items():
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def asset_address(name: str) -> str:
    """Give the address of a style or script; raises KeyError for one that is not there."""
    if name not in _load():
        raise KeyError(name)
    return f"/static/{_version()}/{name}"


def make_blueprint() -> Blueprint:
    """Make the paths under `/static`."""
    area = Blueprint("assets", __name__)
    area.get("/static/<version>/<name>")(show)
    return area


def show(version: str, name: str) -> Response:
    """Give a style or script; one of another version is not kept."""
    data = _load().get(name)
    if data is None:
        raise Problem("not-found", "there is no such style or script")
    keep = {"Cache-Control": _FOR_GOOD} if version == _version() else None
    return answer_bytes(data, _TYPES[name.rpartition(".")[2]], headers=keep)
