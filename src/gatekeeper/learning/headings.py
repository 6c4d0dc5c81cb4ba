"""The words by which teams head the parts of a post-mortem, in seven languages: one table.

A phrase of `PHRASES` counts where it stands in a short heading as whole words; of several, the
longest at the first place. Phrases of scripts without spaces count wherever they stand. The words
of `_ACTION_WORDS` are too common for that: a heading made of nothing but them and words that go
with them (`Technical improvements`) is about action items; `Actions taken` is not. Accents, case,
emoji, a number in front, and what stands in brackets do not matter; `oe` is `ö`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Literal, get_args

Role = Literal[
    "action-items",
    "prevention",
    "rejected",
    "timeline",
    "root-cause",
    "contributing-factors",
    "impact",
    "lessons",
    "participants",
    "decisions",
    "method",
    "detection",
    "summary",
    "resolution",
    "went-well",
    "went-wrong",
    "evidence",
]
ROLES: tuple[Role, ...] = get_args(Role)

_MAX_WORDS = 12
_COMPOUND = re.compile(r"\b(follow|to) (ups?|dos?)\b")
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|【|】")
_NUMBER = re.compile(r"^(?:[0-9]{1,3}(?:\.[0-9]{1,3})*[.):、]?|[IVX]{1,5}[.)]|[a-z][.)])\s+")
_MAX_REST = 2
_PLAIN_NUMBER = re.compile(r"^[0-9]{1,2}[.)、]\s*")
_WORD = re.compile(r"[^\W_]+|&")
_UMLAUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"}
)
# Hiragana, katakana, ideographs.
_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def fold(text: str) -> str:
    """The text without case and accents, to compare words by."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKC", text).translate(_UMLAUT).casefold()
    if _SCRIPT.search(plain):
        return plain
    parts = unicodedata.normalize("NFD", plain)
    return "".join(part for part in parts if not unicodedata.combining(part))


def words(text: str) -> tuple[str, ...]:
    """The words of a text, without case and accents; `Follow-up` is `follow up`."""
    return tuple(_WORD.findall(fold(text)))


def word_set(text: str) -> frozenset[str]:
    """The words of a table, without case and accents."""
    return frozenset(map(fold, text.split()))


