"""Whether a line starts with what somebody does: the verbs that action items are written with."""

from __future__ import annotations

import re

from gatekeeper.learning.headings import word_set

_VERBS = word_set(
    """
    accept access account achieve acquire act adapt add address adjust adopt advertise advise
    agree alert align allow amend analyse analyze announce apply approve archive arrange
    articulate ask assess assign attach audit authenticate auto automate avoid backfill backport
    backup balance ban batch benchmark block book bootstrap bring broadcast build bump bypass
    calculate call cap capture carry catch change check choose circulate clarify clean cleanup
    clear close codify collect combine come communicate compare compile complete conduct configure
    confirm connect consider consolidate contact continue contribute convert coordinate copy
    correct create cull cut cut-over cache deal debug decide decommission decouple decrease
    default define delay delegate delete deliver demo deploy deprecate describe design destroy
    detect determine develop diagnose dig disable disallow discuss distribute do document double
    double-check downgrade draft drain drill drop dry-run edit educate eliminate emit enable
    encourage encrypt enforce engage enhance enrich ensure escalate establish estimate evaluate
    examine exclude execute expand expire explain explore export expose extend extract factor fail
    feed figure file fill filter finalise finalize find finish fix flag flush follow force forbid
    formalise formalize foster gate gather generate get give go grant group guarantee guard handle
    harden have help hide hire hold host identify implement import improve include incorporate
    increase inform ingest initialise initialize inject insert inspect install instrument
    integrate introduce investigate invite invest isolate issue iterate join keep kick know label
    land launch lay learn leave let leverage limit link list load lock log look lower lint
    maintain make manage map mark measure meet mention merge migrate minimise minimize mirror
    mitigate mock modernise modernize modify monitor move mute need negotiate normalise normalize
    note notify obtain offer onboard open optimise optimize order organise organize outline
    overhaul overwrite own package page parallelise parallelize parse pass patch pause perform
    persist pick pin ping place plan point poll populate port post practice practise prefer
    prepare preserve prevent prioritise prioritize probe procure produce profile prohibit promote
    propagate propose protect prototype provide provision prune publicise publicize publish pull
    purchase purge push put query quarantine raise ramp rate re-enable re-run reach reactivate
    read rebalance rebuild recommend reconcile reconfigure reconsider record recover recruit
    redact redeploy redesign redirect reduce refactor refine refresh refuse register reindex
    reinforce reject release relocate remediate remind remove rename renew reorganise reorganize
    repair repeat replace replicate report reproduce request require rerun reserve reset resize
    resolve respond restart restore restrict restructure rethink retire retrieve retry reuse
    revert review revise revisit revoke rewrite rework roll rollback rotate route run sanitise
    sanitize save scale scan schedule scope screen script search secure segment select send
    separate serve set setup share shard shift ship shorten show shrink shut shutdown sign silence
    simplify simulate size skip slow snapshot solve sort specify speed spin split spread stabilise
    stabilize stagger standardise standardize start stop store stream streamline strengthen stress
    stress-test strip structure study submit subscribe supply support surface suspend swap switch
    sync synchronise synchronize tag take talk teach tell terminate test think throttle tidy
    tighten time toggle track train transfer transition translate treat triage trigger trim try
    tune turn unblock understand undo unify uninstall unpin untangle update upgrade upload use
    utilise utilize validate vary verify version visualise visualize wait walk warm warn watch
    weigh whitelist widen wire withdraw work wrap write zero
    """
)
_FIRST = re.compile(
    r"(?:(?:to|also|please|then|don't|do not|never|always)\s+)?([a-z]+(?:-[a-z]+)*)"
)


def starts_with_verb(text: str) -> bool:
    """Whether the first word of a line is a verb, in English and in the imperative."""
    found = _FIRST.match(text.lower())
    return bool(found and (found[1] in _VERBS or found[1].removeprefix("re-") in _VERBS))
