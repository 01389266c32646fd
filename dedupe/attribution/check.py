"""A language file -> what its own examples show: `python -m dedupe.attribution.check fr ar`.

Every rule carries texts that it must read and texts that it must leave alone; they are run with all
languages loaded, because a rule of one language must not speak in another's text either.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedupe.attribution.extract import Extractor
from dedupe.attribution.loading import build_extractor
from dedupe.attribution.rule_files import LANGUAGES, load_language
from dedupe.attribution.rules import FurnitureRule, Language, Rule
from dedupe.errors import RuleInvalid
from dedupe.models import Article, Attribution

__all__ = ["check_furniture", "check_language", "check_rule", "main"]


def _article(example: Mapping[str, Any]) -> Article:
    host = example.get("host")
    return Article("example", None, f"https://{host}/" if host else None, "", example["text"])


def _read(extractor: Extractor, example: Mapping[str, Any]) -> Attribution | None:
    return extractor.extract([_article(example)])[0]


def _differences(example: Mapping[str, Any], rule: Rule, found: Attribution) -> Iterator[str]:
    kind = example.get("kind", rule.kind.value)
    if found.kind.value != kind:
        yield f"kind is {found.kind.value}, wanted {kind}"
    got = {
        "source": found.original_source or "",
        "url": found.source_url or "",
        "republisher": found.republisher or "",
        "license": found.license or "",
        "via": list(found.via),
        "authors": list(found.authors),
        "agencies": list(found.agencies),
    }
    for key, value in got.items():
        if key in example and example[key] != value:
            yield f"{key} is {value!r}, wanted {example[key]!r}"


def _check_positive(extractor: Extractor, rule: Rule, example: Mapping[str, Any]) -> Iterator[str]:
    where = f"{rule.id}: {example['text']!r}"
    findings, _ = extractor.find(_article(example))
    found = _read(extractor, example)
    if found is None or not any(finding.rule == rule.id for finding in findings):
        others = sorted({finding.rule for finding in findings})
        yield f"{where}: this rule found nothing; others: {', '.join(others) or 'none'}"
        return
    for difference in _differences(example, rule, found):
        yield f"{where}: {difference} (rules: {', '.join(sorted({c.rule for c in found.claims}))})"


def _check_negative(extractor: Extractor, rule: str, text: str) -> Iterator[str]:
    found = _read(extractor, {"text": text})
    if found is not None and found.claims:
        claims = "; ".join(f"{claim.rule} says {claim.name!r}" for claim in found.claims)
        yield f"{rule}: must find nothing in {text!r}, but {claims}"


def check_rule(extractor: Extractor, rule: Rule) -> list[str]:
    """Run the examples of one rule; returns one sentence for each that fails."""
    failures: list[str] = []
    for example in rule.positive:
        failures += _check_positive(extractor, rule, example)
    for text in rule.negative:
        failures += _check_negative(extractor, rule.id, text)
    return failures


def check_furniture(extractor: Extractor, rule: FurnitureRule) -> list[str]:
    """Run the examples of one furniture rule, each as a line between two others."""
    failures = []
    for text in rule.positive:
        found = _read(extractor, {"text": f"Abc.\n{text}\nAbc."})
        if found is None or not any(f.rule == rule.id for f in found.furniture):
            failures.append(f"{rule.id}: {text!r} is not cut")
    for text in rule.negative:
        found = _read(extractor, {"text": f"Abc.\n{text}\nAbc."})
        if found is not None and found.furniture:
            failures.append(f"{rule.id}: {text!r} is cut")
    return failures


def check_language(extractor: Extractor, language: Language) -> list[str]:
    """Run all examples of one language; returns one sentence for each that fails."""
    failures = [failure for rule in language.rules for failure in check_rule(extractor, rule)]
    for furniture in language.furniture:
        failures += check_furniture(extractor, furniture)
    return failures


def _readable(folder: Path) -> tuple[list[Language], list[str]]:
    """Languages of the files that can be read, and what is wrong with the others."""
    languages, failures = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            languages.append(load_language(path))
        except RuleInvalid as error:
            failures.append(str(error))
    return languages, failures


def main(arguments: Sequence[str]) -> int:
    """Check the languages named (all, if none is); 0 if every example holds."""
    languages, failures = _readable(LANGUAGES)
    extractor = build_extractor(languages)
    wanted = [language for language in languages if not arguments or language.code in arguments]
    missing = set(arguments) - {language.code for language in languages}
    failures += [f"{code}: no file says language = {code!r}" for code in sorted(missing)]
    for language in wanted:
        failed = check_language(extractor, language)
        examples = sum(len(rule.positive) + len(rule.negative) for rule in language.rules)
        counts = f"{len(language.rules)} rules, {examples} examples, {len(failed)} fail"
        sys.stdout.write(f"{language.code}: {counts}\n")
        failures += failed
    sys.stdout.writelines(f"  {failure}\n" for failure in failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
