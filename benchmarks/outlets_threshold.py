"""Perturbed and unknown outlet names -> recall and false names for each threshold of `nearest`.

Run: python -m benchmarks.outlets_threshold [--sample 1500] [--seed 7]   (2 minutes)

Positives: aliases of the shipped file, misspelt on purpose; the right answer is their own outlet.
Negatives: each tenth of the outlets is left out in turn and its aliases are asked of the rest, the
hardest names there are (papers of one country called alike); near names made from the aliases (a
letter changed in a short word, a word exchanged for its neighbour, added or left out); and names
that are no outlet of ours.
The tables of docs/decisions/0004-outlet-resolution.md and 0020-near-names.md are its output.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, DamerauLevenshtein, Indel, JaroWinkler

from dedupe.attribution import slips
from dedupe.attribution.outlet_names import fold_name, fold_names
from dedupe.attribution.outlet_nouns import reduce_name
from dedupe.attribution.outlets import Outlet, Outlets, load_outlets

CUTOFFS = (1.0, 0.95, 0.92, 0.90, 0.88, 0.86, 0.84, 0.82, 0.80)
MARGINS = (0.0, 0.04, 0.08)
FOLDS = 10
FALSE_ALLOWED = 0.01
SCORERS: dict[str, Any] = {
    "OSA": OSA.normalized_similarity,
    "Damerau-Levenshtein": DamerauLevenshtein.normalized_similarity,
    "Jaro-Winkler": JaroWinkler.normalized_similarity,
    "indel (fuzz.ratio)": Indel.normalized_similarity,
}
ALPHABETS = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "абвгдежзиклмнопрстуфхцчшщыэюя",
    "abcdefghijklmnopqrstuvwxyz",
)
NOUNS = (
    ("صحيفة", "جريدة", "موقع", "قناة", "وكالة", "مجلة"),
    ("газета", "агентство", "сайт"),
    ("the newspaper", "agencia", "agence", "agenzia", "website"),
)
HAMZA = str.maketrans({"أ": "ا", "إ": "أ", "آ": "ا", "ى": "ي", "ي": "ى", "ة": "ه", "ك": "ک"})
# Not outlets, or none of the file: places, people, bodies, companies, clubs, generic credits, and
# papers that are real or might be.
UNKNOWN = """
وكالات; الوكالات; وكالات الأنباء; متابعات; مواقع إلكترونية; صحف; خاص; القاهرة; جدة;
الدمام; واشنطن; وزارة الخارجية; وزارة الداخلية; مجلس الوزراء; الديوان الملكي; الأمم
المتحدة; جامعة الدول العربية; شرطة دبي; الدفاع المدني; النيابة العامة; هيئة الأرصاد;
مكتب الإعلام الحكومي; اتحاد الكرة; النادي الأهلي; الهلال; أحمد عبد الله; محمد علي; سارة
الشمري; عبدالله الهاجري; نجيب محفوظ; شركة أرامكو; سامسونغ; مايكروسوفت; غوغل; فيسبوك;
تويتر; يوتيوب; صحيفة الحرية الجديدة; جريدة صوت الوادي; موقع نبأ الجنوب; وكالة أخبار
الصحراء; قناة النجوم; مجلة الزهور; صحيفة الفيحاء; جريدة الرسالة الأسبوعية; بوابة الساحل;
موقع حضرموت نيوز; شبكة أخبار الريف; المركز الإعلامي; المكتب الصحفي; غرفة الأخبار; فريق
التحرير; News agencies; Agencies; Agencias; Agences; Agenturen; Staff; Staff Reporter;
Our Correspondent; Web Desk; Newsroom; Editorial Board; City News; Daily News; Local
News; Evening News; Sports Desk; John Smith; Maria Garcia; Microsoft; Samsung; Facebook;
Twitter; YouTube; Wikipedia; White House; Pentagon; NATO; FIFA; UEFA; Ministry of
Health; Supreme Court; London; Paris; Berlin; Oxford Mail; Yorkshire Evening Post;
Bristol Live; Cornwall Reporter; Tampa Weekly; Ohio Valley Courier; Highland News;
Island Gazette; The Valley Sentinel; Prairie Observer; Bay City Tribune; Harbour Times;
Northern Star; The Morning Post; Express Courier; Global Press; World Report; National
Review Board; Science Today; Tech Insider Daily; Stadtanzeiger; Heimatzeitung;
Kreisblatt; Wochenblatt; Neue Presse; Lokalredaktion; Pressestelle; Polizei Berlin;
Universität Wien; El Diario de Hoy; Noticias del Valle; La Voz; El Sol; Ayuntamiento;
Redacción; Diário do Vale; Correio do Sul; Prefeitura; Gazzettino locale; Comune di
Roma; La Voix du Nord; Le Petit Journal; Mairie de Paris; Администрация; Пресс-служба;
Министерство обороны; Вечерний город; Северный край; Волжский курьер; Родина; 市政府; 编辑部;
记者; 山川日报; 地方新闻; 編集部; 地方新聞; 市役所
"""
QUALIFIERS = (
    ("الجديد", "الجديدة", "الأسبوعي", "المسائية", "بلس", "القاهرة", "الخليج", "مباشر", "الرياضي"),
    ("новый", "вечерний", "московский", "утро", "спорт", "север"),
    ("New", "Sunday", "Weekly", "Evening", "North", "Africa", "London", "Sport", "Plus", "Kids"),
)
SHORTEST = (4, 5, 6, 7, 8)
SHORT_WORD = range(3, 6)
PERTURBED = tuple[str, Callable[[str, random.Random], str]]


def alphabet(name: str) -> int:
    """Index of the alphabet that most letters of a name are from (Latin for all other scripts)."""
    counts = [sum(letter in letters for letter in name.lower()) for letters in ALPHABETS]
    return counts.index(max(counts))


def typo(name: str, rng: random.Random) -> str:
    """Insert, leave out, replace or swap one letter."""
    at, letter = rng.randrange(len(name)), rng.choice(ALPHABETS[alphabet(name)])
    return (
        name[:at] + letter + name[at:],
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    )[rng.randrange(4)]


def two_typos(name: str, rng: random.Random) -> str:
    """Misspell a name twice."""
    return typo(typo(name, rng), rng)


def article(name: str, rng: random.Random) -> str:
    """Add or leave out the Arabic definite article of one word."""
    words = name.split()
    at = rng.randrange(len(words))
    words[at] = words[at][2:] if words[at].startswith("ال") else "ال" + words[at]
    return " ".join(words) if alphabet(name) == 0 else name


def order(name: str, rng: random.Random) -> str:
    """Shuffle the words."""
    words = name.split()
    rng.shuffle(words)
    return " ".join(words)


def noun(name: str, rng: random.Random) -> str:
    """Put a generic noun before the name."""
    return f"{rng.choice(NOUNS[alphabet(name)])} {name}"


def noun_typo(name: str, rng: random.Random) -> str:
    """Misspell a name and put a generic noun before it."""
    return noun(typo(name, rng), rng)


def long_typo(name: str, rng: random.Random) -> str:
    """Misspell one word of seven letters or more, neither its first nor its last letter."""
    words = name.split()
    at = [index for index, word in enumerate(words) if len(word) >= 7 and word.isalpha()]
    if not at:
        return name
    chosen = rng.choice(at)
    word = words[chosen]
    words[chosen] = word[0] + typo(word[1:-1], rng) + word[-1]
    return " ".join(words)


def short_word(name: str, rng: random.Random) -> str:
    """Change, leave out or add one letter in a word of three to five letters: another word."""
    words = name.split()
    at = [i for i, word in enumerate(words) if len(word) in SHORT_WORD and word.isalpha()]
    if at:
        chosen = rng.choice(at)
        words[chosen] = typo(words[chosen], rng)
    return " ".join(words)


def word_added(name: str, rng: random.Random) -> str:
    """Put a word before or behind the name that makes it another outlet's."""
    word = rng.choice(QUALIFIERS[alphabet(name)])
    return rng.choice((f"{word} {name}", f"{name} {word}"))


