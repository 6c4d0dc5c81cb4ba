"""Read Markdown: front matter, headings, prose, links and anchors, each with its line.

CommonMark with GitHub's tables; anchors by GitHub's rules. Nothing is rendered or followed.
Sources: https://spec.commonmark.org/0.31.2/, and for anchors the table of contents filter of
https://github.com/gjtorikian/html-pipeline.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper.adapters import utf8
from gatekeeper.config import yamlfile
from gatekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import RuleFuncBlockType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

# A hostile file of this size keeps the parser busy for up to half a minute.
MAX_BYTES = 1 << 20
# The parser drops what is nested deeper, and takes time in proportion; a list is two levels.
_MAX_NESTING = 30
_CONTAINERS = frozenset({"list_item_open", "blockquote_open"})
_MAX_FRONT_MATTER = 1 << 16
# Stands for an image in the text of a block; no letter, so it leaves no trace in an anchor.
IMAGE = "\N{OBJECT REPLACEMENT CHARACTER}"

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])(id|name|href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE
)
# A line such as `[#2226]: Retry`, which a person means as text: its target looks like no address.
_NO_DEFINITION = re.compile(r"\[[^\]\n]{1,200}\]:[ \t]+[^\s/.:#@<]+[ \t]*$")
_HTML_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
# Rules of the parser, and what they find nothing without: to ask each at every line takes time.
# A pattern starts with a letter of its own, for which Python searches fast.
_NEEDS = {
    "table": ("|",),
    "code": ("\t", " " * 4),
    "fence": ("```", "~~~"),
    "blockquote": (">",),
    "reference": ("]:",),
    "html_block": ("<",),
}
_NEEDS_LIKE = {
    rule: tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)
    for rule, *patterns in (
        ("hr", r"-[ \t]*-[ \t]*-", r"\*[ \t]*\*[ \t]*\*", r"_[ \t]*_[ \t]*_"),
        ("lheading", r"-[ \t]*$", r"=[ \t]*$"),
    )
}
# With what a line starts for which a rule may find something: to look first is faster than to ask.
_SIGNS = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "-*_",
    "list": "-+*0123456789",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
}
# A front matter of nothing but words by their names, most of them, needs no parser of YAML.
_PLAIN_LINE = re.compile(r"([A-Za-z][\w-]*): ([A-Za-z0-9][\w./-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values before the text; `problem` says why they could not be read, "" if they could.

    `line` is the line of the first fence, 0 where there is no front matter. Numbers and dates are
    kept as text, the way they are written: `version: 3.10`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    line: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a `level` (1 to 6), prose, or code (both level 0); its text without markup."""

    kind: Literal["heading", "prose", "code"]
    text: str
    line: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image, its target as written."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """What a Markdown file holds; `anchors` are the fragments that a link may name."""

    front_matter: FrontMatter
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    anchors: frozenset[str]


def parse(text: str) -> Document:
    """Read a Markdown file; any text is valid Markdown, a front matter need not be valid.

    Raises NotText where blocks are nested so deep that some would be lost.
    """
    front_matter, body = split_front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks: list[Block] = []
    links: list[Link] = []
    names: set[str] = set()
    level = 0
    for token in _tokens(body):
        line = _line(token)
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline":
            prose = _inline(token.children or (), line, links, names)
            blocks.append(_block(prose, line, level))
            level = 0
        elif token.type == "html_block":
            blocks += html_blocks(token.content, line)
            _html_attributes(token.content, line, links, names)
        elif token.type in {"fence", "code_block"}:
            blocks.append(Block("code", token.content, line))
    names.update(_slugs(block.text for block in blocks if block.level))
    return Document(front_matter, tuple(blocks), tuple(links), frozenset(names))


def _block(text: str, line: int, level: int) -> Block:
    return Block("heading" if level else "prose", text, line, level)


def blocks(body: str) -> tuple[list[Token], Callable[[str], list[Token]]]:
    """The parser's block tokens, and what reads the inline source that some of them hold.

    Most of the time of parsing goes into emphasis and links, which many a line does not have. A
    line that only by accident is the definition of a link stays text. Raises NotText where blocks
    are nested so deep that some would be lost.
    """
    parser, start = _block_parser(_idle(body))
    env: dict[str, Any] = {}
    tokens: list[Token] = []
    state = start(body.replace("\0", "\ufffd"), parser, env, tokens)
    parser.block.tokenize(state, 0, state.lineMax)
    for token in tokens:
        if token.level >= _MAX_NESTING - 1:
            _refuse_lost(token)

    def inline(source: str) -> list[Token]:
        children: list[Token] = []
        parser.inline.parse(source, parser, env, children)
        return children

    return tokens, inline


def _idle(body: str) -> tuple[str, ...]:
    """The rules of the parser that find nothing in a document."""
    return (
        *(rule for rule, needed in _NEEDS.items() if not any(map(body.__contains__, needed))),
        *(rule for rule, like in _NEEDS_LIKE.items() if not any(one.search(body) for one in like)),
    )


def _tokens(body: str) -> Iterator[Token]:
    for token in _parser().parse(body):
        _refuse_lost(token)
        yield token


def _refuse_lost(token: Token) -> None:
    if token.level >= _MAX_NESTING - 1 and token.type in _CONTAINERS:
        raise utf8.NotText(f"nests blocks over {_MAX_NESTING} levels deep, at line {_line(token)}")


def _new_parser() -> MarkdownIt:
    """A parser; link targets stay as written: whether they resolve is asked later."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  costs time that most runs need not spend

    options = {"store_labels": True, "maxNesting": _MAX_NESTING}
    parser = MarkdownIt("commonmark", options).enable("table")
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.validateLink = lambda url: url is not None  # type: ignore[method-assign]
    return parser