# Separated by `|`; accents do not matter, an umlaut is written as on paper.
PHRASES: dict[Role, str] = {
    "action-items": """
        action item | action items | action point | action points | action list | review actions
        | corrective actions | corrective action | corrective measures | preventive measures
        | preventative measures | preventive actions | preventative actions | resulting action
        | resulting actions | remedial actions | follow up action | follow up actions
        | follow up items | follow up tasks | follow up work | next steps | action plan
        | action register | remediation plan | remediation items | remediation actions
        | corrective and preventive | corrective and preventative | work items
        | actions and follow ups | what are we doing | what we are doing | what we will do
        | what will we do | what we re doing | what are we going to do | capa | repair items
        | mitigation items | prevention items | folgemaßnahmen | korrekturmaßnahmen
        | vorbeugemaßnahmen | gegenmaßnahmen | verbesserungsmaßnahmen | präventionsmaßnahmen
        | maßnahmenplan | maßnahmenliste | nächste schritte | folgeaktionen | offene punkte
        | handlungsbedarf | handlungspunkte | aktionspunkte | folgeaufgaben | to do liste
        | actions correctives | actions correctrices | actions préventives | action corrective
        | actions à mener | actions de suivi | actions à entreprendre | plan d action
        | plan d actions | plans d action | mesures correctives | mesures correctrices
        | mesures préventives | prochaines étapes | points d action | actions de prévention
        | actions d amélioration | pistes d amélioration | actions prévues | liste des actions
        | acción correctiva | acciones correctivas | acciones preventivas
        | acciones de seguimiento | plan de acción | medidas correctivas | medidas preventivas
        | puntos de acción | próximos pasos | tareas pendientes | acciones a tomar
        | plan de mejora | elementos de acción | acciones de mejora | ações corretivas
        | ações preventivas | plano de ação | itens de ação | próximos passos | medidas corretivas
        | medidas preventivas | pontos de ação | ações de seguimento | ações de acompanhamento
        | ações de melhoria | アクションアイテム | 再発防止 | 今後の対応 | 今後の対策
        | 今後のアクション | 今後の取り組み | 今後の予定 | 恒久対応 | 恒久対策 | 恒久的な対応
        | 恒久的な対策 | 改善策 | 改善案 | 改善アクション | 改善項目 | 是正 | 予防措置 | 対応策
        | アクションプラン | ネクストアクション | 次のステップ | フォローアップ | やること
        | todoリスト | 行动项 | 行動項目 | 行动计划 | 行動計畫 | 改进措施 | 改進措施 | 改进项
        | 改进计划 | 改进方案 | 改善措施 | 后续行动 | 後續行動 | 后续计划 | 后续措施 | 后续改进
        | 后续跟进 | 後續追蹤 | 后续工作 | 后续动作 | 整改措施 | 整改计划 | 整改项 | 整改 | 待办
        | 待辦 | 下一步 | 预防措施 | 預防措施 | 纠正措施 | 矯正措施 | 跟进事项 | 跟進事項
        | 行动事项 | 行动清单 | next step | actionable items | actionables | preventive steps
        | preventative steps | corrective steps | steps to prevent | steps we are taking
        | steps we re taking | what we are changing | what we re changing | what are we changing
        | what are we going to change | changes we are making | changes we re making
        | what we plan to do | what happens next | what s next | improvement plan | future work
        | planned work | planned changes | planned improvements | moving forward | going forward
        | action tracker | follow ups and actions | how we re preventing | how we are preventing
        | permanent fix | permanent fixes | long term fix | long term fixes
        | eingeleitete folgemaßnahmen | offene aufgaben | weiteres vorgehen | nächste aufgaben
        | mesures à prendre | plan de remédiation | suites à donner | prochaines actions
        | actions décidées | à faire | actions futures | améliorations prévues | compromisos
        | siguientes pasos | pasos a seguir | próximas acciones | acciones a realizar
        | acciones futuras | acciones pendientes | acciones de prevención | acciones derivadas
        | próximas ações | plano de melhoria | ações a tomar | ações futuras | ações pendentes
        | ações de prevenção | 今後の課題 | 今後の改善 | 予防策 | 防止策 | 対応予定 | 宿題
        | 残課題 | 次のアクション | 优化措施 | 改进建议 | 优化方案 | 後續計畫 | 后续优化
        | 跟进计划 | 待跟进 | 改善计划 | 改善計畫 | 后续安排 | tasks to address the issue
        | tasks to fix | list of tasks | how to fix it | things to fix | things to improve
        | what can be improved and fixed | todo list | to do list | acciones por hacer
        | plan d amélioration
    """,
    "prevention": """
        prevention | preventing recurrence | prevent recurrence | how to prevent
        | how do we prevent | how can we prevent | how could we prevent | how will we prevent
        | how could this have been prevented | preventing this | prevent this | avoid this
        | prevention of recurrence | remediation | remediations | recommendation | recommendations
        | empfehlungen | recommandations | recomendaciones | recomendações | vorbeugung
        | prävention | prévention | comment éviter | prevención | cómo evitarlo | prevenção
        | como evitar | como prevenir | 予防 | 预防 | 預防 | 対策 | 改善点 | 改善 | 改进 | 改進
    """,
    "rejected": """
        decided not to | decided against | not doing | won t do | wontdo | will not do | rejected
        | not pursued | not planned | out of scope | discussed but | declined | verworfen
        | nicht umgesetzt | rejeté | rejetées | descartado | descartadas | descartadas | 見送り
        | 不采纳 | 不采用
    """,
    "timeline": """
        timeline | time line | chronology | chain of events | sequence of events | event log
        | key events | what happened when | incident log | zeitlicher ablauf | zeitverlauf
        | zeitleiste | zeitachse | chronologie | ablauf | verlauf | ligne de temps | déroulé
        | déroulement | frise chronologique | cronología | línea de tiempo | línea temporal
        | cronologia | linha do tempo | タイムライン | 時系列 | 経緯 | 时间线 | 時間線 | 时间轴
        | 時間軸 | 事件经过 | 處理經過
    """,
    "root-cause": """
        root cause | root causes | root cause analysis | cause analysis | causes | cause
        | analysis of causes | rca | working theory | what caused | technical cause | why did it
        | causal analysis | primary cause | underlying cause | diagnosis | ursache | ursachen
        | grundursache | ursachenanalyse | hauptursache | fehlerursache | cause racine
        | causes racines | cause première | causes profondes | analyse des causes | causa raíz
        | causas raíz | análisis de causa | causa principal | causa | causas | causa raiz
        | análise de causa | causas raiz | 原因 | 根因 | 根本原因 | 发生原因 | 發生原因
    """,
    "contributing-factors": """
        contributing factors | contributing factor | contributing conditions
        | contributory factors | contributing causes | trigger | triggers | aggravating factors
        | latent conditions | begünstigende faktoren | beitragende faktoren | auslöser
        | einflussfaktoren | facteurs contributifs | facteurs aggravants | facteurs déclenchants
        | déclencheur | factores contribuyentes | factores agravantes | desencadenante
        | fatores contribuintes | fatores agravantes | gatilho | 要因 | 誘因 | 寄与要因 | 背景要因
        | 影响因素 | 诱因 | 触发条件 | 促成因素
    """,
    "impact": """
        impact | impacts | impact assessment | customer impact | user impact | affected users
        | users affected | affected | effect | effects | fallout | ramifications | blast radius
        | consequences | damage | scope of impact | auswirkung | auswirkungen | folgen
        | betroffene | schaden | conséquences | effets | portée | impacto | impactos | afectación
        | consecuencias | alcance | consequências | afetados | 影響 | 影响 | 影響範囲 | 影响范围
    """,
    "lessons": """
        lessons | lesson | lessons learned | lessons learnt | learnings | key takeaways
        | takeaways | what we learned | what did we learn | what have we learned | insights
        | erkenntnisse | gelernt | lehren | lerneffekte | gewonnene erkenntnisse | leçons
        | leçons apprises | enseignements | retour d expérience | ce que nous avons appris
        | lecciones | lecciones aprendidas | aprendizajes | lo aprendido | lições
        | lições aprendidas | aprendizados | o que aprendemos | 教訓 | 学び | 学んだこと
        | 得られた教訓 | 经验教训 | 經驗教訓 | 教训 | 经验
    """,
    "participants": """
        participants | attendees | people involved | responders | responder | involved | authors
        | author | incident commander | roles | team members | names of people involved | thanks
        | teilnehmer | beteiligte | teilnehmende | verfasser | intervenants | personnes impliquées
        | équipe impliquée | auteurs | participantes | personas involucradas | involucrados
        | asistentes | autores | pessoas envolvidas | envolvidos | 参加者 | 関係者 | 対応者
        | 担当者 | 参与人员 | 參與人員 | 参与者 | 处理人员 | 责任人
    """,
    "decisions": """
        decisions | decision | decisions made | key decisions | alternatives | options considered
        | alternatives considered | entscheidungen | entscheidung | beschlüsse | décisions
        | décisions prises | decisiones | decisiones tomadas | decisões | decisões tomadas
        | 決定事項 | 意思決定 | 判断 | 决策 | 決策 | 决定
    """,
    "method": """
        five whys | 5 whys | five why | 5 why | 5 whys analysis | why analysis | fishbone
        | ishikawa | failure mode analysis | fmea | failure modes | failure mode | method
        | 5 warum | fünf warum | fehlermöglichkeiten | 5 pourquoi | cinq pourquoi | 5 porqués
        | cinco porqués | 5 porquês | cinco porquês | なぜなぜ | 5つのなぜ | なぜなぜ分析
        | 五个为什么 | 5个为什么 | 五問法 | 鱼骨图 | 魚骨圖
    """,
    "detection": """
        detection | how was it detected | how it was detected | how did we find out | discovery
        | monitoring gap | detection gap | erkennung | entdeckung | détection | detección
        | detecção | 検知 | 検出 | 发现 | 發現 | 检测
    """,
    "summary": """
        summary | executive summary | overview | abstract | tl dr | tldr | background
        | what happened | incident summary | issue summary | description | synopsis | context
        | zusammenfassung | überblick | was ist passiert | kurzfassung | beschreibung | résumé
        | synthèse | contexte | ce qui s est passé | que s est il passé | resumen | qué pasó
        | qué ocurrió | descripción | contexto | resumo | o que aconteceu | 概要 | サマリー | 要約
        | 背景 | 何が起きた | 摘要 | 概述 | 事件概述 | 总结
    """,
    "resolution": """
        resolution | recovery | mitigation | mitigations | fix | how was it fixed | response
        | resolution and recovery | actions taken | action taken | response actions
        | immediate actions taken | steps taken | measures taken | mitigations already implemented
        | solution | workaround | containment | behebung | lösung | sofortmaßnahmen
        | getroffene sofortmaßnahmen | wiederherstellung | ergriffene maßnahmen
        | getroffene maßnahmen | durchgeführte maßnahmen | résolution | correctif
        | correctif appliqué | correction | actions prises | actions immédiates
        | actions réalisées | mesures prises | rétablissement | resolución | solución
        | recuperación | acciones tomadas | acciones inmediatas | acciones realizadas | mitigación
        | resolução | correção | solução | recuperação | mitigação | ações tomadas
        | ações imediatas | ações realizadas | 対応内容 | 暫定対応 | 応急対応 | 復旧 | 対処 | 解決
        | 处理过程 | 處理過程 | 解决方案 | 恢复 | 应急措施 | 临时措施 | 修复
        | eingeleitete maßnahmen | umgesetzte maßnahmen | actions menées | actions effectuées
        | mesures immédiates | acciones ejecutadas | acciones adoptadas | acciones llevadas a cabo
        | medidas tomadas | medidas adoptadas | ações executadas | ações adotadas
        | medidas adotadas | 解决措施 | 实施措施 | 処置
    """,
    "went-well": """
        went well | what worked | worked well | go well | got lucky | where we got lucky
        | lief gut | was gut lief | gut gelaufen | glück gehabt | bien fonctionné
        | points positifs | ce qui a marché | salió bien | funcionó bien | lo que funcionó
        | funcionou bem | deu certo | うまくいった | 良かった | よかった | 做得好 | 做得好的
        | 亮点
    """,
    "went-wrong": """
        went wrong | went poorly | went badly | didn t go well | did not go well | go wrong
        | didn t go so well | could be improved | could have gone better | go better
        | what didn t work | needs improvement | what to improve | room for improvement
        | lief schlecht | schlecht gelaufen | nicht gut | lief nicht gut | verbesserungspotenzial
        | mal fonctionné | pas fonctionné | points négatifs | à améliorer | pas bien | salió mal
        | qué falló | lo que falló | a mejorar | que falhou | deu errado | a melhorar
        | うまくいかなかった | 悪かった | 問題点 | 課題 | 反省点 | 做得不好 | 不足 | 问题
    """,
    "evidence": """
        evidence | evidences | log evidence | logs | supporting documents | supporting information
        | references | links | appendix | attachments | artifacts | screenshots | raw data
        | related issues | related links | related documents | nachweise | belege | anhang
        | anlagen | quellen | preuves | annexes | annexe | références | evidencias | pruebas
        | anexos | referencias | evidências | anexo | referências | 証跡 | 参考リンク | 参考
        | 添付 | ログ | 证据 | 附件 | 参考资料 | 附录
    """,
}