def word_dropped(name: str, rng: random.Random) -> str:
    """Leave out one of the words."""
    words = name.split()
    if len(words) > 1:
        del words[rng.randrange(len(words))]
    return " ".join(words)


def hamza(name: str, _: random.Random) -> str:
    """Write every hamza, ya, ta marbuta and kaf the other way."""
    return name.translate(HAMZA)


def dressed(name: str, rng: random.Random) -> str:
    """Add quotes, a final stop, a tatweel and a direction mark."""
    at = rng.randrange(1, len(name) + 1)
    stretched = name[:at] + "\u0640" + name[at:] if alphabet(name) == 0 else name
    return f"\u200f«{stretched}»."


MISSPELT: tuple[PERTURBED, ...] = (
    ("one typo", typo),
    ("typo in a long word", long_typo),
    ("two typos", two_typos),
    ("noun + typo", noun_typo),
    ("article", article),
)
NEAR: tuple[PERTURBED, ...] = (
    ("letter in a short word", short_word),
    ("word added", word_added),
    ("word left out", word_dropped),
    ("words shuffled", order),
)
RESPELT: tuple[PERTURBED, ...] = (("hamza", hamza), ("noun", noun), ("quotes, tatweel", dressed))


def sure_aliases(outlets: Iterable[Outlet]) -> list[tuple[str, str]]:
    """(alias, key) of all unambiguous aliases of six letters or more."""
    return [
        (alias, outlet.key)
        for outlet in outlets
        for alias in outlet.aliases
        if alias not in outlet.ambiguous and sum(map(str.isalpha, alias)) >= 6
    ]


