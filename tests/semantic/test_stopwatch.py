"""Every second is booked once, to the innermost phase."""

from __future__ import annotations

import pytest

from mllint.semantic.stopwatch import Stopwatch


class Clock:
    """A clock that goes on when it is told to."""

    now = 5.0

    def __call__(self) -> float:
        return self.now


def test_inner_phases_stop_the_outer_one() -> None:
    clock = Clock()
    stopwatch = Stopwatch(clock)
    with stopwatch("outer"):
        clock.now += 1
        with stopwatch("inner"):
            clock.now += 10
        clock.now += 2
        with stopwatch("inner"):
            clock.now += 20
    clock.now += 100
    with stopwatch("outer"):
        clock.now += 4
    assert stopwatch.seconds == {"outer": 7, "inner": 30}


def test_a_phase_that_raises_has_ended() -> None:
    clock = Clock()
    stopwatch = Stopwatch(clock)
    with stopwatch("outer"):
        with pytest.raises(ValueError, match="no"), stopwatch("inner"):
            raise ValueError("no")
        clock.now += 1
    assert stopwatch.seconds == {"outer": 1, "inner": 0}