# Words that make a heading about action items where nothing else stands beside them.
_ACTION_WORDS = word_set(
    """
    action actions task tasks todo todos improvement improvements measure measures followup
    followups countermeasure countermeasures
    verbesserungen aufgaben maßnahme maßnahmen aktionen améliorations suivi mesures mejoras
    seguimiento acciones medidas tareas melhorias acompanhamento ações tarefas
    """
)
# What may stand beside them.
BESIDE = word_set(
    """
    immediate immediately short mid medium long near term terms future planned proposed
    recommended suggested key remaining open outstanding pending concrete our the all additional
    further preventive preventative prevention corrective corrections remedial permanent post
    incident mortem postmortem resulting review tracked high medium low priority p0 p1 p2 p3 p4
    phase and or & for of a an to in by with next upcoming new needed required possible potential
    engineering infrastructure monitoring alerting testing tooling security product team teams
    platform code system systems people training communication communications suggestions ideas
    plan plans list log tracker tracking owners owner status resolution from this it again
    happening we will take things improve prevent recurrence avoid up follow summary do dos items
    item tickets issues stories retro retrospective agreed assigned committed derived derivative
    identified outcome resulted remediation recommendation recommendations
    technical process procedural documentation docs organizational organisational operational zur
    vermeidung vorbeugung tracking verfolgung kurzfristig kurzfristige mittelfristig
    mittelfristige langfristig langfristige technische organisatorische vorbeugende und weitere
    geplante offene
    pour éviter prévention prochaines futures suivi à court moyen terme et des les de techniques
    correctives préventives
    prevención preventiva correctiva de seguimiento mejora futuras pendientes a corto medio largo
    plazo y técnicas de proceso correctivas preventivas
    prevenção preventiva corretiva acompanhamento futuras pendentes melhoria curto médio longo
    prazo e técnicas corretivas preventivas
    """
)
# With one of these, an action word tells of the past, or asks.
_NOT_ACTIONS = word_set(
    """
    taken performed questions question timeline response prises menées effectuées
    tomadas realizadas ejecutadas adoptadas executadas getroffene getroffenen umgesetzte
    """
)


