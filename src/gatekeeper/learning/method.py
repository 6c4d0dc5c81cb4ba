"""The method by which a cause was found, and its chain or table as written."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.learning import headings, residue
from gatekeeper.learning.outline import Item, Node, Paragraph, Prose, Quote, Section, Table
from gatekeeper.learning.parts import Part, one_line, texts, whole
from gatekeeper.learning.postmortem import Cause, Method

_NAMES: dict[Method, re.Pattern[str]] = {
    "5-whys": re.compile(
        r"\b(?:5|five|fünf|cinq|cinco)[\s-]?(?:x\s)?(?:whys?|warums?|pourquois?|por\s?qu[eéê]s?)\b"
        r"|\bwhy analysis\b|なぜなぜ|[5五][つ个個]?(?:の)?(?:なぜ|为什么|為什麼)|五問法",
        re.IGNORECASE,
    ),
    "fishbone": re.compile(
        r"\bfish-?bone\b|\bishikawa\b|fischgr[aä]t|arêtes de poisson|espina de pescado"
        r"|espinha de peixe|特性要因図|魚骨|鱼骨|フィッシュボーン",
        re.IGNORECASE,
    ),
    "failure-mode-analysis": re.compile(
        r"\bfailure[\s-]modes?\b|\bfmeca?\b|fehlermöglichkeit|modes? de défaillance"
        r"|modos? de fallo|modos? de falha|故障モード|故障模式|失效模式",
        re.IGNORECASE,
    ),
}
_WHY = re.compile(
    r"\W*(?:\d\W{0,3})?(?:(?:1st|2nd|3rd|[45]th|first|second|third|fourth|fifth)\s)?"
    r"(?:why|warum|wieso|weshalb|pourquoi|por\s?qu[eéê]|なぜ|何故|为什么|為什麼|为何)(?![a-zà-ÿ])",
    re.IGNORECASE,
)
# `Why 1:`, `3.`: a step that is only counted.
_COUNT = re.compile(
    r"\W*(?:why|warum|pourquoi|por\s?qu[eéê]|なぜ)?\s*#?\d?\s*[.):\uff1a-]?\s*", re.IGNORECASE
)
_QUESTION = re.compile(r"[?\uff1f]\W*\Z")
# So many questions in one section are the method without its name.
_UNNAMED = 2

Step = tuple[str, int]


def read(parts: Sequence[Part]) -> tuple[Method | None, tuple[Cause, ...], int]:
    """Method, chain (whys, `category: cause`, rows `column: cell`), and its line; 0 for none."""
    for part in parts:
        method = _named(part)
        if method and (chain := _chain(method, part, parts)):
            return method, chain, part.line
        if method and part.field == "method":
            return method, (), part.line
    return next(_unnamed(parts), (None, (), 0))


def _named(part: Part) -> Method | None:
    return _name(f"{part.title} {part.text}" if part.field == "method" else part.title)


@functools.lru_cache(maxsize=4096)
def _name(text: str) -> Method | None:
    return next((name for name, words in _NAMES.items() if words.search(text)), None)


def _chain(method: Method, part: Part, parts: Sequence[Part]) -> tuple[Cause, ...]:
    """What stands below; of a method that is only named (`Method: 5 whys`), with the cause."""
    if part.field == "method":
        causes = (_read(method, one) for one in parts if one.role == "root-cause")
        return next(filter(None, causes), ())
    return _read(method, part)


def _read(method: Method, part: Part) -> tuple[Cause, ...]:
    if method == "5-whys":
        return tuple(_whys(_steps(part.nodes, part.sections)))
    if method == "fishbone":
        return tuple(_bones(part.nodes, part.sections))
    return tuple(_modes(part))


def _unnamed(parts: Sequence[Part]) -> Iterator[tuple[Method, tuple[Cause, ...], int]]:
    """A table of failure modes, or questions that ask why one after the other."""
    for part in parts:
        if part.role not in {"root-cause", "contributing-factors", "method"}:
            continue
        for table in _tables(part.nodes, part.sections):
            if any(_NAMES["failure-mode-analysis"].search(cell.text) for cell in table.header):
                yield "failure-mode-analysis", tuple(_rows(table)), part.line
        steps = list(_steps(part.nodes, part.sections))
        if sum(bool(_WHY.match(text)) for text, _ in steps) >= _UNNAMED:
            yield "5-whys", tuple(_whys(steps)), part.line


def _steps(nodes: Iterable[Node], sections: Iterable[Section]) -> Iterator[Step]:
    """Texts in the order of the document: items of any depth, lines that ask why, headings."""
    for node in nodes:
        if isinstance(node, Item):
            yield one_line(node.prose.text), node.line
            yield from _steps(node.children, ())
        elif isinstance(node, Table):
            yield from map(_row, node.rows)
        elif isinstance(node, Paragraph):
            yield from _lines(node.prose)
        elif isinstance(node, Quote):
            yield from _steps(node.nodes, ())
    for section in sections:
        if headings.role(section.title.text) in {None, "method"}:
            yield section.title.text, section.line
            yield from _steps(section.nodes, section.sections)


def _row(row: Sequence[Prose]) -> Step:
    told = (cell.text for cell in row if not _COUNT.fullmatch(cell.text))
    return one_line(" ".join(told)), row[0].line


def _lines(prose: Prose) -> Iterator[Step]:
    """A paragraph, cut where a line asks why."""
    text, line = "", prose.line
    for number, one in enumerate(prose.text.split("\n")):
        if text and _WHY.match(one):
            yield text, line
            text, line = "", prose.line + number
        text = f"{text} {one}".strip()
    yield text, line


def _whys(told: Iterable[Step]) -> Iterator[Cause]:
    """Each question with its answer; without any question, each text."""
    steps = [(text, line) for text, line in told if _WHY.match(text) or residue.says(text)]
    if any(_WHY.match(text) for text, _ in steps):
        steps = _answered(steps)
    for text, line in steps:
        if residue.says(_WHY.sub("", text, count=1)):
            yield Cause(text, line)


def _answered(steps: Iterable[Step]) -> list[Step]:
    """The questions, each with the text after it; what stands before the first belongs to none."""
    found: list[Step] = []
    for text, line in steps:
        if _WHY.match(text):
            found.append((text, line))
        elif found and (_QUESTION.search(found[-1][0]) or _COUNT.fullmatch(found[-1][0])):
            found[-1] = f"{found[-1][0]} {text}", found[-1][1]
    return found


def _bones(nodes: Iterable[Node], sections: Iterable[Section]) -> Iterator[Cause]:
    """`category: cause` for each cause of each category."""
    for node in nodes:
        if isinstance(node, Item):
            yield from _bone(node)
        elif isinstance(node, Table):
            for row in node.rows:
                yield from _category(row[0].text, [(cell.text, cell.line) for cell in row[1:]])
    for section in sections:
        yield from _category(section.title.text, texts(section.nodes))
        yield from _bones((), section.sections)


def _bone(item: Item) -> Iterator[Cause]:
    inner = [(whole(child), child.line) for child in item.children if isinstance(child, Item)]
    if inner:
        yield from _category(item.prose.text, inner)
    elif residue.says(text := whole(item)):
        yield Cause(text, item.line)


def _category(name: str, told: Iterable[Step]) -> Iterator[Cause]:
    for text, line in told:
        if residue.says(text):
            yield Cause(one_line(f"{name.rstrip(': ')}: {text}"), line)


def _modes(part: Part) -> Iterator[Cause]:
    """The rows of its tables, or else its items."""
    tables = list(_tables(part.nodes, part.sections))
    for table in tables:
        yield from _rows(table)
    if not tables:
        for node in part.nodes:
            if isinstance(node, Item) and residue.says(text := whole(node)):
                yield Cause(text, node.line)


def _tables(nodes: Iterable[Node], sections: Iterable[Section]) -> Iterator[Table]:
    yield from (node for node in nodes if isinstance(node, Table))
    for section in sections:
        yield from _tables(section.nodes, section.sections)


def _rows(table: Table) -> Iterator[Cause]:
    for row in table.rows:
        pairs = zip(table.header, row, strict=True)
        told = [f"{name.text}: {cell.text}" for name, cell in pairs if residue.says(cell.text)]
        if told:
            yield Cause(one_line("; ".join(told)), row[0].line)
