"""`isnad schema`: print the published JSON Schemas."""

from __future__ import annotations

import click

__all__ = ["schema"]


@click.command(short_help="Print the JSON Schemas of what is read and written.")
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema (draft 2020-12) NAME, or all of them as one object.

    Names: article, attribution, candidate, claim, cluster, comparison, composite, fingerprint,
    match, member, provenance, reject, report, summary.
    """
    import json

    from dedupe.schemas import SCHEMA_NAMES, load_schema

    if name is None:
        shown: object = {each: load_schema(each) for each in SCHEMA_NAMES}
    else:
        shown = load_schema(name)
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
