"""Sentences about another article, and notices glued to the sentences of this one."""

import pytest
from attribution.reading import read

BEFORE = "The council opened the bridge on Tuesday after three years of work that cost too much."
AFTER = (
    "Fishermen from the village asked a court to stop the dredging of the eastern channel. "
    "The contractor did not answer questions that were sent to its office by post and by hand. "
    "A ruling is expected in the spring, and until then the boats stay where they have always been."
)
JA_BEFORE = "市は火曜日、3年の工事を経て新しい橋を開通させた。費用は当初の予定を上回った。"
JA_AFTER = "技術者によると、来週から段階的に通行を再開する。反対派は契約書の公開を求めている。" * 4


def cut(body):
    found = read(body)
    return [body[start:end] for start, end in found.cuts()] if found else []


TOLD = [
    "The story was first reported by Heron Herald.",
    "The article was originally published by Heron Herald and withdrawn after complaints.",
    "The piece first ran in the Heron Herald and won a prize.",
    "The story was translated from Le Héron and misquoted him.",
    "L’article a été initialement publié par Le Héron et a provoqué une enquête.",
    "El artículo fue publicado originalmente por La Garza y provocó la dimisión del alcalde.",
    "A reportagem foi publicada originalmente pelo Jornal da Garça e derrubou o ministro.",
    "Der Artikel erschien zuerst in der „Reiherzeitung“ und löste heftige Kritik aus.",
    "L'articolo è stato pubblicato originariamente su L'Airone e ha suscitato polemiche.",
    "Het artikel verscheen eerst in De Reiger en leidde tot Kamervragen.",
    "Artykuł ukazał się po raz pierwszy w „Czapli” i wywołał oburzenie.",
    "Статья впервые опубликована в журнале «Цапля» и вызвала споры.",
    "Стаття вперше опублікована в «Чаплі» і викликала скандал.",
    "نشر المقال أولا في صحيفة البلشون وأثار جدلا واسعا في المجلس.",
    "مقاله نخستین بار در روزنامه حواصیل منتشر شد و جنجال به پا کرد.",
    "लेख मूल रूप से बगुला टाइम्स में प्रकाशित हुआ था और उस पर विवाद हुआ।",
    "Artikel pertama kali terbit di Bangau Pos dan memicu kemarahan warga.",
    "文章最初发表于《白鹭日报》，引发轩然大波。",
    "Haber ilk olarak Balıkçıl'da yayımlandı ve yalanlandı.",
    "기사는 왜가리신문에 처음 게재되었고 논란을 불렀다.",
]


@pytest.mark.parametrize("sentence", TOLD)
def test_a_sentence_that_tells_of_another_article_is_no_notice(sentence):
    assert read(f"{BEFORE} {sentence} {AFTER}") is None
    assert read(f"{BEFORE}\n\n{sentence}\n\n{AFTER}\n\n{AFTER}") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "This article was first published in Heron Herald and is republished with permission.",
        "The article was originally published in Heron Herald.",
        "The article was originally published in Heron Herald and is republished with permission.",
        "Originally published in Heron Herald.",
    ],
)
def test_the_same_words_at_the_end_of_a_text_are_its_notice(sentence):
    body = f"{BEFORE} {AFTER} {sentence}"
    assert read(body).original_source == "Heron Herald"
    assert cut(body) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "県警は3日、他人のブログから転載したとして男を逮捕した。",
        "国立公文書館から転載した写真も展示する。",
        "厚労省は、論文から転載した図に誤りがあったと発表した。",
        "同社は、この記事は鷺新聞からの転載だと認めた。",
    ],
)
def test_a_japanese_sentence_about_reprinting_is_no_notice(sentence):
    assert read(f"{JA_BEFORE}{sentence}{JA_AFTER}") is None
    assert read(f"{sentence}\n\n{JA_AFTER}") is None


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("この記事は鷺新聞からの転載です。", "鷺新聞"),
        ("本稿は「鷺ジャーナル」より転載しました。", "鷺ジャーナル"),
        ("鷺新聞より転載。", "鷺新聞"),
        ("著者の許可を得て、鷺新聞より転載しました。", "鷺新聞"),
        ("※鷺新聞社の許諾を得て転載しています。", "鷺新聞社"),
    ],
)
def test_a_japanese_notice_glued_on_takes_its_own_sentence_only(notice, name):
    body = JA_BEFORE + notice
    assert read(body).original_source == name
    assert cut(body) == [notice.lstrip("※")]


def test_a_title_before_a_notice_takes_no_sentence_of_the_text():
    body = (
        "Belediye yeni köprüyü üç yıl süren çalışmaların ardından salı günü açtı. Mühendisler "
        "trafiğin gelecek haftadan itibaren kademeli olarak açılacağını söyledi. "
    )
    notice = "Köprü açıldı yazısı ilk önce Balıkçıl Postası üzerinde ortaya çıktı."
    assert read(body + notice).original_source == "Balıkçıl Postası"
    assert cut(body + notice) == [notice]


def test_a_text_glued_to_the_notice_at_its_head_is_not_cut_away_with_it():
    notice = "This story was originally published by Heron Herald."
    assert cut(f"{notice} {BEFORE}") == [notice]


CAPTIONS = [
    "رويترز - صورة أرشيفية",
    "FILE - The bridge, 2020 (AP)",
    "新しい橋＝3日、共同",
    "Table 1. Source: IMF",
    "Read more: Bridge costs double (Reuters)",
    "© Sputnik . Vladimir Heronov",
    "Sources: Heron Adjaye Reed",
]


@pytest.mark.parametrize("line", CAPTIONS)
def test_a_caption_on_its_own_line_credits_no_text(line):
    assert read(f"{BEFORE}\n\n{line}\n\n{AFTER}") is None


def test_buttons_above_a_dated_byline_are_no_outlet():
    assert read(f"Reddit\nBy Jane Roe | July 15, 2018\n{BEFORE}") is None


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        (
            "Artículo republicado de The Conversation en virtud de una licencia Creative Commons.",
            "The Conversation",
        ),
        ("تم نشر هذا المقال بالاتفاق مع «البلشون».", "البلشون"),
        ("新桥通车最先出现在白鹭新闻。", "白鹭新闻"),
        ("Source: Inter Press Service", "Inter Press Service"),
        ("Source: The engineers’ union says it will strike.", None),
    ],
)
def test_names_end_where_they_end(notice, name):
    found = read(f"{BEFORE}\n\n{notice}")
    assert (found.original_source if found else None) == name
