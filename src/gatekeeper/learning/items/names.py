"""The names of what an action item states beside its text: columns of tables, `Owner:`, and states.

In the same seven languages as the headings; compared without case and accents.
"""

from __future__ import annotations

import functools
from typing import Literal

from gatekeeper.learning.headings import fold, words

Field = Literal[
    "text", "owner", "due", "state", "refs", "id", "priority", "success", "cause", "kind", "note"
]

_NAMES: dict[Field, str] = {
    "text": """
        action | actions | action item | action items | item | task | description | what | todo
        | follow up | followup | follow up item | improvement | measure | remediation | details
        | corrective action | preventive action | preventative action | recommendation | title
        | next step | work item | to do | name | action required | summary | mitigation | maßnahme
        | maßnahmen | aufgabe | beschreibung | aktion | tätigkeit | was | mesure | tâche
        | action corrective | acción | acciones | tarea | descripción | medida | ação | ações
        | tarefa | descrição | acción correctiva | mejora | 対応内容 | 対策 | 内容 | アクション
        | アクションアイテム | 項目 | タスク | 施策 | 対応 | 再発防止策 | 改善内容 | 行动项
        | 行動項目 | 措施 | 任务 | 任務 | 事项 | 事項 | 描述 | 改进措施 | 改进项 | 行动 | 动作
        | corrective measure | preventive measure | preventative measure | measures
        | proposed action | fix | actions to take | solution | improvement action
        | mitigation action | remediation action | deliverable | activity | activities | step
        | steps | to do item | ai | item description | action description | follow up action
        | resolution | change | improvements | recommendations | tasks | items | acción preventiva
        | actividad | medida preventiva | ação corretiva | ação preventiva | atividade | medidas
        | action à mener | action préventive | sujet | maßnahmenbeschreibung | punkt | vorhaben
        | 対策内容 | 改善策 | 実施内容 | 対応事項 | 具体的な対策 | 対応策 | 改善項目 | 施策内容
        | やること | 行动内容 | 改进内容 | 改善项 | 具体措施 | 整改措施 | 改进点 | 工作项
        | 待办事项
    """,
    "owner": """
        owner | owners | assignee | assigned | assigned to | responsible | who | dri | lead
        | person | owned by | team | owner team | action owner | responsibility | accountable
        | by whom | responsible person | responsible party | owner s | assignees | poc
        | point of contact | verantwortlich | verantwortliche | verantwortlicher | zuständig | wer
        | bearbeiter | verantwortung | besitzer | team person | responsable | responsables
        | propriétaire | porteur | pilote | qui | assigné à | assigné | encargado | encargada
        | quién | dueño | asignado | asignado a | propietario | responsável | responsáveis | dono
        | quem | atribuído | atribuído a | 担当 | 担当者 | 責任者 | 担当チーム | 负责人 | 負責人
        | 责任人 | 責任人 | 负责 | 担当部署 | オーナー | person responsible | driver | champion
        | who s responsible | who will do it | assigned owner | action by | primary owner
        | owning team | equipo | equipe | encargados | équipe | acteur | zuständigkeit
        | verantwortliche person | quien | 実施者 | 対応者 | 主担当 | 担当部門 | 担当者名 | 跟进人
        | 执行人 | 处理人 | 接口人 | 负责团队 | 责任方
    """,
    "due": """
        due | due date | deadline | target | target date | eta | by when | when | expected date
        | expected | expected completion | completion date | timeline | timeframe | time frame
        | target completion | due by | finish by | planned | planned date | estimated completion
        | fällig | fällig am | fällig bis | frist | termin | bis | bis wann | zieldatum | deadline
        | échéance | date limite | délai | quand | pour le | avant le | date cible | date prévue
        | fecha | fecha límite | plazo | vencimiento | cuándo | fecha objetivo | para cuándo
        | prazo | data limite | data | vencimento | quando | data prevista | 期限 | 期日 | 締切
        | 予定日 | 完了予定 | 完了予定日 | 截止 | 截止日期 | 截止时间 | 完成时间 | 计划完成时间
        | 预计完成 | 时间 | 日期 | 目標日 | by | completion | target completion date
        | est completion | completed by | date | due in | delivery | delivery date | deadline date
        | due dates | eta date | est date | target eta | schedule | time | when due | sprint
        | fecha compromiso | fecha de entrega | fecha estimada | fecha de vencimiento
        | data de entrega | date d échéance | date de fin | zeitrahmen | fälligkeit
        | fälligkeitsdatum | umsetzung bis | erledigen bis | 実施時期 | 対応期限 | 予定 | 完了期限
        | 実施予定日 | 実施日 | 时限 | 计划时间 | 预计时间 | 预计完成时间 | 期限时间 | 截止日
    """,
    "state": """
        status | state | done | completed | complete | progress | current status | done ?
        | erledigt | stand | statut | état | avancement | estado | situación | situação | hecho
        | 状況 | 状態 | ステータス | 進捗 | 状态 | 狀態 | 进度 | 进展 | completion status
        | done yes no | is done | erledigt ? | avance | progreso | progresso | fortschritt
        | 対応状況 | 進捗状況 | 实施状态 | 完成情况 | 完成状态 | 当前状态 | 実施状況
    """,
    "refs": """
        bug | bugs | ticket | tickets | issue | issues | link | links | pr | jira | reference
        | references | tracking | tracking issue | tracker | ticket link | bug id | github issue
        | jira ticket | tracking link | pull request | prs | issue link | url | enlace | lien
        | チケット | リンク | 工单 | 链接 | 关联
    """,
    "id": """
        id | # | no | nr | nummer | number | key | ref | n | nº | num | ai | 番号 | 编号 | 序号
    """,
    "priority": """
        priority | prio | severity | urgency | importance | priorität | priorité | prioridad
        | prioridade | 優先度 | 优先级 | 優先級
    """,
    "success": """
        success | success criterion | success criteria | acceptance | acceptance criteria
        | done when | verification | definition of done | measure of success | validation
        | verified by | how verified | erfolgskriterium | erfolg | abnahmekriterium
        | critère de succès | critère de réussite | vérification | criterio de éxito
        | verificación | critério de sucesso | verificação | 完了条件 | 達成基準 | 成功基準
        | 検証方法 | 验证方式 | 验收标准 | 成功标准
    """,
    "cause": """
        cause | causes | root cause | addresses | addresses cause | cause addressed | factor
        | contributing factor | ursache | behebt | causa | origen | origem | 原因 | 対象原因
        | 针对原因
    """,
    "kind": """
        type | kind | category | area | component | class | theme | typ | art | kategorie
        | bereich | catégorie | tipo | categoría | categoria | 種別 | 分類 | 类型 | 類型 | 类别
    """,
    "note": """
        note | notes | comment | comments | remarks | rationale | why | impact | effort | estimate
        | created | opened | outcome | result | benefit | size | points | notizen | bemerkung
        | kommentar | notas | comentarios | observações | commentaires | 備考 | 备注 | 備註
    """,
}

