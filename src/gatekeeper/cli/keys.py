"""What each key of the files people write means, for editors (through the schemas) and `explain`.

The keys stand in the order in which one would write them; a test holds the tables against the
models in `config/schema.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

_CHECK = """
check     | its name, kebab-case and unique; by default that of its tool
title     | what holds when it passes, in a sentence
gate      | the gate that a registered check (checks/*.yaml) joins
uses      | a tool of the catalogue, whose keys it takes over; `gatekeeper list tools` shows them
type      | the code that measures it: `gatekeeper list types` shows them
with      | parameters of the tool or the check type; `gatekeeper explain NAME` names them
stage     | where it first runs: push (local, fast), ci (a pull request) or deploy (before release)
timeout   | how long it may take, 10m by default; then it is ended and counts as not measured
cwd       | the folder its command runs in, relative to the repository
env       | environment variables by name; null passes the caller's value through
files     | globs of the files it examines, from the repository down; "!glob" takes files out again
whole     | what ${files} stands for when nothing narrows the run to a change
config    | globs of its tool's configuration: a change there examines everything again
inputs    | globs of all that it reads, if it reads only files: then its result can be reused
lists     | a command that prints the files it examines, one a line: their number is its work
idle      | RE2 expressions for output that means nothing was examined; "!REGEX" must appear
exclusive | runs alone, as a measurement of speed must
enabled   | false switches it off, and needs a reason
reason    | why it is switched off
advisory  | its verdict is shown and counts upward as a warning at most
owner     | who answers for it
origin    | the action items of post-mortems that created it
proof     | how it is proven that it would have caught its bug
command   | program and arguments, without a shell; ${out} is a fresh folder, ${files} the files
reads     | the reports to read; without them the exit code of the command is judged
exit      | what exit codes mean; a code that is not declared is an error
measures  | the metrics that it must deliver; by default what every report of its format shows
expect    | conditions on its own metrics, which hold beside the requirements of the gate
max-age   | how old a report of an earlier step may be; for a check that reads without a command
batch     | whether its command may run several times where the files are too many for one
version   | a command that prints the version of its tool, for the record
install   | how to install its tool
fix       | a command that mends what it finds
docs      | where its findings are explained
"""
# Kind of mapping -> its keys; the kinds are those of `gatekeeper schema`, and the parts of them.
_TABLES = {
    "gate": """
gate         | its name, kebab-case and unique
title        | its name for people
stage        | where it is first judged: push, ci or deploy; its checks run no earlier
advisory     | its verdict is shown and counts upward as a warning at most
requirements | metric -> condition, a list of conditions, or {pass: CONDITION, warn: CONDITION}
checks       | tools or check types by name, or checks as mappings; [] where registered ones join
""",
    "check": _CHECK,
    "tool": f"""
tool   | its name, kebab-case and unique
params | what `with:` may set: ${{name}} in its commands, with the default
{_CHECK}""",
    "reads": """
format | the reader: `gatekeeper list readers` shows them
file   | where the report is; ${out} and globs may stand in it
from   | stdout: the report is what the command prints
absent | clean: a missing or empty report means that nothing was found, if the exit code is clean
""",
    "exit": """
clean    | codes that mean nothing was found, such as [0]
findings | codes that mean the report holds findings, such as [1] or ["1-31"]
""",
    "origin": """
item | the action item: PM-2026-003#AI-2
text | its text; a link to a position (AI-2 for the second) needs it
""",
    "proof": """
fixed-by | the commit that fixed the bug, or several
keep     | files that are taken from the fix into the state before it, such as the new test
prepare  | commands that make a checkout ready to run
link     | folders that are linked into the checkout, such as node_modules
rejects  | examples that the check must find fault with
accepts  | examples that it must find no fault with
""",
    "signoff": """
signoff  | the check of type signoff that it answers
by       | who approves
date     | the day of the approval, YYYY-MM-DD
expires  | its last day, YYYY-MM-DD, in UTC
evidence | the files or addresses that back it
covers   | the digest of the check's files: it holds only for that content
""",
    "evidence": """
url    | an address
file   | a file of the repository
sha256 | the file's digest, where it must not change
""",
    "waiver": """
waiver      | its name
finding     | the fingerprint of the finding that it excuses
rule        | the rule whose findings it excuses, in `path:`
path        | a path or glob from the root of the repository
requirement | the requirement that it excuses: GATE/METRIC
check       | the check that it excuses
reason      | why it is right for now
owner       | who answers for it
created     | the day it was created, YYYY-MM-DD
expires     | its last day, YYYY-MM-DD, in UTC; at most 90 days later
""",
    "baseline": """
findings | known findings: check -> fingerprint -> rule and path
metrics  | reference values: check -> metric -> value, unit and samples
""",
    "known-finding": """
rule | its rule
path | its file
""",
    "reference": """
value   | the reference value
unit    | its unit
samples | how many samples are behind it
""",
    "incident": """
incident             | its id, such as INC-2026-001: letters, digits, `-`, `_` and `.`; unique
title                | what happened, in a line
detected             | when it was noticed: a date, or a time with its zone: 2026-03-04T14:02Z
resolved             | when it was over, as a date or a time with its zone
severity             | P0 to P5, SEV0 to SEV5, critical, major, high, medium, moderate, minor, low
kind                 | what the rule of the four failures takes it for
cause                | where it comes from: category, area, focus; the finest that is known
impact               | what it cost, as people say it
rolled-back          | true: an emergency rollback ended it
performance-degraded | true: users felt that the service was slow
services             | the services that it struck
regions              | the regions that it struck
evidence             | what shows how it went: files of the repository, or addresses
post-mortem          | the id of its report: PM-2026-003
""",
    "cause": """
category | technical or process
area     | the part of the category, such as system-architecture or communication
focus    | the part of the area, such as redundancy-gaps or escalation
""",
    "impact": """
downtime       | how long it was down
data-loss      | what was lost or corrupted; false or none where nothing was
recovery-time  | how long it took to recover
resource-usage | what it used up
users          | how many users it struck
""",
    "incident-evidence": """
kind   | what it shows: timeline, decisions, technical, communication or resolution
url    | an address
file   | a file of the repository
sha256 | the digest of the file, which must not change
""",
    "settings": """
gates    | the folder of the policy
checks   | the folder of registered checks
learning | the folder of post-mortems, incidents, improvements and lessons
services | service -> its folder, for a repository of several
""",
}


def _rows(table: str) -> Mapping[str, str]:
    lines = (line.split("|", 1) for line in table.splitlines() if line.strip())
    return {key.strip(): meaning.strip() for key, meaning in lines}


KEYS: Mapping[str, Mapping[str, str]] = {kind: _rows(table) for kind, table in _TABLES.items()}
