"""The operations of an app -> the OpenAPI 3.1 document, and a page that shows it.

The page is rendered here from the document, without scripts: it works offline and under a content
policy that allows none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Response
from flask_openapi.openapi import OpenAPI
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from pydantic import TypeAdapter

from dedupe.schemas import SCHEMA_NAMES, load_schema
from service.answering import JSON, answer_bytes
from service.intake import FIELDS
from service.routes.judgements import JUDGEMENT
from service.schemas import ANSWERS, REF

__all__ = ["add_document", "write_document"]

_METHODS = ("get", "post", "put", "delete")
_URN = "urn:isnad:schema:"
_NO_NUL = "^[^\\u0000]*$"
_SAYS_SOMETHING = "^[^\\u0000]*[^\\s\\u0000\\u001c-\\u001f\\u0085][^\\u0000]*$"


def add_document(app: OpenAPI) -> None:
    """Offer `/openapi.json` and `/docs`."""
    kept: dict[str, bytes] = {}

    def show_document() -> Response:
        if "json" not in kept:
            kept["json"] = json.dumps(write_document(app), ensure_ascii=False).encode()
        return answer_bytes(kept["json"], JSON)

    def show_page() -> Response:
        if "html" not in kept:
            kept["html"] = _render(write_document(app)).encode()
        return answer_bytes(kept["html"], "text/html; charset=utf-8")

    app.add_url_rule("/openapi.json", "document.show", show_document)
    app.add_url_rule("/docs", "document.page", show_page)


def write_document(app: OpenAPI) -> dict[str, Any]:
    """Give the document: the operations as the app knows them, the shapes as published."""
    document: dict[str, Any] = json.loads(json.dumps(app.api_doc))
    pages = app.extensions["isnad"].intake.pages is not None
    document["components"]["schemas"] = _schemas(pages=pages)
    security = document["components"].get("securitySchemes")
    if security:
        document["security"] = [{name: []} for name in security]
    for _, _, operation in _operations(document):
        operation["responses"] = dict(sorted(operation["responses"].items()))
        operation["description"] = operation.get("description", "").replace("<br/>", "\n").strip()
        for parameter in operation.get("parameters", []):
            _plain_null(parameter)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _plain_null(parameter: dict[str, Any]) -> None:
    """A parameter that may be left out is never null: no query can say null."""
    options = parameter["schema"].pop("anyOf", None)
    if options is not None:
        (given,) = (option for option in options if option != {"type": "null"})
        parameter["schema"] = {**given, **parameter["schema"]}
    if parameter["schema"].get("default") is None:
        parameter["schema"].pop("default", None)


def _schemas(*, pages: bool) -> dict[str, Any]:
    """Every shape by name; references lead to the components."""
    published = {name: _refer(load_schema(name)) for name in SCHEMA_NAMES}
    adapters: list[Any] = [(kind, "serialization", TypeAdapter(kind)) for kind in ANSWERS]
    _, made = TypeAdapter.json_schemas(adapters, ref_template=REF + "{model}")
    shapes = dict(made["$defs"])
    for name in list(shapes):
        if name.lower() in published:
            shapes[name] = {"$ref": REF + name.lower()}
    judgement = JUDGEMENT.json_schema(ref_template=REF + "{model}")
    shapes.update(judgement.pop("$defs"))
    judgement.pop("discriminator", None)
    return {
        **published,
        **shapes,
        "JudgementIn": judgement,
        "ArticleIn": _article_in(published, pages=pages),
    }


def _refer(schema: dict[str, Any]) -> dict[str, Any]:
    """A published schema whose references lead to the components."""
    text = json.dumps({key: value for key, value in schema.items() if key not in _OWN})
    referred: dict[str, Any] = json.loads(text.replace(f'"{_URN}', f'"{REF}'))
    return referred


_OWN = frozenset({"$schema", "$id", "$defs"})


def _article_in(published: dict[str, Any], *, pages: bool) -> dict[str, Any]:
    """`Article in` as the service takes it: no U+0000, and a text that says something."""
    article: dict[str, Any] = json.loads(json.dumps(published["article"]))
    assert set(article["properties"]) == set(FIELDS)
    article["description"] = "One article. Unknown fields are ignored and told in `warnings`."
    article["properties"]["id"]["pattern"] = _NO_NUL
    article["properties"]["body"] |= {"minLength": 1, "pattern": _SAYS_SOMETHING}
    if not pages:
        del article["properties"]["html"], article["anyOf"]
        return article | {"required": ["body"]}
    for name in ("html", "body"):
        article["properties"][name]["type"] = ["string", "null"]
    article["anyOf"] = [
        {"required": [name], "properties": {name: {"type": "string"}}} for name in ("body", "html")
    ]
    return article


def _render(document: dict[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader("service"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    areas: dict[str, list[dict[str, Any]]] = {}
    for path, method, operation in _operations(document):
        for tag in operation["tags"]:
            areas.setdefault(tag, []).append({"path": path, "method": method, **operation})
    page = environment.get_template("docs.html.j2")
    schemas = document["components"]["schemas"]
    return page.render(info=document["info"], areas=areas, schemas=schemas, name=_name, shape=_link)


def _link(schema: dict[str, Any]) -> Markup:
    """The name of a schema, leading to it where it is one of the document's."""
    named = _named(schema)
    text = Markup("<code>{}</code>").format(_name(schema) if schema else "")
    return Markup('<a href="#shape-{}">{}</a>').format(named, text) if named else text


def _named(schema: dict[str, Any]) -> str | None:
    """The component a schema speaks of, in a list or beside null too."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    options = [*schema.get("anyOf", []), *filter(None, [schema.get("items")])]
    return next((found for option in options if (found := _named(option))), None)


def _name(schema: dict[str, Any]) -> str:
    """A short name of a schema, for the page."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return repr(schema["const"])
    for many in ("anyOf", "oneOf"):
        if many in schema:
            return " | ".join(_name(option) for option in schema[many])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_name(schema.get('items', {}))}"
    return " | ".join(kind) if isinstance(kind, list) else str(kind)
