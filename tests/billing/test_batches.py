"""How much the flusher writes at once."""

from faregate.billing.flusher import Care


def test_a_long_backlog_is_written_in_larger_batches() -> None:
    care = Care(500)
    waiting = (0, 500, 2000, 2004, 16_000, 100_000)
    assert [care.take(count) for count in waiting] == [500, 500, 500, 501, 4000, 4000]


def test_after_a_failure_no_batch_is_larger_than_usual() -> None:
    care = Care(500)
    care.most = 500
    assert care.take(100_000) == 500


def test_a_batch_that_failed_stays_small_however_much_waits() -> None:
    care = Care(500)
    care.size = 1
    assert care.take(100_000) == 1
