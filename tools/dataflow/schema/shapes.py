"""Schemas prepared for checking fast: what a value may be, and which properties an object has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Need:
    """One of `options`, each a set of properties, has to be there; but only with all of `given` and none of `unless`."""

    options: tuple[tuple[str, ...], ...]
    given: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def met(self, value: Mapping[str, Any]) -> bool:
        if any(name not in value for name in self.given) or any(name in value for name in self.unless):
            return True
        return any(all(name in value for name in option) for option in self.options)


@dataclass(slots=True)
class Value:
    """What a value may be: `kinds` are its Python types, `words` the JSON types as messages name them.

    `choice` are the values allowed, of those types that have a choice at all. `deferred` says that a variable may stand for it.
    An object has a `shape`, or is a `noun`. `instead` is what to use in place of a property that is deprecated.
    """

    kinds: set[type] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    choice: list[Any] = field(default_factory=list)
    deferred: bool = False
    least: float | None = None
    most: float | None = None
    items: Value | None = None
    places: tuple[Value, ...] = ()
    shape: Shape | None = None
    noun: str | None = None
    deprecated: bool = False
    instead: str | None = None

    @property
    def plain(self) -> bool:
        """Whether the type of a value is all that matters."""
        inner = self.items or self.places or self.shape or self.noun
        return not (inner or self.choice or self.deprecated) and self.least is None and self.most is None

    def allow(self, kinds: tuple[type, ...], word: str | None = None) -> None:
        self.kinds.update(kinds)
        if word is not None and word not in self.words:
            self.words.append(word)


@dataclass(slots=True)
class Shape:
    """An object: its properties, what it needs, and `more`, what any other property may be; a `closed` one has no other.

    `plain` has the Python types of those properties of which nothing but the type matters.

    The value of the property `by`, such as "type", brings a `variant` along with further properties; None when it brings none.
    """

    known: dict[str, Value] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    more: Value | None = None
    closed: bool = False
    by: str | None = None
    variant: Callable[[str | None], Shape | None] = lambda _: None
    deprecated: bool = False
    instead: str | None = None
    plain: dict[str, set[type]] = field(init=False)
    _whole: dict[str | None, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plain = {name: value.kinds for name, value in self.known.items() if value.plain}

    def of(self, value: Mapping[str, Any]) -> Shape:
        """The shape that one object has, with its variants."""
        if self.by is None:
            return self
        name = value.get(self.by)
        if name is not None and type(name) is not str:
            return self
        if name not in self._whole:
            variant = self.variant(name)
            self._whole[name] = self if variant is None else self._with(variant)
        whole = self._whole[name]
        return self if whole is self else whole.of(value)

    def _with(self, variant: Shape) -> Shape:
        return Shape(
            {**self.known, **variant.known},
            self.needs + variant.needs,
            self.more,
            self.closed,
            variant.by,
            variant.variant,
            variant.deprecated,
            variant.instead,
        )