_DONE = """
    done | completed | complete | fixed | closed | resolved | finished | shipped | merged
    | deployed | yes | implemented | delivered | released | landed | ✅ | ✔ | ☑ | ✓ | 🟢 | x
    | erledigt | fertig | abgeschlossen | umgesetzt | ja | behoben | geschlossen | fait | terminé
    | terminée | fini | clos | réalisé | réalisée | effectué | livré | hecho | hecha | completado
    | completada | terminado | terminada | cerrado | listo | resuelto | realizado | realizada
    | finalizado | finalizada | implementado | implementada | feito | feita | concluído
    | concluída | fechado | resolvido | 完了 | 済 | 済み | 対応済 | 対応済み | 実施済み | 完成
    | 已完成 | 完成済み | 已上线 | 已关闭 | 已修复 | 完了済み | y | rolled out | live
    | in production | in prod | in place | verified | validated | applied | solved | already done
    | all done | :white_check_mark: | :heavy_check_mark:
    | :ballot_box_with_check: | umgesetzte | erledigte | abgeschlossene | ausgerollt | eingespielt
    | eingerichtet | gelöst | gemacht | live geschaltet | faite | faits | faites | terminés
    | terminées | clôturé | clôturée | réalisés | réalisées | corrigé | corrigée | appliqué
    | appliquée | déployé | déployée | en place | mis en place | mise en place | résolu | résolue
    | livrée | en production | hechos | hechas | completados | completadas | terminados
    | terminadas | realizados | realizadas | aplicado | aplicada | aplicados | aplicadas
    | corregido | corregida | solucionado | solucionada | desplegado | desplegada | en producción
    | implementados | implementadas | resuelta | cerrada | cumplido | cumplida | feitos | feitas
    | concluídos | concluídas | corrigido | corrigida | implantado | implantada | entregue
    | em produção | resolvida | fechada | finalizados | finalizadas | 実施済 | 導入済 | 導入済み
    | 完了しました | 反映済み | リリース済み | 终了 | 已处理 | 已实施 | 已落地 | 已解决 | 已部署
    | 已合并
"""
_OPEN = """
    todo | to do | open | not started | pending | backlog | planned | new | no | unstarted
    | not done | outstanding | scheduled | queued | proposed | ready | incomplete | ❌ | ⬜ | ☐
    | 🔲 | 🔴 | ✗ | offen | geplant | nicht begonnen | ausstehend | neu | nein | à faire | ouvert
    | ouverte | planifié | planifiée | prévu | non commencé | en attente | pendiente | por hacer
    | abierto | abierta | planificado | sin empezar | no iniciado | pendente | aberto | aberta
    | a fazer | planejado | planejada | não iniciado | por fazer | 未着手 | 未対応 | 未完了 | 未
    | 予定 | 未開始 | 未完成 | 待办 | 待辦 | 待处理 | 未开始 | 未開始 | 计划中 | n | still open
    | not yet | not yet started | to be done | to be started | unresolved | undone
    | noch offen | nicht erledigt | nicht gestartet | zu erledigen | anstehend | pas commencé
    | non fait | à planifier | à venir | non démarré | reste à faire | no hecho | sin hacer
    | abiertos | abiertas | pendientes | planificada | por iniciar | no iniciada | pendentes
    | não feito | abertos | abertas | não iniciada | planejadas | 未実施 | 未対応です | 実施予定
    | 対応予定 | これから | 未完了です | 待跟进 | 待开始 | 待完成 | 待实施 | 未处理 | 未解决
    | 规划中
"""


