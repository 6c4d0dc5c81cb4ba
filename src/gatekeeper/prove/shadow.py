"""Python environments for a proof, in which the worktree stands wherever the working copy did.

An environment may lead back into the working copy: an editable install is a line in a `.pth` file,
or a finder, that names it. So each environment on PATH gets a stand-in, a small folder like that of
`venv` on the same base interpreter. It takes over the packages of the environment and maps what
leads into the working copy (see `instrument`). Nothing is installed and nothing is copied but
console scripts, whose first line names the interpreter.

https://docs.python.org/3/library/site.html, https://peps.python.org/pep-0405/
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from gatekeeper import tools
from gatekeeper.adapters import process
from gatekeeper.config.policy import CheckPolicy
from gatekeeper.errors import NotMeasured

_INSTRUMENT = Path(__file__).parent / "instrument"
_ASKED = 30.0  # seconds that an interpreter may take to tell of itself
_HEAD = 2048
_SCRIPT_CAP = 2**20
# What an interpreter is asked; `_base_executable` is what `venv` asks too.
_QUESTION = """\
import json, os, site, sys
folders = site.getsitepackages()
if site.ENABLE_USER_SITE:
    folders.insert(0, site.getusersitepackages())
print(json.dumps({
    "executable": sys.executable,
    "base": getattr(sys, "_base_executable", None) or sys.executable,
    "virtual": sys.prefix != sys.base_prefix,
    "version": "%d.%d" % sys.version_info[:2],
    "folders": [folder for folder in folders if os.path.isdir(folder)],
}))
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """What an interpreter says of its environment; `bin` is the folder of its programs."""

    bin: str
    spelled: str
    base: str
    virtual: bool
    version: str
    folders: tuple[str, ...]


@dataclass
class Shadows:
    """The stand-ins of one proof, made when they are first asked for.

    `place` is their folder, `top` the working copy, `tree` the worktree. `made` leads from the
    folder of an environment's programs to that of its stand-in, "" where there is no interpreter.
    """

    place: Path
    top: Path
    tree: Path
    made: dict[str, str] = field(default_factory=dict)
    bytecode: Path | None = None

    @property
    def instrument(self) -> Path:
        """The folder of what runs inside the interpreters."""
        return self.place / "instrument"

    def phase(self) -> Path:
        """Begin a phase: nothing seen, no bytecode of the worktree. The folder for what will be.

        A file of the same size, changed within the same second, would else be taken for the one
        that was compiled before. Bytecode of the environments moves on: they do not change.
        """
        folder = Path(tempfile.mkdtemp(prefix="phase-", dir=self.place))
        bytecode = folder / "bytecode"
        self.move(bytecode)
        self.bytecode = bytecode
        self._settle(folder)
        return folder

    def only_phase(self) -> Path:
        """Begin the only phase of a fresh worktree, where bytecode lies beside its source."""
        folder = Path(tempfile.mkdtemp(prefix="phase-", dir=self.place))
        self._settle(folder)
        return folder

    def _settle(self, folder: Path) -> None:
        """Tell the interpreters where they are, and where to write down what they see."""
        bytecode = self.bytecode or ""
        text = "".join(f"{one}\0" for one in (self.top, self.tree, folder, bytecode))
        settings = self.instrument / "settings"
        settings.write_text(text, "utf-8", "surrogateescape")

    def move(self, folder: Path) -> None:
        """Let the bytecode of the environments lie in another folder."""
        if self.bytecode and self.bytecode.is_dir():
            with suppress(OSError):  # it is compiled again where it cannot be moved
                self.bytecode.rename(folder)
                shutil.rmtree(f"{folder}{self.tree}", ignore_errors=True)

    def environment(self, caller: Mapping[str, str]) -> dict[str, str]:
        """The caller's environment with stand-ins on PATH, and nothing of the working copy."""
        path = [
            place
            for entry in tools.search_path(caller.get("PATH", ""))
            for place in (self.stand_in(entry), self.mapped(entry))
            if place
        ]
        changed = {**caller, "PATH": os.pathsep.join(dict.fromkeys(path))}
        if virtual := caller.get("VIRTUAL_ENV"):
            stand_in = self.stand_in(os.path.join(virtual, "bin"))
            changed["VIRTUAL_ENV"] = os.path.dirname(stand_in) if stand_in else virtual
        return changed

    def check(self, check: CheckPolicy) -> CheckPolicy:
        """A check with its programs and variables led to the stand-ins.

        Versions are not asked: a stand-in has another path each time, so that none is remembered.
        """
        return replace(
            check,
            command=self._led(check.command),
            lists=self._led(check.lists),
            env=self.variables(check.env),
            version=(),
        )

    def _led(self, command: tuple[str, ...]) -> tuple[str, ...]:
        return (self.program(command[0]), *command[1:]) if command else ()

    def variables(self, wanted: Mapping[str, str | None]) -> dict[str, str | None]:
        """The `env:` of a check with what the proof needs in it."""
        mine = {name: value for name, value in wanted.items() if value is not None}
        paths = mine.get("PYTHONPATH", "").split(os.pathsep)
        leads = [str(self.instrument), *(self.mapped(path) for path in paths if path)]
        plugins = [*filter(None, [mine.get("PYTEST_PLUGINS")]), "gatekeeper_pytest"]
        return {
            **wanted,
            "PYTHONPATH": os.pathsep.join(leads),
            "PYTHONPYCACHEPREFIX": str(self.bytecode or ""),
            "PYTEST_PLUGINS": ",".join(plugins),
        }

    def mapped(self, path: str) -> str:
        """A path below the working copy, in the worktree instead; environments stay themselves."""
        for place in (path, os.path.realpath(path)):
            if Path(place).is_relative_to(self.top) and not _in_environment(self.top, place):
                return os.path.join(self.tree, os.path.relpath(place, self.top))
        return path

    def program(self, name: str) -> str:
        """A program named by an absolute path, in the stand-in of its environment if it has one."""
        if not os.path.isabs(name):
            return name
        stand_in = self.stand_in(os.path.dirname(name))
        inside = os.path.join(stand_in, os.path.basename(name))
        return inside if stand_in and os.path.exists(inside) else self.mapped(name)

    def take_over(self, linked: Sequence[str]) -> None:
        """Let links of the worktree to virtual environments lead to their stand-ins instead."""
        for path in linked:
            place = self.tree / path
            if not (place / "pyvenv.cfg").exists() or not place.is_symlink():
                continue
            if stand_in := self.stand_in(f"{self.top / path}/bin"):
                place.unlink()
                place.symlink_to(os.path.dirname(stand_in))

    def stand_in(self, folder: str) -> str:
        """The folder of programs that stands in for one; "" where no interpreter is in it."""
        folder = os.path.realpath(folder)
        if folder not in self.made:
            environment = _ask(folder)
            if environment and environment.bin != folder:
                self.made[folder] = self.stand_in(environment.bin)
            else:
                self.made[folder] = self._make(environment) if environment else ""
        return self.made[folder]

    def _make(self, environment: Environment) -> str:
        place = self.place / f"python{len(self.made)}"
        programs = place / "bin"
        packages = place / f"lib/python{environment.version}/site-packages"
        for folder in (programs, packages):
            folder.mkdir(parents=True)
        (place / "pyvenv.cfg").write_text(
            f"home = {os.path.dirname(environment.base)}\n"
            f"include-system-site-packages = false\nversion = {environment.version}\n"
        )
        names = ("python", "python3", f"python{environment.version}")
        for name in names:
            (programs / name).symlink_to(environment.base)
        folders = "".join(f"{folder}\0" for folder in environment.folders)
        (place / "packages").write_text(folders, "utf-8", "surrogateescape")
        (packages / "gatekeeper.pth").write_text(f"{self.instrument}\nimport gatekeeper_site\n")
        for entry in os.scandir(environment.bin):
            if entry.name not in names and entry.is_file():
                _program(entry, programs, environment)
        return str(programs)


