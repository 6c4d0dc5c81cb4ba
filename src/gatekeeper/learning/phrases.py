"""The words by which the lint of post-mortems knows blame, hedges and surface causes.

In English, German, French, Spanish, Portuguese, Japanese and Chinese, in any letter case. Each
phrase is written twice where needed: as whole words, and for scripts without spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator


def _phrase(words: str, script: str) -> re.Pattern[str]:
    """Whole words of one expression, or any place of the other."""
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)|{script}", re.IGNORECASE)


# What is said of people -> the question that leads further.
_BLAME = {
    _phrase(
        r"human (?:error|failure|mistake)s?|(?:operator|user|pilot) errors?|bedienfehler"
        r"|menschliche[ns]? (?:versagen|fehler)|erreurs? humaines?|error(?:es)? humanos?"
        r"|fall[oa]s? human[oa]s?|erros? humanos?",
        r"ヒューマンエラー|人的ミス|人為的(?:な)?ミス|操作ミス|人为(?:错误|失误|过失)|人為錯誤|操作失误",
    ): "what made this easy to get wrong and hard to notice, and what would have caught it?",
    _phrase(
        r"(?:should|ought to|could) have (?:known|noticed|reali[sz]ed|remembered|foreseen|checked"
        r"|double-checked|been (?:more )?careful|paid (?:more )?attention)"
        r"|hätten? (?:es |das )?(?:wissen|merken|bemerken|erkennen|prüfen) müssen"
        r"|aur(?:ait|ions|aient) dû (?:savoir|vérifier|remarquer|voir)"
        r"|deber?ía(?:n|mos)? haber(?:lo)? (?:sabido|notado|comprobado|verificado|visto)"
        r"|dever?ia(?:m|mos)? ter (?:sabido|notado|verificado|percebido|visto)",
        r"(?:気づく|知っている|確認する|確認しておく|注意する)べきだった|应该(?:早)?(?:知道|发现|注意到)"
        r"|應該(?:知道|發現|注意到)",
    ): "what did they see at the time, and what would have shown them the rest?",
    _phrase(
        r"careless(?:ly|ness)?|negligen(?:t|tly|ce)|slopp(?:y|iness)|incompeten(?:t|ce)"
        r"|inattenti(?:ve|on)|complacen(?:t|cy)|lack of (?:care|attention|diligence|discipline)"
        r"|unachtsam(?:keit)?|fahrlässig(?:keit)?|leichtsinn(?:ig)?|nachlässig(?:keit)?"
        r"|négligence|étourderie|descuidos?|negligencia|negligência|desatenção",
        r"不注意|うっかり|怠慢|疏忽|粗心|马虎|馬虎",
    ): "what did the situation ask of a person that a check could have asked instead?",
    _phrase(
        r"forg[eo]t(?:ten)? to|(?:did ?n[o']t|did not|failed to) remember to|vergessen,? zu|vergaß"
        r"|(?:a|ont|avait) oublié de|olvid(?:ó|aron)(?: de)?|esquece(?:u|ram)(?:-se)? de",
        r"忘れ(?:た|ていた)|忘记|忘記",
    ): "why did the step depend on somebody's memory, and what could do it or ask for it?",
    _phrase(
        r"(?:\w+'s|his|her|their|my|your) (?:own )?fault|(?:is|are|was|were) to blame"
        r"|(?:failed to|did ?n[o']t|did not) (?:follow|obey|read) (?:the |our |his |her |their )?"
        r"(?:procedures?|process|runbooks?|instructions?|polic(?:y|ies)|guidelines?|rules?)"
        r"|schuld (?:hat|hatte|war|ist)|(?:ist|war) schuld|par (?:la|sa|leur) faute"
        r"|por culpa d(?:e|o|a|el)",
        r"(?:の|が)責任(?:だ|である)|的(?:错|責任|责任)。",
    ): "which condition let one action have this effect, and what removes that condition?",
}
# Not said, but denied or quoted.
_DENIED = re.compile(
    r"""(?:\b(?:not|no|never|than|instead of|kein\w*|nicht|pas|sans|não|sin|sem)\s(?:\w+\s){0,2}"""
    r"""|["'“«「])$""",
    re.IGNORECASE,
)

_HEDGE = _phrase(
    r"(?:re-?)?consider(?:ing)?|look(?:ing)? in ?to|think(?:ing)? about|maybe|perhaps|possibly"
    r"|explor(?:e|ing) (?:the )?(?:possibilit(?:y|ies)|options?|ideas?|whether|if|how)"
    r"|(?:could|may|might) (?:want to|look|try|maybe|perhaps)|see (?:if|whether)"
    r"|(?:be|being) more careful|keep in mind"
    r"|erwägen|überlegen|vielleicht|eventuell|möglicherweise|nachdenken über|darüber nachdenken"
    r"|envisager|réfléchir|peut-être|songer à|voir si"
    r"|considerar|plantear(?:se)?|valorar|quizás?|tal vez|pensar (?:en|em)|ver (?:si|se)|talvez",
    r"可能(?:要|需要)?|也许|或许|考虑|考慮|今後検討",
)
# Languages that say last what is to be done hedge at the end.
_HEDGE_LAST = re.compile(
    r"(?:を|の)検討(?:する|します|したい|中)?[。.]?$|(?:erwägen|überlegen|nachdenken)\.?$",
    re.IGNORECASE,
)
# What may stand in front of the first word that counts: a name, `we should`.
_LEAD = re.compile(
    r"(?:\[[^\]\n]{1,40}\]|\([^)\n]{1,40}\)|@[\w-]{1,40}"
    r"|(?:we|team|they|let's|let us|should|shall|to|also|and|then|will|need to|please|wir|sollten"
    r"|nous|devrions|deberíamos|devemos|我们|我們|应|應)(?!\w))[\s,:-]{0,3}",
    re.IGNORECASE,
)

_THING = (
    r"(?:server|service|pod|node|database|db|cluster|host|machine|app|application|disk|network"
    r"|system|instance|container|api|site|website|cache|queue|proxy|load balancer)s?"
)
# A cause that says what broke ...
_SURFACE = _phrase(
    r"(?:bad|broken|buggy|faulty|wrong|incorrect|defective) (?:\w+ )?(?:code|change|commit|release"
    r"|config(?:uration)?|deploy(?:ment)?|version|patch|update|query|migration)"
    rf"|{_THING} (?:(?:was|were|went|had|has|got|became|is|just|simply) ){{0,2}}(?:crash(?:ed|ing)?"
    r"|down|died|dead|failed|offline|unavailable|full|overloaded|hung|broke|ran out of \w+)"
    r"|(?:an?|some) (?:\w+ ){0,2}(?:bug|typo|error|glitch|outage|issue|problem|misconfiguration"
    r"|mistake)|misconfiguration|(?:human|operator|user) error"
    r"|(?:fehlerhafte|schlechte|defekte)[rsn]? (?:code|änderung|konfiguration|release)"
    r"|(?:server|dienst|datenbank|system) \w+ (?:abgestürzt|ausgefallen)|stürzte ab|fiel aus"
    r"|ein (?:bug|fehler|problem)|menschliches versagen"
    r"|mauvais code|code défectueux|un (?:bogue|bug)|une (?:erreur|panne)|est tombé|a planté"
    r"|código (?:malo|erróneo|defectuoso|ruim|errado|defeituoso)|se cay(?:ó|eron)|ca(?:iu|íram)"
    r"|una? (?:error|fallo|bug|problema)|uma? (?:erro|bug|problema|falha)",
    r"(?:サーバー?|サービス|システム|データベース)が?(?:落ち|ダウン|停止|クラッシュ)|バグ"
    r"|(?:服务器?|系统|数据库)(?:发生)?(?:宕机|崩溃|挂|故障|中断)|(?:代码|程序)(?:有|存在|的)?(?:错误|bug|缺陷)",
)
# ... and not what let it break, or let it through.
_SYSTEMIC = _phrase(
    r"because|since|allow\w*|nothing|nobody|no one|never|without|lack\w*|missing|absen(?:t|ce)"
    r"|only|instead|assum\w+|untested|unaware|test(?:s|ed|ing)?|review\w*|monitor\w*|alert\w*"
    r"|check(?:s|ed|ing)?|valid(?:at\w+)|limits?|process|procedures?|polic(?:y|ies)|design\w*"
    r"|safeguards?|guards?|weil|ohne|fehl(?:t\w*|end\w*)|nie(?:mand)?|kein\w*|\w*prüf\w*|überwach\w*"
    r"|obwohl|parce que|car|sans|aucune?|manqu\w+|jamais|vérifi\w+|surveill\w+|porque|sin"
    r"|ning[uú]n\w*|falt\w+|nunca|nadie|sem|nenhum\w*|ninguém|pruebas?|testes?|revis\w+",
    r"なかった|なく|ため|不足|欠如|テスト|監視|レビュー|確認|没有|缺少|缺乏|未|因为|测试|监控|审查|審查",
)
# A longer cause goes beyond its first words, whatever they are.
_SHORT = 240


def blame(text: str) -> Iterator[tuple[str, str]]:
    """What a text says against people, once of each kind, and the question that leads further."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for pattern, question in _BLAME.items():
        for match in pattern.finditer(text):
            if not _DENIED.search(text, max(0, match.start() - 30), match.start()):
                yield match[0], question
                break


def hedge(text: str) -> str:
    """The words of an action item that put off the action, or ""."""
    start = 0
    while lead := _LEAD.match(text, start):
        start = lead.end()
    found = _HEDGE.match(text, start) or _HEDGE_LAST.search(text)
    return found[0] if found else ""


def surface(text: str) -> str:
    """The words of a root cause that only say what broke, or ""."""
    found = _SURFACE.search(text) if len(text) <= _SHORT else None
    return found[0] if found and not _SYSTEMIC.search(text) else ""