def _read(phrases: dict[Role, str]) -> tuple[dict[tuple[str, ...], Role], dict[str, Role]]:
    spaced: dict[tuple[str, ...], Role] = {}
    script: dict[str, Role] = {}
    for role, line in phrases.items():
        for phrase in line.split("|"):
            if _SCRIPT.search(phrase):
                script[fold(phrase.strip())] = role
            else:
                spaced[words(phrase)] = role
    return spaced, script


_SPACED, _UNSPACED = _read(PHRASES)
_LONGEST = max(map(len, _SPACED))


@functools.lru_cache(maxsize=4096)
def exact_role(line: str) -> Role | None:
    """The role of a line that holds nothing but a phrase of the table, in front of it a number."""
    plain = line if line.isascii() else unicodedata.normalize("NFKC", line)
    spoken = words(_PLAIN_NUMBER.sub("", plain))
    if _SCRIPT.search(line):
        return _role_in_script("".join(spoken), rest=_MAX_REST)
    found = _SPACED.get(spoken)
    return found or ("action-items" if len(spoken) > 1 and _only_actions(spoken) else None)


@functools.lru_cache(maxsize=4096)
def role(title: str) -> Role | None:
    """What a section of this heading holds, or None where that is not known."""
    if len(title) > 200:
        return None
    title = _BRACKETS.sub(" ", title)
    if _SCRIPT.search(title) and (found := _role_in_script(fold(title))):
        return found
    spoken = words(_NUMBER.sub("", title.lstrip(" *_#■□●◆▪")))
    if len(spoken) > _MAX_WORDS:
        return None
    found = _role_of_phrase(spoken)
    if found in {None, "prevention", "resolution", "went-wrong"} and _only_actions(spoken):
        return "action-items"
    return found