def shadows(top: Path, tree: Path, bytecode: Path | None = None) -> Shadows:
    """Stand-ins for a worktree, in the folder around it, which goes with it.

    `bytecode` is a folder with what was compiled of the environments before, as `move` left it.
    """
    place = tree.parent / "python"
    (place / "instrument").mkdir(parents=True)
    for module in _INSTRUMENT.glob("gatekeeper_*.py"):
        shutil.copyfile(module, place / "instrument" / module.name)
    return Shadows(place, top, tree, bytecode=bytecode)


def _ask(folder: str) -> Environment | None:
    """What the interpreter in a folder says of itself; None where there is none that answers."""
    names = (os.path.join(folder, name) for name in ("python3", "python"))
    interpreter = next((name for name in names if os.access(name, os.X_OK)), None)
    if interpreter is None:
        return None
    env = {"PATH": os.pathsep.join([folder, os.defpath]), "HOME": os.path.expanduser("~")}
    argv = (interpreter, "-c", _QUESTION)
    with suppress(NotMeasured, OSError, ValueError, KeyError, TypeError):
        answer = process.capture(argv, cwd="/", env=env, timeout=_ASKED)
        said = json.loads(answer.stdout)
        return Environment(
            bin=os.path.realpath(os.path.dirname(said["executable"])),
            spelled=os.path.dirname(said["executable"]),
            base=said["base"],
            virtual=bool(said["virtual"]),
            version=said["version"],
            folders=tuple(map(str, said["folders"])),
        )
    return None


def _program(entry: os.DirEntry[str], programs: Path, environment: Environment) -> None:
    """A console script of the environment for its stand-in; in a `venv` all other programs too."""
    target = programs / entry.name
    if not os.access(entry.path, os.R_OK | os.X_OK):
        return
    with open(entry.path, "rb") as file:
        head = file.read(_HEAD)
        # The interpreter stands in the first line; where its path is long, in a shell's `exec`.
        first = b"\n".join(head.split(b"\n", 3)[:3])
        changed = first
        for ours in (environment.spelled, environment.bin):
            changed = changed.replace(
                os.fsencode(f"{ours}/python"), os.fsencode(f"{programs}/python")
            )
        if head.startswith(b"#!") and changed != first:
            target.write_bytes(changed + head[len(first) :] + file.read(_SCRIPT_CAP))
            target.chmod(0o755)
        elif environment.virtual:
            target.symlink_to(entry.path)


def _in_environment(top: Path, path: str) -> bool:
    """Whether a path of the working copy is in a virtual environment that lies there."""
    place = Path(path)
    folders: Sequence[Path] = [place, *place.parents]
    below = [folder for folder in folders if folder.is_relative_to(top) and folder != top]
    return any(
        (folder / mark).exists() for folder in below for mark in ("pyvenv.cfg", "conda-meta")
    )
