"""Do queues wait as theory says, and are deadlines missed where theory says?"""

from __future__ import annotations

from socsim.validation.queueing import DeadlineCheck, WaitCheck, queueing_data, queueing_lines, validate_queueing


def test_waits_and_deadlines_agree_with_theory() -> None:
    waits, deadlines = validate_queueing(requests=3_000)
    assert [check.queue for check in waits] == ["M/D/1"] * 3 + ["M/M/1"] * 3
    assert [check.ok for check in waits] == [True] * 6, [check.errors for check in waits]
    assert [(check.scheduler, check.missed_ms[:1]) for check in deadlines] == [("rate_monotonic", (7,)), ("edf", ())]


def test_a_check_that_fails_is_said() -> None:
    bad = WaitCheck("M/D/1", 1, expected_ms=0.5, mean_ms=0.6, standard_error_ms=0.01)
    late = DeadlineCheck("edf", (7,), "none", False)
    assert not queueing_data([bad], [late])["ok"]
    assert sum("FAILED" in line for line in queueing_lines([bad], [late])) == 2