_parser = functools.cache(_new_parser)


@functools.cache
def _block_parser(idle: tuple[str, ...]) -> tuple[MarkdownIt, type[StateBlock]]:
    """A parser of blocks only, without the rules that are idle, and where it starts from."""
    from markdown_it.rules_block import StateBlock  # noqa: PLC0415  the same

    class Start(StateBlock):
        """As the parser's, but that its tokens are quick to make: there are a hundred in a page."""

        def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
            if nesting < 0:
                self.level -= 1
            token: Any = _BlockToken(ttype, tag, nesting, self.level)
            if nesting > 0:
                self.level += 1
            self.tokens.append(token)
            return token  # type: ignore[no-any-return]

    parser = _new_parser().disable(["inline", "text_join"])
    for rule in parser.block.ruler.__rules__:
        if signs := _SIGNS.get(rule.name):
            unlike = _NO_DEFINITION if rule.name == "reference" else None
            rule.fn = _at_signs(rule.fn, signs, unlike)
    return parser.disable(idle), Start


class _BlockToken:
    """A token with what the parser's rules say of blocks; what they leave out is the class's."""

    map = children = None
    content = markup = info = ""
    hidden = False

    def __init__(self, type: str, tag: str, nesting: int, level: int) -> None:  # noqa: A002
        self.type = type
        self.tag = tag
        self.nesting = nesting
        self.level = level