def _by_words(lines: str) -> frozenset[tuple[str, ...] | str]:
    """Phrases as words, or as they are where they hold none."""
    phrases = [fold(phrase.strip()) for phrase in lines.split("|")]
    return frozenset(words(phrase) or phrase for phrase in phrases)


_FIELDS = {name: field for field, lines in _NAMES.items() for name in _by_words(lines)}
_STATES = dict.fromkeys(_by_words(_OPEN), False) | dict.fromkeys(_by_words(_DONE), True)
# The names of one word, to tell what is nothing but names.
NAME_WORDS = frozenset(name[0] for name in _FIELDS if len(name) == 1)


@functools.lru_cache(maxsize=1024)
def field(name: str) -> Field | None:
    """What a column or a label of this name states."""
    return _FIELDS.get(words(name) or fold(name).strip())


@functools.lru_cache(maxsize=1024)
def state(text: str) -> bool | None:
    """What a word says of a piece of work: done, still to do, or neither (`in progress`)."""
    said = words(text) or fold(text).strip()
    for length in range(len(said), 0, -1):
        if (done := _STATES.get(said[:length])) is not None:
            return done
    return None


@functools.lru_cache(maxsize=4096)
def exact_state(text: str) -> bool | None:
    """The same, where a text holds nothing else."""
    return _STATES.get(words(text) or fold(text).strip())
