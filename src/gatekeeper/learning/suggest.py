"""Suggestions by words: which texts look most like another one. Pure.

Words alone match badly, so nothing links by them: a person reads a suggestion and decides. A text
is the set of its words, stemmed; a word weighs as much as it is rare (inverse document frequency);
the score is the cosine of the angle between two texts, from 0 to 1.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from gatekeeper.config.policy import CheckPolicy
from gatekeeper.learning.postmortem import PostMortem

# What scores less has hardly a word in common.
_LEAST = 0.15
# Texts looked at for one query: the rarest words come first, and common ones tell little.
_BUDGET = 500
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
_PLAIN = frozenset({"and", "the", "for", "that", "this", "with", "from", "into", "are", "was"})
_SUFFIX = re.compile(r"(?:at(?:ions?|ings?|ed|es?)|ings?|ions?|ed|ers?|ments?|ly|(?<!s)s)$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that looks alike: its id, and how much, from 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Index:
    """Texts by their words: word -> the texts that hold it; `lengths` are those of the texts."""

    ids: tuple[str, ...]
    holding: Mapping[str, tuple[int, ...]]
    lengths: tuple[float, ...]

    def weight(self, word: str) -> float:
        """How much a word tells; 0 for one that no text holds."""
        held = len(self.holding.get(word, ()))
        return math.log(1 + len(self.ids) / held) if held else 0.0


def index(texts: Mapping[str, str]) -> Index:
    """Make texts, by id, ready to be looked up."""
    holding: dict[str, list[int]] = defaultdict(list)
    words = [words_of(text) for text in texts.values()]
    for n, found in enumerate(words):
        for word in found:
            holding[word].append(n)
    held = {word: tuple(places) for word, places in holding.items()}
    bare = Index(tuple(texts), held, ())
    weights = {word: bare.weight(word) ** 2 for word in held}
    lengths = tuple(math.sqrt(sum(weights[word] for word in found)) for found in words)
    return Index(bare.ids, held, lengths)


def nearest(index: Index, text: str, most: int = 3) -> tuple[Suggestion, ...]:
    """The texts that look most like another one, best first; few, and none that is far off."""
    weights = sorted(((index.weight(word), word) for word in words_of(text)), reverse=True)
    unknown = math.log(1 + len(index.ids))
    length = math.sqrt(sum((weight or unknown) ** 2 for weight, _ in weights))
    scores = _scores(index, weights)
    found = ((-score / (length * index.lengths[n]), index.ids[n]) for n, score in scores.items())
    best = nsmallest(most, found)
    return tuple(Suggestion(id_, round(-score, 2)) for score, id_ in best if -score >= _LEAST)


def _scores(index: Index, weights: Iterable[tuple[float, str]]) -> Mapping[int, float]:
    """What each text has in common with the words, the rarest of which come first."""
    scores: dict[int, float] = defaultdict(float)
    left = _BUDGET
    for weight, word in weights:
        places = index.holding.get(word, ())
        if len(places) <= left:
            left -= len(places)
            for n in places:
                scores[n] += weight * weight
    return scores


def words_of(text: str) -> frozenset[str]:
    """The stems of a text; of scripts without spaces, each pair of neighbouring characters."""
    found = {stem(word) for word in _WORD.findall(text.casefold()) if len(word) > 2}
    for run in _SCRIPT.findall(text):
        found.update(run[n : n + 2] for n in range(len(run) - 1))
    return frozenset(found - _PLAIN)


def stem(word: str) -> str:
    """A word without the ending that its grammar gives it, roughly: `retries`, `retrying`, `retry`.

    English only, and wrong now and then: what is shown is a suggestion.
    """
    if not word.isascii() or len(word) < 4:
        return word
    word = re.sub(r"ie[sd]$", "y", word)
    bare = _SUFFIX.sub("", word)
    if len(bare) < 3:
        return word
    if bare[-1] == bare[-2] and bare[-1] not in "sl":
        bare = bare[:-1]
    return bare.removesuffix("e") if len(bare) > 4 else bare


def checks(found: Iterable[CheckPolicy]) -> Index:
    """An index of checks, by id: for an action item that nothing guards yet."""
    return index({check.id: about(check) for check in found})


def items(reports: Iterable[PostMortem]) -> Index:
    """An index of action items, by `PM-2026-003#AI-2`: for a check without an origin."""
    return index(
        {
            f"{report.id}#{item.id}": f"{item.text} {item.success or ''}"
            for report in reports
            for item in report.action_items
        }
    )


def about(check: CheckPolicy) -> str:
    """What a check is about, in words: its names, what it is given, the items it guards."""
    origins = (origin.text for origin in check.origin)
    return " ".join((check.id, check.title, *origins, *_texts(check.given)))


def _texts(value: object) -> Iterator[str]:
    """The texts inside a parameter."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
