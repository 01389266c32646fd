"""The published schemas are valid, stand alone and name the fields the nouns have."""

from __future__ import annotations

import dataclasses
import enum
from types import UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft202012Validator

from dedupe import composites, models
from dedupe.errors import SchemaUnknown
from dedupe.schemas import SCHEMA_NAMES, load_schema

NOUNS = {
    "attribution": models.Attribution,
    "claim": models.Claim,
    "cluster": models.Cluster,
    "composite": composites.Composite,
    "match": models.Match,
    "member": models.Member,
    "provenance": models.Provenance,
    "reject": models.Reject,
    "summary": models.Summary,
}
NESTED = {
    ("attribution", "furniture"): models.Furniture,
    ("cluster", "links"): models.ClusterLink,
    ("composite", "sources"): composites.Source,
    ("provenance", "evidence"): models.Evidence,
    ("provenance", "contradictions"): models.Contradiction,
}


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_schema_is_valid_draft_2020_12(name):
    Draft202012Validator.check_schema(load_schema(name))


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_schema_resolves_its_references_without_a_registry(name):
    validator = Draft202012Validator(load_schema(name))
    assert not validator.is_valid("an object of no kind")  # walks into every branch it can
    list(validator.iter_errors({}))


@pytest.mark.parametrize(("name", "noun"), NOUNS.items())
def test_schema_has_the_fields_of_the_model_in_its_order(name, noun):
    schema = load_schema(name)
    fields = [field.name for field in dataclasses.fields(noun)]
    assert list(schema["properties"]) == fields
    assert schema["required"] == fields


@pytest.mark.parametrize(("place", "noun"), NESTED.items())
def test_nested_schema_has_the_fields_of_the_model_in_its_order(place, noun):
    name, key = place
    schema = load_schema(name)["properties"][key]["items"]
    assert list(schema["properties"]) == [field.name for field in dataclasses.fields(noun)]
    assert schema["required"] == list(schema["properties"])


@pytest.mark.parametrize(("name", "noun"), NOUNS.items())
def test_enumerations_in_the_schema_are_those_of_the_model(name, noun):
    hints = get_type_hints(noun)
    for key, schema in load_schema(name)["properties"].items():
        allowed = _allowed(hints[key])
        if allowed is not None:
            assert set(schema["enum"]) == allowed, key


@pytest.mark.parametrize(("name", "noun"), NOUNS.items())
def test_null_is_allowed_exactly_where_the_model_allows_it(name, noun):
    hints = get_type_hints(noun)
    for key, schema in load_schema(name)["properties"].items():
        validator = Draft202012Validator({**load_schema(name), "$ref": "#/properties/" + key})
        only = {k: v for k, v in validator.schema.items() if k in ("$defs", "$ref", "properties")}
        nullable = type(None) in get_args(hints[key])
        assert Draft202012Validator(only).is_valid(None) == nullable, (key, schema)


def test_article_schema_takes_the_article_fields_and_documented_aliases():
    known = {field.name for field in dataclasses.fields(models.Article)} - {"warnings", "seen_here"}
    assert set(load_schema("article")["properties"]) == known | {"html", "source", "author"}


def test_article_needs_a_body_or_a_page():
    validator = Draft202012Validator(load_schema("article"))
    assert validator.is_valid({"body": "text"})
    assert validator.is_valid({"html": "<p>text", "published": "not a date", "extra": [1]})
    assert not validator.is_valid({"title": "no text"})


def test_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SchemaUnknown, match="'nonsense'; known: article, attribution"):
        load_schema("nonsense")


def _allowed(hint):
    """Values of an enum or literal, null included where the hint is optional."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    values = set()
    for part in parts:
        if get_origin(part) is Literal:
            values |= set(get_args(part))
        elif isinstance(part, type) and issubclass(part, enum.Enum):
            values |= {member.value for member in part}
        elif part is type(None):
            values.add(None)
        else:
            return None
    return values