def _role_of_phrase(spoken: tuple[str, ...]) -> Role | None:
    """Of the longest phrase at the first place where one is; action items come before others."""
    found: list[Role] = []
    at = 0
    while at < len(spoken):
        for length in range(min(_LONGEST, len(spoken) - at), 0, -1):
            if one := _SPACED.get(spoken[at : at + length]):
                found.append(one)
                at += length - 1
                break
        at += 1
    if not found:
        return None
    sure = "action-items" in found and not _NOT_ACTIONS.intersection(spoken)
    return "action-items" if sure else next((one for one in found if one != "action-items"), None)


def _only_actions(spoken: tuple[str, ...]) -> bool:
    """Whether all that is said is about actions still to come."""
    said = _COMPOUND.sub(r"\1\2", " ".join(spoken)).split()
    if not _NOT_ACTIONS.isdisjoint(said):
        return False
    return any(word in _ACTION_WORDS for word in said) and all(
        word in _ACTION_WORDS or word in BESIDE or word.isdigit() for word in said
    )


def _role_in_script(title: str, rest: int = 200) -> Role | None:
    """Of the phrase that ends last, as the head of a compound does; at most `rest` more signs."""
    places = [
        (title.rfind(phrase) + len(phrase), len(phrase), found)
        for phrase, found in _UNSPACED.items()
        if phrase in title and len(title) - len(phrase) <= rest
    ]
    sure = any(found == "action-items" for *_, found in places)
    return "action-items" if sure else max(places)[2] if places else None
