"""Small collections written for these tests, and ways to run the command on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dedupe.cli import main

ROOT = Path(__file__).parents[2]

ARABIC = """افتتحت بلدية الميناء صباح الخميس جسر المشاة الجديد الذي يربط الحي القديم بالسوق المركزي
بعد أعمال استمرت ثلاث سنوات. وحضر الافتتاح 25 عضوا من المجلس البلدي وعدد من سكان الحي الذين
انتظروا المشروع طويلا.

وقال رئيس البلدية إن الجسر سيخفف الازدحام عن الشارع الرئيسي في ساعات الذروة، وإن كلفته لم
تتجاوز الميزانية المقررة له. وأضاف أن الفرق الفنية ستراقب حركة المشاة طوال الشهر الأول قبل
أن تقرر مواعيد الصيانة الدورية.

وأشار مهندس المشروع إلى أن الهيكل المعدني صنع في ورش محلية، وأن الإنارة تعمل بألواح شمسية
نصبت على السطح. وتنوي البلدية إنشاء جسر مشابه قرب محطة الحافلات خلال العام المقبل إذا توفر
التمويل اللازم."""
ENGLISH = """The harbour ferries returned to their full timetable on Monday after engineers finished
repairing the western landing stage, which a winter storm had torn from its moorings in
January. Passengers queued from early morning to take the first crossing in seven weeks.

The port authority said the new moorings could withstand waves of up to six metres, and that
divers would inspect them every second month. Shopkeepers along the quay said they had lost
a third of their usual trade while the boats were tied up.

A spokeswoman for the ferry company said tickets bought before the storm would remain valid
until the end of summer, and that an extra boat would run on market days. The council plans
to publish the full cost of the work next week."""
NOTICE = "\n\nنُشر هذا المقال أولاً في صحيفة الميناء ويعاد نشره بإذن منها."
OTHER = """A choir of retired railway workers from the valley will sing in the old engine shed every
Sunday in May, and the money collected at the door will pay for a new roof over the museum's
turntable, the volunteers who run it announced after their yearly meeting."""


def make_records() -> list[dict[str, object]]:
    edited = ENGLISH.replace("Monday", "Tuesday").replace("seven weeks", "many weeks")
    rows = [
        ("ar-1", "صحيفة الميناء", "افتتاح جسر المشاة", ARABIC, "ar", "2026-03-04T08:15:00Z"),
        ("ar-2", "بوابة الساحل", "جسر جديد", ARABIC + NOTICE, "ar", "2026-03-04T11:00:00Z"),
        ("en-1", "The Daily Quay", "Ferries return", ENGLISH, "en", "2026-03-02T07:00:00Z"),
        ("en-2", "Hill Post", "Harbour ferries are back", edited, "en", "2026-03-03T07:00:00Z"),
        ("x-1", "Valley Post", "Choir sings", OTHER, "en", None),
    ]
    names = ("id", "outlet", "title", "body", "lang", "published")
    return [dict(zip(names, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class Run:
    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def isnad(capfdbinary):
    """Run the command in this process."""

    def run(*words: object) -> Run:
        capfdbinary.readouterr()
        code = main([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        return Run(code, out, err.decode())

    return run


@pytest.fixture
def start():
    """Start the command in a process of its own; what still runs at the end is killed."""
    running: list[subprocess.Popen] = []

    def launch(*words: object, env: dict | None = None, **options: object) -> subprocess.Popen:
        command = [sys.executable, "-m", "dedupe.cli", *(str(word) for word in words)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        process = subprocess.Popen(command, env=environment, **{**pipes, **options})
        running.append(process)
        return process

    yield launch
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def articles(tmp_path) -> Path:
    path = tmp_path / "articles.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) for record in make_records()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def broken(articles) -> Path:
    """The articles with three lines among them that are none."""
    path = articles.with_name("broken.jsonl")
    good = articles.read_text(encoding="utf-8")
    bad = '{"id": "no-body", "title": "t"}\nnot json\n{"body": ""}\n'
    path.write_text(bad + good, encoding="utf-8")
    return path
