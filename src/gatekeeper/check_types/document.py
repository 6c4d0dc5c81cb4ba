"""document: documents exist, are complete, are reviewed in time, and their links resolve.

    - check: runbooks
      type: document
      files: [README.md, "docs/runbooks/*.md"]
      with: {sections: [Rollback, Contacts], keys: [owner, reviewed], max-age: 180d}

`files:` says which: a path without glob characters must exist. Every Markdown file (`.md`,
`.markdown`) is read for

* `documents.missing`: a required path that does not exist;
* `documents.incomplete`: a stub (fewer than `min-words:` words of prose, by default 50; headings,
  code, TODO, TBD and lorem ipsum do not count); a heading that `sections:` names and that is
  missing or has nothing below it (case, numbers in front and a colon behind do not matter); a key
  of the front matter (YAML between `---`, TOML between `+++`) that `keys:` names and that is
  missing or empty; a date that is none;
* `documents.stale`: `reviewed: YYYY-MM-DD` in the front matter is longer ago than `max-age:`, or in
  the future; `next-review: YYYY-MM-DD` is over, whether or not `max-age:` is given;
* `documents.broken-links`: a link, image or anchor that does not resolve inside the repository, or
  leads out of it. Addresses with a scheme (`https:`, `mailto:`) are not followed.

Plain text (`.txt`, or no suffix) is only looked at for its words. Any other format, and what is no
UTF-8 text, is an error unless `may-skip: [GLOB]` names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gatekeeper.adapters import markdown, utf8
from gatekeeper.interfaces import CheckContext, CheckType
from gatekeeper.model import Finding, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARKDOWN = frozenset({".md", ".markdown"})
_PLAIN = frozenset({".txt", ""})
_GLOB = re.compile(r"^!|[*?\[]")
_DAYS = re.compile(r"([1-9]\d{0,3})d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# A one-letter scheme is a drive; `file:` names this machine, not the repository.
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:|//", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\b(?:todo|tbd|tbc|fixme|lorem ipsum\b.*)(?!\w)|\[[ x]\]", re.IGNORECASE | re.DOTALL
)
# Scripts without spaces: each character counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_NUMBER = re.compile(r"^\d+(?:\.\d+)*[.):]? ")


@dataclass(frozen=True, slots=True)
class Params:
    """What `with:` may hold; see the manual page above."""

    sections: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    min_words: int = 50
    max_age: str = ""
    may_skip: tuple[str, ...] = ()

    def problem(self) -> str:
        """What is wrong with the values, "" if nothing."""
        if self.max_age and not _DAYS.fullmatch(self.max_age):
            return f"`max-age: {self.max_age}`: write a number of days, such as 180d"
        if self.min_words < 0:
            return f"`min-words: {self.min_words}` is negative"
        empty = [name for name in (*self.sections, *self.keys) if not _heading(name)]
        return "a name in `sections:` or `keys:` is empty" if empty else ""


@dataclass(frozen=True, slots=True)
class _Site:
    """The files that links lead to, and the documents read so far (None: could not be read)."""

    ctx: CheckContext
    files: frozenset[str]
    folders: frozenset[str]
    documents: dict[str, markdown.Document | None] = field(default_factory=dict)

    def read(self, path: str) -> markdown.Document | None:
        """A document of the repository; None, and noted, where it cannot be read."""
        if path not in self.documents:
            self.documents[path] = _read(path, self.ctx)
        return self.documents[path]


def measure(params: Params, ctx: CheckContext) -> Measurement:
    """Examine the documents; a missing one counts as examined, for its absence was seen."""
    site = _site(ctx)
    findings = [_missing(path) for path in _absent(ctx.check.files, site)]
    examined = len(findings)
    for path in ctx.files:
        if (document := site.read(path)) is not None:
            examined += 1
            findings += _examine(path, document, params, site)
    return Measurement(findings=tuple(findings), work={"documents": examined})


def _site(ctx: CheckContext) -> _Site:
    files = frozenset(ctx.tracked)
    folders = {".", ""}
    for path in files:
        while (path := dirname(path)) not in folders:
            folders.add(path)
    return _Site(ctx, files, frozenset(folders))


def _absent(patterns: Sequence[str], site: _Site) -> Iterator[str]:
    """The required paths that are neither a file nor a folder of the repository."""
    for pattern in patterns:
        path = normpath(pattern.lstrip("/"))
        if not (_GLOB.search(pattern) or path in site.files or path in site.folders):
            yield path


def _read(path: str, ctx: CheckContext) -> markdown.Document | None:
    suffix = _suffix(path)
    if suffix not in _MARKDOWN | _PLAIN:
        ctx.skip(path, f"is no Markdown but `{suffix}`: nothing reads that")
        return None
    stream = ctx.open(path)
    if stream is None:
        return None
    with stream:
        data = stream.read(markdown.MAX_BYTES + 1)
    if len(data) > markdown.MAX_BYTES:
        ctx.skip(path, f"is over {markdown.MAX_BYTES} bytes: split it")
        return None
    try:
        text = utf8.decode(data)
        return markdown.parse(text) if suffix in _MARKDOWN else _plain(text)
    except utf8.NotText as why:
        ctx.skip(path, str(why))
        return None


def _plain(text: str) -> markdown.Document:
    block = markdown.Block("prose", text, 1)
    return markdown.Document(markdown.FrontMatter(), (block,), (), frozenset())


def _examine(
    path: str, document: markdown.Document, params: Params, site: _Site
) -> Iterator[Finding]:
    today = site.ctx.now.astimezone(UTC).date()
    problems = [
        *_stub(document, params.min_words),
        *_sections(document, params.sections),
        *_front_matter(document.front_matter, params),
        *_reviews(document.front_matter, params, today),
        *_links(path, document, site),
    ]
    for line, rule, message in problems:
        yield Finding(rule, message, "high", "document", path, line)


def _missing(path: str) -> Finding:
    message = f"{path} does not exist: write it, or take it out of the check's `files:`"
    return Finding("missing", message, "high", "document", path)


# A problem of a document: its line, its rule, its message.
_Problem = tuple[int, str, str]


def _stub(document: markdown.Document, least: int) -> Iterator[_Problem]:
    words = sum(_words(block.text) for block in document.blocks if block.kind == "prose")
    if words < least:
        yield 1, "incomplete", f"is a stub: {words} words of prose, at least {least} are wanted"


def _words(text: str) -> int:
    """The words of a text, placeholders left out."""
    return len(_WORD.findall(_PLACEHOLDER.sub(" ", text)))


def _sections(document: markdown.Document, names: Sequence[str]) -> Iterator[_Problem]:
    """The sections that are missing, or hold nothing but headings and placeholders."""
    if not names:
        return
    found: dict[str, tuple[int, bool]] = {}
    for n, block in enumerate(document.blocks):
        if block.level:
            name = _heading(block.text)
            filled = found.get(name, (0, False))[1] or _filled(document.blocks, n)
            found[name] = block.line, filled
    for name in names:
        line, filled = found.get(_heading(name), (1, False))
        if _heading(name) not in found:
            yield (
                1,
                "incomplete",
                f"has no section `{name}`: add a heading of that name and its text",
            )
        elif not filled:
            yield line, "incomplete", f"the section `{name}` is empty: write it"


def _filled(blocks: Sequence[markdown.Block], heading: int) -> bool:
    """Whether anything stands between a heading and the next one that is not below it."""
    for block in blocks[heading + 1 :]:
        if block.level:
            if block.level <= blocks[heading].level:
                return False
        elif _words(block.text) or markdown.IMAGE in block.text:
            return True
    return False


def _heading(text: str) -> str:
    """A heading as it is compared: one case, single spaces, no number in front, no colon behind."""
    return _NUMBER.sub("", " ".join(text.casefold().split())).rstrip(" :.")


def _front_matter(front_matter: markdown.FrontMatter, params: Params) -> Iterator[_Problem]:
    if front_matter.problem:
        yield front_matter.line, "incomplete", f"the front matter {front_matter.problem}"
    elif params.keys and not front_matter.line:
        keys = ", ".join(f"`{key}:`" for key in params.keys)
        yield 1, "incomplete", f"has no front matter: start the file with --- lines around {keys}"
    else:
        for key in params.keys:
            if not _present(front_matter.values.get(key)):
                line = front_matter.lines.get(key, 1)
                yield (
                    line,
                    "incomplete",
                    f"`{key}:` in the front matter is missing or empty: fill it in",
                )


def _present(value: Any) -> bool:
    """Whether a value says something."""
    return bool(_words(value)) if isinstance(value, str) else value not in (None, [], {})


def _reviews(values: markdown.FrontMatter, params: Params, today: date) -> Iterator[_Problem]:
    """What the dates of the front matter say; the day of `next-review` itself is still in time."""
    limit = _DAYS.fullmatch(params.max_age)
    for key in ("reviewed", "next-review"):
        line, text = values.lines.get(key, 1), str(values.values.get(key))
        day = _date(text)
        if not _present(values.values.get(key)):
            if key == "reviewed" and limit and key not in params.keys:
                yield line, "incomplete", "the front matter has no `reviewed: YYYY-MM-DD`: write it"
        elif day is None:
            yield line, "incomplete", f"`{key}: {text}` is no date: write YYYY-MM-DD"
        elif why := _overdue(day, today, limit) if key == "reviewed" else _passed(day, today):
            yield line, "stale", why


def _overdue(reviewed: date, today: date, limit: re.Match[str] | None) -> str:
    """What is wrong with the day of a review, "" if nothing."""
    if reviewed > today:
        return f"`reviewed: {reviewed}` is in the future: in UTC it is {today}"
    if limit and today - reviewed > timedelta(days=int(limit[1])):
        age = (today - reviewed).days
        return f"was reviewed {age} days ago, over {limit[1]}: review it again, renew the date"
    return ""


def _passed(due: date, today: date) -> str:
    return f"its review was due on {due}: review it, write the next date" if due < today else ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _links(path: str, document: markdown.Document, site: _Site) -> Iterator[_Problem]:
    for link in document.links:
        if not _ELSEWHERE.match(link.target) and (why := _broken(path, link.target, site)):
            yield link.line, "broken-links", f"the link `{link.target}` is broken: {why}"


def _broken(source: str, target: str, site: _Site) -> str:
    """Why a link does not resolve, "" if it does."""
    if not target:
        return "it names nothing"
    address, _, fragment = target.partition("#")
    try:
        address = unquote(address.partition("?")[0], errors="strict")
        fragment = unquote(fragment, errors="strict")
    except UnicodeDecodeError:
        return "its percent-encoding is no UTF-8"
    path = _resolve(source, address)
    if path == ".." or path.startswith("../"):
        return "it leads out of the repository"
    if path not in site.files and path not in site.folders:
        return f"the repository has no {path}"
    if _anchored(path, fragment, site):
        return ""
    return f"{path} has no heading or anchor `#{fragment}`"


def _resolve(source: str, address: str) -> str:
    """The path that a link in a document leads to; `..` in front where it leads out."""
    if address.lower().startswith("file:"):
        return ".."
    if address.startswith("/"):
        return normpath(address.lstrip("/"))
    return normpath(join(dirname(source), address)) if address else source


def _anchored(path: str, fragment: str, site: _Site) -> bool:
    """Whether a fragment is there; of other files than Markdown nothing is known."""
    if fragment.lower() in {"", "top"} or path in site.folders or _suffix(path) not in _MARKDOWN:
        return True
    document = site.read(path)
    return document is None or fragment in document.anchors  # what was not read has been noted


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


PLUGIN = CheckType(
    api=1,
    measure=measure,
    params=Params,
    always=(
        "documents.missing",
        "documents.stale",
        "documents.incomplete",
        "documents.broken-links",
    ),
    expect={
        "documents.missing": "== 0",
        "documents.stale": "== 0",
        "documents.incomplete": "== 0",
        "documents.broken-links": "== 0",
    },
    needs=("files",),
    refuses=("whole", "version", "cwd", "env", "batch"),
)
