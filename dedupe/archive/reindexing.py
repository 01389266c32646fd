"""An archive -> the same articles under another configuration: `isnad reindex`.

Attributions, signatures, keys and matches are computed again from the stored texts; clusters follow
and keep their ids. Until the end the catalogue says that it is not finished and is refused by
everything else, so an interrupted run is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dedupe.archive.arrivals import Entry
from dedupe.archive.browsing import article_of
from dedupe.archive.engine import Core
from dedupe.archive.grouping import gather
from dedupe.archive.reading import content_row, read_texts
from dedupe.archive.regrouping import Delta
from dedupe.catalog import Reader, Writer
from dedupe.catalog.rows import ContentRow, TextRow
from dedupe.catalog.tables import CURRENT, PENDING, SUPERSEDED

__all__ = ["UNFINISHED", "cluster_all", "entry_of", "reindex"]

UNFINISHED = "unfinished"
"""Configuration of a catalogue while it is being made anew."""
_TEXTS_AT_ONCE = 512
Progress = Callable[[int, int], None]


def reindex(core: Core, progress: Progress | None = None) -> int:
    """Compute everything again; returns how many texts there are."""
    catalog = core.catalog
    catalog.use_configuration(UNFINISHED, adopt=True)
    core.index.clear()
    with catalog.writing() as writer:
        writer.drop_links()
    with catalog.reading() as reader:
        current = reader.numbers(CURRENT).tolist()
        others = [*reader.numbers(SUPERSEDED).tolist(), *reader.numbers(PENDING).tolist()]
        numbers = sorted([*current, *others])
    for first in range(0, len(numbers), _TEXTS_AT_ONCE):
        with catalog.writing() as writer:
            _read_again(core, writer, numbers[first : first + _TEXTS_AT_ONCE])
        if progress:
            progress(min(first + _TEXTS_AT_ONCE, len(numbers)), len(numbers))
    cluster_all(core, current)
    catalog.use_configuration(core.config.config_id, adopt=True)
    return len(numbers)


def entry_of(row: TextRow, content: ContentRow) -> Entry:
    """The entry of a stored text, with its article."""
    article = article_of(row, content)
    return Entry(
        row.number, row.id, row.revision, row.age, row.rest, row.arrived, row.seen, article
    )


def _read_again(core: Core, writer: Writer, numbers: Sequence[int]) -> None:
    rows, contents = writer.texts(numbers), writer.contents(numbers)
    entries = [entry_of(rows[number], contents[number]) for number in rows]
    work = read_texts(entries, core.config, core.extractor)
    writer.put_contents(
        [content_row(entry, work, p, core.configuration) for p, entry in enumerate(entries)]
    )
    writer.set_words(
        [(len(text.tokens), e.number) for text, e in zip(work.texts, entries, strict=True)]
    )
    chosen = [p for p, entry in enumerate(entries) if rows[entry.number].state == CURRENT]
    texts = [work.readings[place].text for place in chosen]
    compared = core.compare(writer, [entries[p] for p in chosen], texts, ())
    writer.add_links(compared.links)


def cluster_all(core: Core, current: Iterable[int]) -> None:
    """Cluster everyone, some thousands at a time with all they are connected with."""
    done: set[int] = set()
    waiting: list[int] = []
    for number in current:
        if number not in done:
            waiting.append(number)
        if len(waiting) >= _TEXTS_AT_ONCE:
            done |= _cluster_these(core, waiting)
            waiting = []
    if waiting:
        _cluster_these(core, waiting)


def _cluster_these(core: Core, numbers: Iterable[int]) -> set[int]:
    with core.catalog.writing() as writer:
        reached = _close(core, writer, set(numbers))
        regrouped = core.regroup(writer, Delta(seeds=frozenset(reached)))
        core.write_groups(writer, regrouped)
        core.count_up(writer, regrouped)
    return reached


def _close(core: Core, reader: Reader, frontier: set[int]) -> set[int]:
    """Add whoever is connected by pairs, or was in one cluster: only all of them share out ids."""
    reached: set[int] = set()
    while frontier:
        around = gather(reader, frontier, {}, (), frozenset(), core.judged_in(reader).pairs)
        reached |= around.nodes.keys()
        clusters = {n.cluster for n in around.nodes.values() if n.cluster is not None}
        members = reader.members(clusters).values()
        frontier = {number for own in members for number in own} - reached
    return reached
