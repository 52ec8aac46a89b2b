"""Where the time goes: CPU seconds by phase, each of which may run inside another."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from types import TracebackType


class Stopwatch:
    """Books CPU seconds under names.

    A phase that begins inside another stops it until it ends, so that every second is booked once: what a rule is the
    first to ask the model for is not the rule's.

    Args:
        clock: tells the seconds.

    Attributes:
        seconds: what has been booked, by name.
    """

    def __init__(self, clock: Callable[[], float] = process_time) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._running: list[str] = []
        self._since = 0.0

    def __call__(self, name: str) -> Phase:
        """Return a context in which time is booked under ``name``."""
        return Phase(self, name)

    def begin(self, name: str) -> None:
        """Begin a phase."""
        self._book()
        self._running.append(name)

    def end(self) -> None:
        """End the phase that began last."""
        self._book()
        self._running.pop()

    def _book(self) -> None:
        now = self._clock()
        if self._running:
            name = self._running[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


class Phase:
    """One run of a phase."""

    __slots__ = ("_name", "_watch")

    def __init__(self, watch: Stopwatch, name: str) -> None:
        self._watch, self._name = watch, name

    def __enter__(self) -> None:
        self._watch.begin(self._name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._watch.end()
