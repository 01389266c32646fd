"""`isnad fingerprint`: the signature of every article, as datasketch takes it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import click

from dedupe.cli.inputs import (
    batch_articles,
    config_option,
    load_configuration,
    make_read_options,
    output_options,
    read_articles,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedupe.config import Config
    from dedupe.models import Article

__all__ = ["fingerprint"]


@click.command(short_help="Write the MinHash signature of every article.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--encoding",
    type=click.Choice(["list", "base64"]),
    default="list",
    show_default=True,
    help="Signature as numbers, or as base64 of little-endian uint32.",
)
@click.option("--bands", is_flag=True, help="Add the keys of the bands, hexadecimal.")
@click.option("--passages", is_flag=True, help="Add the keys of the passages, hexadecimal.")
@output_options
@config_option
@reading_options
def fingerprint(
    inputs: tuple[str, ...],
    encoding: str,
    bands: bool,
    passages: bool,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    config_path: str | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Write one JSON line per article of INPUT...: id, config_id, signature.

    The signature is that of datasketch 2 over the article's own words, notices and furniture left
    out: MinHash(num_perm=N, seed=S, scheme="affine32", hashvalues=signature), N and S as in the
    configuration. Exit code 1: some records were rejected.
    """
    read = make_read_options(pairs, input_format, outlet)
    config = load_configuration(config_path)
    check_outputs((output, rejects), inputs)

    from dedupe.report.encode import encode_line

    with Outputs() as outputs:
        out = outputs.open(output)
        log = RejectLog(outputs.open(rejects) if rejects else None)
        for batch in batch_articles(read_articles(inputs, read, log)):
            for line in _describe(batch, config, encoding, bands, passages):
                out.write(encode_line(line))
    if not quiet:
        log.tell()
    return 1 if log.count else 0


def _describe(
    batch: list[Article], config: Config, encoding: str, bands: bool, passages: bool
) -> Iterator[dict[str, object]]:
    from dedupe import pipeline

    for found in pipeline.fingerprint(batch, config):
        line: dict[str, object] = {
            "id": found.id,
            "config_id": found.config_id,
            "signature": found.signature.tolist()
            if encoding == "list"
            else base64.b64encode(found.signature.astype("<u4").tobytes()).decode(),
        }
        if bands:
            line["bands"] = [f"{key:016x}" for key in found.bands.tolist()]
        if passages:
            line["passages"] = [f"{key:016x}" for key in found.passages.tolist()]
        yield line
