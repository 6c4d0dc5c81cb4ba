"""The five milestones of an incident, told by the words of a timeline's entries.

Detected, impact confirmed, cause identified, fix deployed, stable: in seven languages. The first
entry that fits is the milestone; an entry is one milestone at most.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.learning.postmortem import MILESTONES, Event, Milestone

_TROUBLE = r"\b(?:impact|outage|issue|down|broken|affected|unavailable|failing|problem|incident)"
_FOUND = r"\b(?:identified|found|determined|discovered|known|located|confirmed|isolated|pinpointed)"
_FIND = (
    r"\b(?:identif|found|find|determin|discover|pinpoint|trac|isolat|reali[sz]|diagnos)\w*\b"
    r".{0,60}"
)
_CAUSE = r"\b(?:cause|culprit|reason|due to|caused by|the bug|misconfigur\w*)"
_LIVE = (
    r"\b(?:deployed|applied|released|merged|rolled out|pushed|live|in place|completed?|landed)\b"
)
_DEPLOY = r"\b(?:deploy|appl|releas|merg|roll|push|implement|land)\w*\b.{0,40}"
_WELL = (
    r"\b(?:restored|recovered|back up|healthy|operational|resolved|normal(?:ly)?|over|closed"
    r"|working|fine|online)\b"
)
# Milestone, the first four letters of the words of which a text has one, what then has to be found
# in it (all in small letters: patterns that ignore case take twice the time).
_RULES: tuple[tuple[Milestone, str, str], ...] = (
    ("detected", "dete", r"\bdetect(?:s|ed|ion)?\b|detectad|detecta\b|detecte\b"),
    ("detected", "noti", r"\bnotic(?:ed?|es)\b|notificad"),
    ("detected", "page", r"\bpaged\b"),
    ("detected", "disc", r"\bdiscover(?:s|ed|ing)\b"),
    ("detected", "aler", r"\balert(?:e|a)?s?\b(?! (?:cleared|resolved|closed|stop))|\balerted\b"),
    ("detected", "alar", r"\balarms?\b"),
    ("detected", "repo", r"\breport(?:s|ed|ad[oa]s?)\b|(?:first|user|customer|\dnd|\drd)s? report"),
    (
        "detected",
        "firs init",
        r"\b(?:first|initial(?:ly)?) (?:\w+ )?(?:seen|observed|symptom|page)",
    ),
    ("detected", "inci", r"incident (?:begins|started|opened|identified)"),
    ("detected", "upti heal", r"uptime check|health\s?check.{0,30}fail"),
    ("detected", "erro fail issu prob", r"(?:errors?|failures?|issue|problem) (?:seen|identified)"),
    ("detected", "obse spot", r"\b(?:observed|spotted)\b|observad"),
    ("detected", "erka entd beme geme meld", r"erkannt|entdeckt|bemerkt|gemeldet|meldung"),
    ("impact-confirmed", "conf veri", rf"\b(?:confirm\w*|verif(?:y|ies|ied))\b.{{0,50}}{_TROUBLE}"),
    ("impact-confirmed", "conf veri repr", rf"{_TROUBLE}\b.{{0,20}}\b(?:confirmed|verified|repr)"),
    ("impact-confirmed", "conf", r"(?:degradation|failure|scope)\b.{0,20}\bconfirmed"),
    ("impact-confirmed", "conf", r"impact (?:est )?confirm|impacto (?:\w+ )?confirmado"),
    (
        "impact-confirmed",
        "decl",
        r"\bdeclare[sd]?\b.{0,20}\b(?:incident|outage)|incident.{1,8}decl",
    ),
    ("cause-identified", "caus culp reas sour bug", rf"\b(?:cause|culprit|bug)\b.{{0,30}}{_FOUND}"),
    ("cause-identified", "reas sour", rf"\b(?:reason|source)\b.{{0,30}}{_FOUND}"),
    (
        "cause-identified",
        "iden foun find dete disc pinp trac isol real diag",
        rf"{_FIND}{_CAUSE}",
    ),
    ("cause-identified", "ursa", r"ursache.{0,40}(?:gefund|identifi|erkannt|ermittelt|bekannt)"),
    ("cause-identified", "caus", r"cause.{0,40}(?:identifi|trouv|détermin)"),
    ("cause-identified", "caus", r"causa.{0,40}(?:identifi|encontrad|determinad|localizad)"),
    ("cause-identified", "iden enco", r"(?:identific|encontr)\w*.{0,30}causa"),
    ("fix-deployed", "fix fixe hotf hot", rf"\b(?:hot-?)?fix(?:es)?\b.{{0,40}}{_LIVE}"),
    ("fix-deployed", "fix fixe hotf hot", rf"{_DEPLOY}\b(?:hot-?)?fix(?:es)?\b"),
    ("fix-deployed", "fixe", r"\bpermanently fixed\b|(?:issue|problem|bug) (?:is |was )?fixed"),
    ("fix-deployed", "patc work miti", rf"\b(?:patch|workaround|mitigation)\b.{{0,40}}{_LIVE}"),
    ("fix-deployed", "patc work miti", rf"{_DEPLOY}\b(?:patch|workaround|mitigation)\b"),
    ("fix-deployed", "chan reso corr", rf"\b(?:change|resolution|correction)\b.{{0,40}}{_LIVE}"),
    (
        "fix-deployed",
        "roll",
        rf"\broll(?:ed|s|ing) back\b|^rollback\b|\brollback\b.{{0,40}}{_LIVE}",
    ),
    ("fix-deployed", "reve", r"\brevert(?:ed|s)\b|revertid"),
    ("fix-deployed", "repa miti", r"\brepaired\b|\bmitigated\b"),
    (
        "fix-deployed",
        "fix patc korr",
        r"(?:fix|korrektur|patch).{0,30}(?:ausgerollt|eingesp|deployt)",
    ),
    ("fix-deployed", "beho fehl", r"behoben|fehlerbehebung"),
    (
        "fix-deployed",
        "corr patc",
        r"(?:correctif|patch|correction).{0,40}(?:déploy|appliqu|en prod)",
    ),
    (
        "fix-deployed",
        "parc arre solu",
        r"(?:parche|arreglo|soluci).{0,40}(?:desplegad|aplicad|imple)",
    ),
    (
        "fix-deployed",
        "patc solu",
        r"(?:patch|solu).{0,40}(?:implantad|aplicad|publicad|implementad)",
    ),
    ("stable", "stab", r"\bstab(?:le|ili[sz]ed?|il)\b"),
    ("stable", "back norm", r"\bback to normal|\breturn\w* to normal|normalbetrieb|normalidad"),
    ("stable", "all", r"\ball clear\b"),
    ("stable", "reso", r"\bresolved\b|resolvid"),
    ("stable", "reco recu", r"\brecovered\b|recuperad"),
    ("stable", "rest", r"\brestored\b|restablecid|restaurad|restabelecid"),
    ("stable", "clos", r"^\W*closed\b|incident (?:is )?closed"),
    (
        "stable",
        "syst serv site hub clus",
        rf"\b(?:systems?|services?|site|hub|cluster)\b.{{0,40}}{_WELL}",
    ),
    ("stable", "ever all traf", rf"\b(?:everything|all|traffic)\b.{{0,40}}{_WELL}"),
    ("stable", "inci issu outa", rf"\b(?:incident|issue|outage)\b.{{0,40}}{_WELL}"),
    ("stable", "veri", r"\bverified\b(?!.{0,30}(?:impact|issue|problem))"),
    ("stable", "wied been", r"wiederhergestellt|wieder normal|beendet"),
    ("stable", "norm esta resu", r"normalizad|normalbereich|\bestable\b|resuelt"),
)
# The same for texts with other letters than a to z.
_OTHER: tuple[tuple[Milestone, str], ...] = (
    ("detected", r"détecté|signalé|repéré|検知|発覚|アラート|検出|気づ|より連絡|報告"),
    ("detected", r"发现|發現|告警|报警|检测|报障|反馈"),
    ("impact-confirmed", r"bestätigt (?:die|den|das) (?:störung|ausfall|problem|fehler|vorfall)"),
    ("impact-confirmed", r"(?:auswirkung\w*|störung).{0,20}bestätigt|影響.{0,8}(?:確認|判明)"),
    ("impact-confirmed", r"影响.{0,8}(?:确认|確認)"),
    ("cause-identified", r"原因.{0,12}(?:特定|判明|确认|確認|定位|查明|找到|発見|と判断)|根因"),
    ("cause-identified", r"(?:定位|找到|查明|特定).{0,12}原因"),
    ("fix-deployed", r"zurückgerollt|retour arrière|correção.{0,40}(?:implantad|aplicad|publicad)"),
    ("fix-deployed", r"corrección.{0,40}(?:desplegad|aplicad|implementad)"),
    (
        "fix-deployed",
        r"修正.{0,16}(?:デプロイ|適用|反映|リリース|完了)|切り戻し|ロールバック|再起動",
    ),
    ("fix-deployed", r"修复.{0,16}(?:部署|上线|发布|完成)|(?:部署|上线|发布).{0,12}修复|回滚|重启"),
    ("stable", r"rétabli|retour à la normale|résolu|estável|復旧|安定|回復|解消|収束"),
    ("stable", r"恢复|恢復|稳定|解决|正常"),
)
_NOT_YET = re.compile(
    r"(?:\b(?:not|no|never|un|yet to|trying to|attempt\w*|will|should|nicht|noch|pas|non|sin|não"
    r"|in order to|to be)\b|n['\u2019]t|\bfails? to\b)\W*(?:\w+\W+){0,2}$"
)
_NOT_YET_AFTER = re.compile(r"\s?(?:せず|しない|していない|できず|失败|未)")
# What ends an incident cannot be its first entry.
_LATE = frozenset({"fix-deployed", "stable"})
_MAX = 140
_WORD = re.compile(r"[a-z]+")
_STEM = 4

_Rule = tuple[Milestone, re.Pattern[str]]


def _by_stem() -> dict[str, list[_Rule]]:
    rules: dict[str, list[_Rule]] = defaultdict(list)
    for name, stems, pattern in _RULES:
        for stem in stems.split():
            rules[stem].append((name, re.compile(pattern)))
    return dict(rules)


_BY_STEM = _by_stem()
_OF_OTHERS = tuple((name, re.compile(pattern)) for name, pattern in _OTHER)


def mark(events: Iterable[Event]) -> Iterator[Event]:
    """The entries with their milestones."""
    found: set[Milestone] = set()
    for number, event in enumerate(events):
        wanted = [
            name for name in MILESTONES if name not in found and (number or name not in _LATE)
        ]
        name = _milestone(event.text[:_MAX].lower(), wanted) if wanted else None
        if name:
            found.add(name)
        yield Event(event.at, event.text, name, event.line, event.day) if name else event


def _milestone(text: str, wanted: Sequence[Milestone]) -> Milestone | None:
    """The first of the wanted milestones that a text tells."""
    rules = [] if text.isascii() else list(_OF_OTHERS)
    for stem in _BY_STEM.keys() & {word[:_STEM] for word in _WORD.findall(text)}:
        rules += _BY_STEM[stem]
    for name in wanted:
        for of, pattern in rules:
            if of == name and _fits(pattern, text):
                return name
    return None


def _fits(pattern: re.Pattern[str], text: str) -> bool:
    for match in pattern.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        if not _NOT_YET.search(before) and not _NOT_YET_AFTER.match(text, match.end()):
            return True
    return False