def print_row(*cells: object) -> None:
    """Print one row of a Markdown table."""
    print("| " + " | ".join(map(str, cells)) + " |")


def share(hits: int, cases: int) -> str:
    """Percentage, or a dash where there is no case."""
    return f"{100 * hits / cases:.1f}" if cases else "–"


def measure_respelt(known: Outlets, sample: list[tuple[str, str]], rng: random.Random) -> None:
    """Print how many names that only look different resolve to their own and to another outlet."""
    print_row("respelling", "cases", "right %", "wrong")
    print_row(*["---"] * 4)
    for label, perturb in RESPELT:
        cases = [(perturb(alias, rng), key) for alias, key in sample]
        found = [(known.resolve(name), key) for name, key in cases]
        right = sum(outlet is not None and outlet.key == key for outlet, key in found)
        wrong = sum(outlet is not None and outlet.key != key for outlet, key in found)
        print_row(label, len(cases), share(right, len(cases)), wrong)
    print()


def leave_out(
    known: Outlets, sample: list[tuple[str, str]], rng: random.Random
) -> list[tuple[Outlets, str]]:
    """(outlets without it, alias) for each alias of the sample, in folds of the outlets."""
    outlets = list(known)
    fold_of = {outlet.key: rng.randrange(FOLDS) for outlet in outlets}
    rest = [
        Outlets([o for o in outlets if fold_of[o.key] != fold], "held-out") for fold in range(FOLDS)
    ]
    return [(rest[fold_of[key]], alias) for alias, key in sample]


def measure_threshold(known: Outlets, sample: list[tuple[str, str]], rng: random.Random) -> None:
    """Print recall, wrong names and false names for every cutoff and margin."""
    positives = {
        label: [(bad, key) for alias, key in sample if (bad := perturb(alias, rng)) != alias]
        for label, perturb in MISSPELT
    }
    negatives = leave_out(known, sample, rng)
    strangers = [name.strip() for name in " ".join(UNKNOWN.split()).split(";")]
    print_row("cutoff", "margin", *positives, "wrong outlet %", "left out: false %", "strangers")
    print_row(*["---"] * (len(positives) + 5))
    for cutoff in CUTOFFS:
        for margin in MARGINS if cutoff < 1 else MARGINS[:1]:
            recall, wrong, cases_in_all = [], 0, 0
            for cases in positives.values():
                found = [(known.nearest(name, cutoff, margin), key) for name, key in cases]
                recall.append(
                    share(sum(o is not None and o.key == key for o, key in found), len(found))
                )
                wrong += sum(o is not None and o.key != key for o, key in found)
                cases_in_all += len(found)
            false = sum(
                rest.nearest(alias, cutoff, margin) is not None for rest, alias in negatives
            )
            named = sum(known.nearest(name, cutoff, margin) is not None for name in strangers)
            print_row(
                f"{cutoff:.2f}", f"{margin:.2f}", *recall, share(wrong, cases_in_all),
                share(false, len(negatives)), f"{named} of {len(strangers)}",
            )  # fmt: skip
    resolved = [
        (name, outlet.key)
        for name in strangers
        if (outlet := known.resolve(name, agency_context=True)) is not None
    ]
    print(f"\nstrangers that `resolve` takes for an outlet in agency context: {resolved}")


