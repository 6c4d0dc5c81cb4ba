"""What was made of some content is remembered, and nothing but time depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from gatekeeper import cache
from gatekeeper.cache import Cache
from gatekeeper.checkout import Checkout, find


@dataclass(frozen=True, slots=True)
class Made:
    """What is made of content."""

    text: str
    words: tuple[str, ...] = ()


def make(data: bytes) -> Made:
    return Made(data.decode(), tuple(data.decode().split()))


def never(data: bytes) -> Made:
    raise AssertionError(f"{data!r} was known")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "code").mkdir()
    (tmp_path / "code/a.py").write_text("")
    return find(tmp_path)


def at(checkout: Checkout) -> Cache:
    return cache.at(checkout, "made", checkout.root / "code")


def test_it_is_made_once_in_a_process() -> None:
    """Also where no file keeps it."""
    memory = Cache()
    assert memory.recall(b"a b", make, Made) is memory.recall(b"a b", never, Made)
    memory.save()


def test_its_file_is_looked_for_when_it_is_needed() -> None:
    """A run that recalls nothing does not look at the code at all."""
    asked: list[str] = []
    memory = Cache(lambda: asked.append("x"))
    memory.save()
    assert asked == []
    memory.recall(b"a", make, Made)
    memory.save()
    assert asked == ["x"]


def test_it_is_remembered_by_the_next_process(checkout: Checkout) -> None:
    """And what that does not ask for is forgotten, once it has something new to keep."""
    first = at(checkout)
    assert [first.recall(data, make, Made) for data in (b"a b", b"c")] == [make(b"a b"), make(b"c")]
    first.save()
    second = at(checkout)
    assert second.recall(b"a b", never, Made) == make(b"a b")
    second.recall(b"d", make, Made)
    second.save()
    third = at(checkout)
    assert third.recall(b"a b", never, Made) == make(b"a b")
    with pytest.raises(AssertionError):
        third.recall(b"c", never, Made)


def test_other_code_makes_it_anew(checkout: Checkout) -> None:
    """Wherever below the folder it has changed; what the old code made is removed."""
    first = at(checkout)
    first.recall(b"a", make, Made)
    first.save()
    (checkout.root / "code/deeper").mkdir()
    (checkout.root / "code/deeper/b.py").write_text("")
    second = at(checkout)
    second.recall(b"a", make, Made)
    second.save()
    assert first.file != second.file
    assert [*(checkout.state / "cache").iterdir()] == [second.file]


@pytest.mark.parametrize("text", ["", "{}", "0\n{}", "not json", '{"Made 0": [1]}', "\xff"])
def test_a_broken_file_is_none(checkout: Checkout, text: str) -> None:
    """Cut off, edited or of another form: made anew."""
    memory = at(checkout)
    assert memory.file is not None
    memory.file.parent.mkdir(parents=True)
    memory.file.write_text(text, "latin-1")
    assert memory.recall(b"a", make, Made) == make(b"a")


def test_one_byte_that_differs_is_told(checkout: Checkout) -> None:
    """The rows carry a checksum."""
    first = at(checkout)
    first.recall(b"truth", make, Made)
    first.save()
    assert first.file is not None
    first.file.write_text(first.file.read_text().replace("truth", "trust"))
    assert at(checkout).recall(b"truth", make, Made) == make(b"truth")


def test_a_link_in_its_place_is_not_followed(checkout: Checkout, tmp_path: Path) -> None:
    """Nothing is read from there, nothing written."""
    memory = at(checkout)
    assert memory.file is not None
    memory.file.parent.parent.mkdir()
    memory.file.parent.symlink_to(tmp_path)
    assert at(checkout).file is None
