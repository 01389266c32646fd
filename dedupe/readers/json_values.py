"""JSON text that orjson accepts or refuses -> an object, or the reason in our words."""

from __future__ import annotations

import json

import orjson

from dedupe.readers.parts import Refusal

__all__ = ["explain_invalid", "load_object"]


def load_object(data: bytes) -> dict[str, object]:
    """One JSON object.

    Raises:
        Refusal: `json_invalid`, `not_an_object`, `encoding_invalid` or `surrogate`.
    """
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise explain_invalid(data, error) from None
    if type(record) is not dict:
        raise Refusal("not_an_object", "the value is JSON but not an object")
    return record


def explain_invalid(data: bytes, error: orjson.JSONDecodeError) -> Refusal:
    """Why orjson refused: bytes that are not UTF-8, half a surrogate pair, or no JSON at all."""
    try:
        text = data.decode()
    except UnicodeDecodeError as bad:
        return Refusal("encoding_invalid", f"byte {bad.start + 1} of the record is not UTF-8")
    if _holds_surrogate(text):
        return Refusal("surrogate", "a text holds half of a surrogate pair (\\ud800-\\udfff)")
    return Refusal("json_invalid", f"not JSON: {error.msg} at character {error.pos + 1}")


def _holds_surrogate(text: str) -> bool:
    """The standard library lets surrogates pass, so what it accepts can be searched for them."""
    if "\\ud" not in text and "\\uD" not in text:
        return False
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