def measure_near_names(known: Outlets, sample: list[tuple[str, str]], rng: random.Random) -> None:
    """Print, for each shortest word that may be misspelt, what is found and what is forced."""
    exact = {form.replace(" ", "") for form in fold_names([a for o in known for a in o.aliases])}

    def made(perturb: Callable[[str, random.Random], str]) -> list[tuple[str, str]]:
        cases = [(perturb(alias, rng), key) for alias, key in sample]
        return [(n, key) for n, key in cases if fold_name(n).replace(" ", "") not in exact]

    typos = made(long_typo)
    near = {label: made(perturb) for label, perturb in NEAR}
    near["word exchanged"] = neighbours(known, sample)
    left = leave_out(known, sample, rng)
    print_row("shortest word", "typo in a long word", *near, "left out")
    print_row(*["---"] * (len(near) + 3))
    chosen = slips.SHORTEST_WORD
    for shortest in SHORTEST:
        slips.SHORTEST_WORD = shortest
        hits = sum((o := known.nearest(n)) is not None and o.key == key for n, key in typos)
        forced = [
            share(sum(known.nearest(name) is not None for name, _ in cases), len(cases))
            for cases in near.values()
        ]
        false = sum(rest.nearest(alias) is not None for rest, alias in left)
        print_row(shortest, share(hits, len(typos)), *forced, share(false, len(left)))
    slips.SHORTEST_WORD = chosen
    print_row("cases", len(typos), *map(len, near.values()), len(left))
    print()


def neighbours(known: Outlets, sample: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names with one word exchanged for the most similar other word that outlets are called by."""
    forms = fold_names([alias for outlet in known for alias in outlet.aliases])
    exact = {form.replace(" ", "") for form in forms}
    words = sorted(
        word
        for word in {word.removeprefix("ال") for form in forms for word in form.split()}
        if len(word) >= 4 and not reduce_name(f"{word} ?") and not reduce_name(f"? {word}")
    )
    found = []
    for form, (_, key) in zip(fold_names([a for a, _ in sample]), sample, strict=True):
        for word in (word for word in form.split() if word in words):
            near = process.extract(word, words, scorer=OSA.normalized_similarity, limit=2)
            other = next((choice for choice, _, _ in near if choice != word), word)
            name = form.replace(word, other)
            if name.replace(" ", "") not in exact:
                found.append((name, key))
    return found


def best_scores(
    queries: list[str], owners: list[str], forms: list[str], keys: list[str], scorer: str
) -> list[tuple[float, float]]:
    """(best score among the owner's forms, best among all others) for each query."""
    owner_of = np.array(keys)
    scores = process.cdist(queries, forms, scorer=SCORERS[scorer])
    own = owner_of[None, :] == np.array(owners)[:, None]
    return list(zip(np.where(own, scores, 0).max(1), np.where(own, 0, scores).max(1), strict=True))


def measure_scorers(known: Outlets, sample: list[tuple[str, str]], rng: random.Random) -> None:
    """Print the recall of each measure at the cutoff where 1 % of left-out names are false."""
    aliases = sure_aliases(known)
    forms, keys = fold_names([alias for alias, _ in aliases]), [key for _, key in aliases]
    right, owners = fold_names([alias for alias, _ in sample]), [key for _, key in sample]
    bad = [typo(name, rng) for name in right]
    print_row("measure", "cutoff for 1 % false", "one typo: right %")
    print_row(*["---"] * 3)
    for scorer in SCORERS:
        others = sorted((other for _, other in best_scores(right, owners, forms, keys, scorer)))
        cutoff = others[int(len(others) * (1 - FALSE_ALLOWED))]
        found = best_scores(bad, owners, forms, keys, scorer)
        hits = sum(own > cutoff and own > other for own, other in found)
        print_row(scorer, f"{cutoff:.3f}", share(hits, len(found)))
    print()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=1500, help="aliases to perturb")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    known = load_outlets()
    aliases = sure_aliases(known)
    sample = rng.sample(aliases, min(arguments.sample, len(aliases)))
    print(f"{len(known)} outlets, {len(sample)} of {len(aliases)} aliases, seed {arguments.seed}\n")
    measure_respelt(known, sample, rng)
    measure_near_names(known, sample, rng)
    measure_scorers(known, sample[:500], rng)
    measure_threshold(known, sample, rng)


if __name__ == "__main__":
    main()
