"""The words by which reports label single values (`Severity: P1`): a table in seven languages."""

from __future__ import annotations

import functools
import re
from typing import Literal, get_args

from gatekeeper.learning import headings

Field = Literal[
    "incident-date",
    "date",
    "severity",
    "kind",
    "incident",
    "users",
    "data-loss",
    "duration",
    "recovery",
    "resources",
    "method",
    "role",
]
FIELDS: tuple[Field, ...] = get_args(Field)

# Separated by `|`. What is labelled with a `role` names who had it.
LABELS: dict[Field, str] = {
    "incident-date": """
        incident date | date of incident | date of the incident | incident from | incident start
        | incident started | start | started | start date | start time | start date time
        | started at | incident start time | outage start | date of outage | outage date | began
        | event date | date of event | date of occurrence | incident date time
        | date time of incident | start of incident | incident began | detected | detected at
        | detected on | date detected | first detected | occurred | occurred on | occurred at
        | when | vorfallsdatum | datum des vorfalls | beginn | störungsbeginn | beginn der störung
        | date de l incident | début | début de l incident | fecha del incidente | inicio
        | fecha de inicio | data do incidente | data de início | início | 発生日 | 発生日時
        | 発生時刻 | 発生 | 障害発生日時 | 发生时间 | 發生時間 | 发生日期 | 故障时间 | 事件时间
        | 事故时间 | 开始时间
    """,
    "date": """
        date | dates | date time | date and time | incident dates | period | incident period
        | time | day | timeframe | time frame | incident window | window | datum | zeitraum
        | zeitpunkt | dates de l incident | période | fecha | fechas | periodo | data | datas
        | período | 日付 | 日時 | 期間 | 日期 | 时间 | 時間
    """,
    "severity": """
        severity | sev | severity level | incident severity | priority | incident priority
        | impact level | criticality | incident level | level | severity priority | sev level
        | schweregrad | schwere | priorität | kritikalität | stufe | sévérité | gravité | priorité
        | criticité | niveau de gravité | niveau de sévérité | severidad | gravedad | prioridad
        | criticidad | nivel de severidad | severidade | gravidade | prioridade | criticidade
        | nível de severidade | 重要度 | 深刻度 | 重大度 | 優先度 | 障害レベル | 影響度 | 严重程度
        | 嚴重程度 | 严重级别 | 严重性 | 故障等级 | 级别 | 等级 | 优先级 | 事故等级 | 事故级别
    """,
    "kind": "kind | kind of failure | failure kind | incident kind",
    "incident": """
        incident | incident id | incident number | incident no | incident key | incident reference
        | vorfall id | vorfallsnummer | id de l incident | numéro d incident | id del incidente
        | id do incidente | インシデントid | インシデント番号 | 事件编号 | 故障编号 | 事故编号
    """,
    "users": """
        users affected | affected users | users | user impact | users impacted | impacted users
        | customers affected | affected customers | customers impacted | impacted customers
        | customer impact | number of users affected | number of affected users | who was affected
        | affected parties | end user impact | people affected | clients affected
        | impact on users | tenants affected | affected tenants | patients affected
        | services affected | affected services | blast radius | users impact | betroffene nutzer
        | betroffene benutzer | betroffene kunden | betroffene anwender | utilisateurs affectés
        | utilisateurs touchés | utilisateurs impactés | clients affectés | clients touchés
        | clients impactés | usuarios afectados | clientes afectados | usuários afetados
        | utilizadores afetados | clientes afetados | usuários impactados | 影響ユーザー
        | 影響ユーザ | 影響ユーザー数 | 影響を受けたユーザー | 影響範囲 | 影响用户 | 受影响用户
        | 受影響用戶 | 影响用户数 | 影响范围 | 影響範圍
    """,
    "data-loss": """
        data loss | data lost | data integrity | data corruption | loss of data | data impact
        | data loss or corruption | data exposure | datenverlust | perte de données
        | données perdues | pérdida de datos | perda de dados | データ損失 | データ消失
        | データロス | データ欠損 | 数据丢失 | 數據遺失 | 数据损失 | 资料遗失
    """,
    "duration": """
        duration | total duration | impact duration | incident duration | outage duration
        | downtime | total downtime | length | duration of outage | duration of incident
        | outage length | time of impact | duration of impact | impact time | how long
        | duration of the incident | service downtime | dauer | ausfalldauer | gesamtdauer
        | ausfallzeit | störungsdauer | durée | durée totale | durée de l incident
        | durée de la panne | duración | duración total | duración del incidente
        | tiempo de inactividad | duração | duração total | duração do incidente
        | tempo de inatividade | 継続時間 | 停止時間 | 障害時間 | 影響時間 | ダウンタイム
        | 持续时间 | 持續時間 | 影响时长 | 故障时长 | 持续时长 | 影响时间 | 停机时间 | 所要時間
    """,
    "recovery": """
        recovery | recovery time | time to recovery | time to recover | time to resolve
        | time to resolution | time to restore | time to repair | ttr | mttr | time to mitigate
        | time to mitigation | time to fix | resolution time | restoration | time to resolve ttr
        | wiederherstellung | wiederherstellungszeit | zeit bis zur behebung
        | temps de rétablissement | temps de résolution | délai de rétablissement
        | tiempo de recuperación | tiempo de resolución | recuperación | tempo de recuperação
        | tempo de resolução | recuperação | 復旧時間 | 復旧までの時間 | 恢复时间 | 恢復時間
        | 恢复时长
    """,
    "resources": """
        resources | resource usage | resources used | resource impact | cost | costs | total cost
        | financial impact | revenue impact | revenue loss | lost revenue | business impact
        | effort | engineering time | engineering hours | engineer hours | person hours
        | staff time | infrastructure impact | resource consumption | financial loss | sla impact
        | slo impact | error budget | error budget spent | productivity impact | ressourcen
        | kosten | aufwand | umsatzverlust | coût | coûts | ressources | impact financier
        | recursos | costo | coste | impacto financiero | custo | custos | impacto financeiro
        | コスト | リソース | 工数 | 金銭的影響 | 成本 | 资源消耗 | 资源 | 经济损失
    """,
    "method": """
        method | analysis method | methodology | rca method | methode | analysemethode | méthode
        | método | 手法 | 分析手法 | 分析方法
    """,
    "role": """
        incident commander | commander | incident manager | incident lead | incident coordinator
        | ic | scribe | note taker | communications lead | comms lead | communication lead
        | communications | operations lead | ops lead | tech lead | technical lead | sre lead
        | developer lead | subject matter expert | subject matter experts | sme | smes
        | facilitator | author | authors | written by | prepared by | by | owner | report owner
        | postmortem owner | post mortem owner | postmortem lead | post mortem lead | on call
        | on call engineer | on call engineers | reporter | reported by | reviewer | reviewers
        | approver | responder | responders | first responder | participants | attendees
        | people involved | names of people involved | name | names | facilitated by | primary
        | secondary | detected by | team | autor | autoren | verfasser | einsatzleiter
        | einsatzleitung | teilnehmer | beteiligte | moderation | moderator | auteur | auteurs
        | rédacteur | participants | responsable | pilote | autores | participantes
        | comandante del incidente | coordinador | redactor | comandante do incidente
        | coordenador | responsável | envolvidos | 作成者 | 報告者 | 対応者 | 担当者 | 参加者
        | 執筆者 | 記録係 | インシデントコマンダー | 作者 | 报告人 | 负责人 | 处理人 | 参与人员
        | 记录人
    """,
}
# These name no role of their own.
PLAIN_ROLES = frozenset(
    [
        "participants",
        "attendees",
        "people",
        "involved",
        "names",
        "of",
        "people",
        "name",
        "responders",
        "responder",
        "team",
        "teilnehmer",
        "beteiligte",
        "participantes",
        "envolvidos",
        "参加者",
        "対応者",
        "参与人员",
        "担当者",
        "primary",
    ]
)
_BRACKETS = re.compile(r"\([^()]*\)|\uff08[^\uff08\uff09]*\uff09|\[[^\[\]]*\]")
_MAX = 60


def _read() -> dict[str, Field]:
    known: dict[str, Field] = {}
    for field in FIELDS:
        for phrase in LABELS[field].split("|"):
            known.setdefault(" ".join(headings.words(phrase)), field)
    return known


_KNOWN = _read()


@functools.lru_cache(maxsize=4096)
def field(label: str) -> Field | None:
    """Which value a label announces, or None; number, emoji and brackets in it do not matter."""
    if len(label) > _MAX:
        return None
    said = headings.words(_BRACKETS.sub(" ", label))
    while said and said[0].isdigit():
        said = said[1:]
    return _KNOWN.get(" ".join(said))


def is_plain_role(label: str) -> bool:
    """Whether a label says only that somebody took part."""
    return PLAIN_ROLES.issuperset(headings.words(label))


def is_labelled(line: str) -> bool:
    """Whether a line is a known label with its value."""
    label, colon, _ = line.replace("\uff1a", ":").partition(":")
    if not colon or len(label) > _MAX:
        return False
    return field(label) is not None or headings.role(label) is not None
