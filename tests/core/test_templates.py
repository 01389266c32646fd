"""Frames that no model was fitted on: other events in them are templates, edited copies are not."""

import random

import pytest

from dedupe.config import Config
from dedupe.errors import ConfigInvalid
from dedupe.models import Article, Relation
from dedupe.pipeline import compare
from dedupe.verifier import load_verifier

FRAMES = {
    "en": (
        "{a}, {b}, of {c}, died at home on {d} with her family around her. She taught at the "
        "primary school for three decades and sang in the parish choir. A service will be held "
        "in the chapel next week, followed by a gathering in the village hall. The family asks "
        "that donations be made to the hospice instead of flowers.",
        [
            {"a": "Ruth Penhale", "b": "84", "c": "Saltmarsh", "d": "Tuesday"},
            {"a": "Edith Corrigan", "b": "91", "c": "Thornbury", "d": "Saturday"},
        ],
    ),
    "fr": (
        "Le dollar a terminé en {a} {b} à {c} pour un euro, dans un marché peu animé à la veille "
        "d'un jour férié. Les cambistes attendaient la publication des chiffres de l'emploi, "
        "prévue {d}, avant de prendre de nouvelles positions. La livre a suivi le mouvement "
        "tandis que le franc suisse restait stable face aux principales devises.",
        [
            {"a": "hausse", "b": "lundi", "c": "1,0842", "d": "mardi"},
            {"a": "baisse", "b": "jeudi", "c": "1,1210", "d": "vendredi"},
        ],
    ),
    "de": (
        "Der {a} ist am {b} mit einem Gewinn von {c} Prozent aus dem Handel gegangen. Händler "
        "verwiesen auf die guten Vorgaben der Wall Street und auf sinkende Zinsen. Größter "
        "Gewinner waren die Papiere von {d}, während die Versorger nachgaben. Die Umsätze "
        "blieben vor der Sitzung der Notenbank gering, viele Anleger warteten ab.",
        [
            {"a": "Dax", "b": "Montag", "c": "0,8", "d": "Siemens"},
            {"a": "MDax", "b": "Mittwoch", "c": "1,4", "d": "Lufthansa"},
        ],
    ),
    "it": (
        "I carabinieri di {a} hanno arrestato {b} un uomo di {c} anni, trovato in possesso di "
        "{d} grammi di cocaina durante un controllo stradale. Il conducente aveva tentato di "
        "allontanarsi alla vista della pattuglia ed è stato bloccato dopo un breve inseguimento. "
        "La sostanza è stata sequestrata e l'uomo è stato messo a disposizione della procura.",
        [
            {"a": "Faenza", "b": "lunedì", "c": "34", "d": "120"},
            {"a": "Crotone", "b": "giovedì", "c": "51", "d": "75"},
        ],
    ),
    "ar": (
        "استقبل سمو الأمير في مكتبه {a} السفير {b} سفير جمهورية {c} لدى المملكة الذي قدم للسلام "
        "عليه بمناسبة انتهاء فترة عمله. وجرى خلال الاستقبال تبادل الأحاديث الودية واستعراض "
        "أوجه التعاون بين البلدين الصديقين في مختلف المجالات وسبل تعزيزها. وتمنى سموه للسفير "
        "التوفيق في مهامه المقبلة، وحضر الاستقبال وكيل الإمارة وعدد من المسؤولين.",
        [
            {"a": "الأحد", "b": "ماريو فيرناندز", "c": "الفلبين"},
            {"a": "الأربعاء", "b": "يان كوفالسكي", "c": "بولندا"},
        ],
    ),
    "ru": (
        "Команда «{a}» обыграла «{b}» со счётом {c} в матче регулярного чемпионата, который "
        "прошёл в {d}. Победную шайбу в третьем периоде забросил защитник хозяев, а вратарь "
        "отразил все броски в меньшинстве. После игры главный тренер поблагодарил болельщиков "
        "за поддержку и отметил самоотдачу всех звеньев.",
        [
            {"a": "Сокол", "b": "Металлург", "c": "3:2", "d": "субботу"},
            {"a": "Авангард", "b": "Торпедо", "c": "5:1", "d": "среду"},
        ],
    ),
    "tr": (
        "Altının gram fiyatı {a} gününe {b} liradan başladı. Çeyrek altın {c} liradan, "
        "Cumhuriyet altını ise {d} liradan satılıyor. Analistler, küresel piyasalarda gözlerin "
        "merkez bankalarının faiz kararlarına çevrildiğini, veri gündeminin sakin olduğunu ve "
        "teknik açıdan direnç seviyelerinin izlendiğini kaydetti.",
        [
            {"a": "salı", "b": "2.941", "c": "4.870", "d": "19.400"},
            {"a": "cuma", "b": "3.012", "c": "4.990", "d": "19.880"},
        ],
    ),
}


def relation(left, right):
    sides = [Article(id=name, outlet=None, url=None, title="", body=body) for name, body in
             (("a", left), ("b", right))]  # fmt: skip
    return compare(*sides).relation


@pytest.mark.parametrize("lang", FRAMES)
def test_another_event_in_the_same_frame_is_a_template(lang):
    frame, (one, other) = FRAMES[lang]
    assert relation(frame.format(**one), frame.format(**other)) is Relation.TEMPLATE


@pytest.mark.parametrize("lang", FRAMES)
def test_the_same_event_with_a_sentence_cut_or_moved_is_a_copy(lang):
    frame, (one, _) = FRAMES[lang]
    body = frame.format(**one)
    first, *rest = body.split(". ")
    assert relation(body, ". ".join([first, *rest[:-1]])).copying
    assert relation(body, ". ".join([*rest, first])).copying


@pytest.mark.parametrize("lang", FRAMES)
def test_the_same_event_in_other_words_is_a_copy(lang):
    frame, (one, _) = FRAMES[lang]
    fixed = {word for value in one.values() for word in value.split()}
    chance = random.Random(7)
    words = frame.format(**one).split(" ")
    small = [word for word in words if word not in fixed and word.isalpha() and len(word) > 3]
    chosen = set(chance.sample(small, 4))
    letters = iter("abcdefgh")
    edited = " ".join(f"{word[:2]}{next(letters)}{word[2:]}" if word in chosen else word
                      for word in words)  # fmt: skip
    assert relation(frame.format(**one), edited).copying


def test_a_verifier_of_other_features_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "v.json"
    path.write_text('{"features": {"cover": {"weight": 1, "centre": 0}}, "intercept": 0}')
    with pytest.raises(ConfigInvalid, match="fit_verifier"):
        compare(*(Article(id=n, outlet=None, url=None, title="", body="one two three") for n in
                  "ab"), Config(verifier=load_verifier(path)))  # fmt: skip
