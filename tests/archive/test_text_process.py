"""Articles read in a process of their own: the same readings, and nothing lost when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from archive.conftest import copies, make_article
from core.corpus import story

from benchmarks.servers import await_true
from dedupe.archive import text_process, text_worker
from dedupe.archive.preparing import PreparedHere, hash_revision, pack_article, read_articles
from dedupe.archive.text_process import TextProcess
from dedupe.attribution import load_extractor
from dedupe.config import Config, default_config
from dedupe.errors import TextLost
from dedupe.statistics import Statistics

PATIENCE_S = 120
DEADLY = "this text ends who reads it"
ARABIC = "نقلا عن وكالة رويترز: قالت الوزارة إن الجسر يفتح غدا. " * 12


def open_process(config=None):
    process = TextProcess(config or default_config(), load_extractor())
    assert process.wait_ready(PATIENCE_S)
    return process


@pytest.fixture(scope="module")
def process():
    opened = open_process()
    yield opened
    opened.close()


def odd_articles():
    """Articles of all kinds, and some that no JSON can hold."""
    told = {"source": "Harbour Ledger", "nested": {"n": [1, 2.5, None, True]}}
    return [
        *copies(1, 3),
        make_article(
            "ar", ARABIC, outlet="البوابة", url="https://a.example/1", authors=("رويترز",)
        ),
        make_article("empty", "-", title=""),
        make_article("meta", " ".join(story(2, 40)), metadata=told, modified=None, published=None),
        make_article("tuple", " ".join(story(3, 40)), metadata={"n": {1: 2}}),
        make_article("half", "Half of a pair \ud800 and more words, as no UTF-8 can hold it."),
        make_article("long", " ".join(story(4, 60_000))),
        make_article("warned", " ".join(story(5, 40)), warnings=("published: not a time",)),
    ]


def assert_same(here, there, article):
    assert there.attribution == here.attribution
    assert there.warning == here.warning
    assert there.text.address == here.text.address
    for name in ("tokens", "starts", "ends", "keys", "signature"):
        mine, theirs = getattr(here.text, name), getattr(there.text, name)
        assert mine.dtype == theirs.dtype
        assert theirs.flags.writeable
        np.testing.assert_array_equal(mine, theirs)
    if there.revision is not None:
        assert there.revision == hash_revision(article)
    if there.packed is not None:
        assert there.packed == pack_article(article, here)


def read_all(preparer, articles, packed=True):
    """What a preparer reads, and what it leaves to others."""
    fetches = preparer.begin(articles, packed=packed)
    here = read_articles(articles, default_config(), load_extractor())
    for article, fetch, own in zip(articles, fetches, here, strict=True):
        if fetch is not None:
            assert_same(own, fetch(), article)
            assert_same(own, fetch(), article)  # as often as one likes
    return sum(fetch is not None for fetch in fetches)


def test_what_is_read_apart_is_what_is_read_here(process):
    articles = odd_articles()
    sent = [each for each in articles if each.id not in ("tuple", "half")]
    assert read_all(process, sent) == len(sent)
    assert read_all(process, sent, packed=False) == len(sent)
    assert read_all(process, articles) == 0  # one that cannot be sent keeps its frame here
    many = [article for number in range(10, 110) for article in copies(number, 2, 30)]
    assert read_all(process, many) == len(many)
    assert read_all(PreparedHere(), articles) == 0


def test_another_configuration_goes_along():
    known = default_config().statistics
    grams = np.sort(np.concatenate([known.boilerplate[:100], known.boilerplate[200:]]))
    own = Statistics(known.words[10:], known.shares[10:], grams, 7, known.identities)
    config = Config(permutations=64, bands=8, rows=8, passage_words=8, statistics=own)
    process, articles = open_process(config), copies(1, 4)
    try:
        here = read_articles(articles, config, load_extractor())
        for fetch, mine, article in zip(
            process.begin(articles, packed=True), here, articles, strict=True
        ):
            assert_same(mine, fetch(), article)
    finally:
        process.close()


def test_few_articles_are_left_to_whoever_needs_them(process):
    assert process.begin(copies(1, 1), packed=True) == [None]


def test_the_process_holds_nothing_but_its_pipes(process):
    held = {str(path.readlink()) for path in Path(f"/proc/{process.process}/fd").iterdir()}
    kinds = {target.partition(":")[0] for target in held}
    assert kinds <= {"pipe", "/dev/null"}


def test_a_killed_process_is_replaced_and_nothing_is_lost(process):
    many = [article for number in range(150) for article in copies(number, 4, 40)]
    first = process.process
    fetches = process.begin(many, packed=True)
    os.kill(first, signal.SIGKILL)
    here = read_articles(many, default_config(), load_extractor())
    for article, fetch, own in zip(many, fetches, here, strict=True):
        assert_same(own, fetch() if fetch else own, article)
    await_true(lambda: process.process not in (None, first), "another process", PATIENCE_S)
    assert read_all(process, many[:8]) == 8


@pytest.fixture
def deadly(monkeypatch):
    """A process that ends over one text."""
    kill = (
        "from dedupe.archive import text_worker as w; import os; read = w.read_articles\n"
        f"def die(articles, *more):\n    if any({DEADLY!r} in a.body for a in articles):"
        " os._exit(9)\n    return read(articles, *more)\n"
        "w.read_articles = die\nw.main()"
    )
    start = "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
    monkeypatch.setattr(text_process, "_COMMAND", start + kill)
    opened = open_process()
    yield opened
    opened.close()


def test_an_article_that_ends_the_process_is_an_error_of_its_own(deadly, archive):
    archive.prepare_with(deadly)
    articles = [*copies(1, 3), make_article("deadly", f"{DEADLY}, twice. " * 5), *copies(2, 3)]
    offered = archive.prepare(articles)
    with pytest.raises(TextLost, match="deadly"):
        archive.ingest(offered)
    alone = [each for each in offered if each.article.id != "deadly"]
    assert [verdict.id for verdict in archive.ingest(alone)] == [a.article.id for a in alone]
    with pytest.raises(TextLost):  # and is never read here
        archive.ingest([articles[3]])
    here = archive.prepare(articles[2:5], here=True)
    assert [each.fetch().warning for each in (here[0], here[2])] == [None, None]
    with pytest.raises(TextLost, match="deadly"):
        here[1].fetch()
    assert archive.article("deadly") is None


@pytest.mark.parametrize(("broken", "readable"), [([2], True), ([2, 3, 4, 5], False)])
def test_a_start_that_fails_is_no_fault_of_the_articles(monkeypatch, tmp_path, broken, readable):
    """The first process ends over a frame, those of `broken` before they are ready."""
    count = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        f"with open({str(tmp_path / 'starts')!r}, 'a') as file:\n"
        "    file.write('x')\n    file.flush()\n    start = file.tell()\n"
        f"if start in {broken}:\n    os._exit(9)\n"
        "from dedupe.archive import text_worker as w\nread = w.read_articles\n"
        "if start == 1:\n    w.read_articles = lambda articles, *more: "
        "os._exit(9) if len(articles) > 1 else read(articles, *more)\n"
        "w.main()"
    )
    monkeypatch.setattr(text_process, "_COMMAND", count)
    monkeypatch.setattr(text_process, "_PAUSE_S", (0.0,))
    opened, articles = open_process(), copies(1, 5)
    try:
        fetches = opened.begin(articles, packed=True)
        if readable:
            assert [fetch().warning for fetch in fetches] == [None] * 5
        else:
            for fetch in fetches:
                with pytest.raises(TextLost):
                    fetch()
        assert [opened.refuse(article) for article in articles] == [None] * 5
    finally:
        opened.close()


def test_idle_time_is_used_until_a_frame_comes():
    """Patterns are compiled where nobody waits, all of them in the end, and the end is heard of."""
    reading, writing = map(os.fdopen, os.pipe(), ("rb", "wb"))
    taken = []

    def steps():
        for step in range(5):
            taken.append(step)
            if step == 2:
                text_worker.write_frame(writing, b"{}", b"behind it")
            yield step

    left = steps()
    with reading:
        assert text_worker._use_idle_time(reading, left, 0)
        assert taken == [0, 1, 2]
        assert text_worker._use_idle_time(reading, left, 0)
        assert taken == [0, 1, 2]
        assert bytes(text_worker.read_frame(reading)).endswith(b"behind it")
        assert not text_worker._use_idle_time(reading, left, 0)
        assert taken == [0, 1, 2, 3, 4]
        for piece in (b"first", b"second"):
            text_worker.write_frame(writing, piece)
        text_worker.read_frame(reading)  # and the second is received with it
        assert text_worker._use_idle_time(reading, iter("more"), 60)
        assert b"second" in bytes(text_worker.read_frame(reading))
        writing.close()
        assert text_worker._use_idle_time(reading, iter("more"), 60)
        with pytest.raises(EOFError):
            text_worker.read_frame(reading)


def test_verdicts_do_not_depend_on_who_reads(process, tmp_path, clock):
    from dedupe.archive import open_archive

    batches = [[a for n in range(k, k + 6) for a in copies(n, 3)] for k in (1, 4, 20)]
    told = []
    for name, preparer in (("later", None), ("apart", process), ("shared", process)):
        clock.now = clock.now.replace(year=2026, month=5, day=1, hour=0, minute=0, second=0)
        opened = open_archive(tmp_path / f"{name}.db", clock)
        if preparer is not None:
            opened.prepare_with(preparer)

        def prepare(articles, *, name=name, opened=opened, **named):
            some = len(articles) // 2 if name == "shared" else len(articles)
            begun = opened.prepare(articles[:some], **named)
            return [*begun, *opened.prepare(articles[some:], here=True, **named)]

        found = [opened.ingest(prepare(batch)) for batch in batches]
        checked = opened.check(prepare(copies(30, 4), stored=False))
        again = opened.ingest(prepare(batches[0]))
        told.append((found, checked, again, opened.article("1-0"), opened.explain("4-1")))
        opened.prepare_with(PreparedHere())  # the process is every test's
        opened.close()
    assert told[0] == told[1] == told[2]


def test_it_ends_with_its_parent(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from dedupe.archive.text_process import TextProcess\n"
            "from dedupe.attribution import load_extractor\n"
            "from dedupe.config import default_config\n"
            "process = TextProcess(default_config(), load_extractor())\n"
            "process.wait_ready(120)\nprint(process.process, flush=True)\nsys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    await_true(lambda: not is_running(child), "the end of the process", PATIENCE_S)


def is_running(process):
    """Whether a process is there and no zombie that nobody waits for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