def _at_signs(
    rule: RuleFuncBlockType, signs: str, unlike: re.Pattern[str] | None
) -> RuleFuncBlockType:
    """A rule that is asked only at lines that start with a sign of it, and are not like another."""

    def asked(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
        first = state.bMarks[start] + state.tShift[start]
        if state.src[first : first + 1] not in signs:
            return False
        if unlike and unlike.match(state.src, first, state.eMarks[start]):
            return False
        return rule(state, start, end, silent)

    return asked


def _line(token: Token) -> int:
    """The first line of a block; 0 for what closes one."""
    return token.map[0] + 1 if token.map else 0


def _inline(tokens: Iterable[Token], line: int, links: list[Link], names: set[str]) -> str:
    """The text of a paragraph, heading or cell; its links and anchors are added to the others."""
    parts: list[str] = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            line += 1
            parts.append("\n")
        elif token.type == "html_inline":
            _html_attributes(token.content, line, links, names)
            line += token.content.count("\n")
            parts.append(visible(token.content).strip(" "))
        elif token.type in {"link_open", "image"}:
            links += _link(token, line)
            parts.append(IMAGE if token.type == "image" else "")
        else:
            parts.append(token.content)  # of text and code; empty for the marks of emphasis
    return "".join(parts)


def _link(token: Token, line: int) -> Iterator[Link]:
    # `[^1]: word` is a footnote on GitHub, to CommonMark the definition of a link.
    if not str(token.meta.get("label", "")).startswith("^"):
        yield Link(str(token.attrGet("href") or token.attrGet("src") or ""), line)


def html_blocks(html: str, line: int) -> Iterator[Block]:
    """The visible text of an HTML block, its headings apart."""
    html = _without_comments(html)
    start, level = 0, 0
    for tag in _TAG.finditer(html):
        name = tag[1].lower()
        if name.removeprefix("/") in _HTML_HEADINGS:
            yield from _html_block(html, start, tag.start(), line, level)
            start, level = tag.end(), 0 if name[0] == "/" else int(name[1])
    yield from _html_block(html, start, len(html), line, level)


def _html_block(html: str, start: int, end: int, line: int, level: int) -> Iterator[Block]:
    if text := visible(html[start:end]).strip():
        yield _block(" ".join(text.split()), line, level)


def visible(html: str) -> str:
    """What HTML shows: its text and images."""
    return _TAG.sub(lambda tag: IMAGE if tag[1].lower() == "img" else " ", _without_comments(html))


def _html_attributes(html: str, line: int, links: list[Link], names: set[str]) -> None:
    """Add what the tags of a piece of HTML link to, and the anchors they set."""
    html = _without_comments(html)
    last = 0
    for tag in _TAG.finditer(html):
        line += html.count("\n", last, tag.start())
        last = tag.start()
        for name, *values in _ATTRIBUTE.findall(tag[2]):
            value = "".join(values)
            if name.lower() in {"id", "name"}:
                names.add(value)
            else:
                links.append(Link(value, line))


def _without_comments(html: str) -> str:
    """HTML with the line ends only of its comments, in linear time."""
    shown, *rest = html.split("<!--")
    for part in rest:
        comment, _, after = part.partition("-->")
        shown += "\n" * comment.count("\n") + after
    return shown


def _slugs(headings: Iterable[str]) -> Iterator[str]:
    """GitHub's anchors: lower case, no punctuation, `-` for a space, `-1` for the next like it."""
    seen: dict[str, int] = {}
    for heading in headings:
        slug = "".join(c for c in heading.lower() if c in " -" or _is_word(c)).replace(" ", "-")
        times = seen.get(slug, 0)
        seen[slug] = times + 1
        yield f"{slug}-{times}" if times else slug


def _is_word(character: str) -> bool:
    r"""Ruby's `\p{Word}`: letters, marks, decimal digits and connectors."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category in {"Nd", "Pc"}


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter, and the text with empty lines in its place: lines keep their number."""
    lines = text.split("\n")
    ends = _FENCES.get(lines[0].rstrip(), ())
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ends), 0)
    if not end:
        return FrontMatter(), text
    body = "\n" * (end + 1) + "\n".join(lines[end + 1 :])
    source = "\n".join(["", *lines[1:end], ""])
    if len(source) > _MAX_FRONT_MATTER:
        return FrontMatter(line=1, problem=f"is over {_MAX_FRONT_MATTER} characters"), body
    read = _read_yaml if lines[0].startswith("-") else _read_toml
    return read(source), body


def _read_yaml(source: str) -> FrontMatter:
    return _read_plain(source) or _read_any_yaml(source)


def _read_plain(source: str) -> FrontMatter | None:
    """A front matter whose every line names a word, each by another name; None for others."""
    told = [_PLAIN_LINE.fullmatch(line) for line in source.split("\n")[1:-1]]
    pairs = [(line[1], line[2]) for line in told if line]
    values = {name: _as_written(yamlfile.resolve(text)) for name, text in pairs}
    if not told or len(values) < len(told):
        return None
    return FrontMatter(values, {name: n for n, name in enumerate(values, 2)}, 1)


def _read_any_yaml(source: str) -> FrontMatter:
    try:
        document = yamlfile.parse("front matter", source.encode())
    except ConfigurationError as error:
        first = error.problems[0]
        return FrontMatter(line=1, problem=f"is no valid YAML: line {first.line}: {first.message}")
    values = document.value
    if values is None:
        return FrontMatter(line=1)
    if not isinstance(values, dict):
        return FrontMatter(line=1, problem="is no mapping of keys to values")
    lines = {str(path[0]): place.line for path, place in document.keys.items() if len(path) == 1}
    return FrontMatter({str(key): _as_written(value) for key, value in values.items()}, lines, 1)


def _read_toml(source: str) -> FrontMatter:
    import tomllib  # noqa: PLC0415  costs time that most runs need not spend

    try:
        values = tomllib.loads(source, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return FrontMatter(line=1, problem=f"is no valid TOML: {str(error) or 'nested too deep'}")
    return FrontMatter({key: _as_written(value) for key, value in values.items()}, {}, 1)


def _as_written(value: Any) -> Any:
    """Scalars as the text they were written as; lists, mappings, booleans and None as they are."""
    if isinstance(value, dict):
        return {str(key): _as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return str(getattr(value, "source", value))
