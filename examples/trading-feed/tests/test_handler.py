"""What became of the prices that stood still."""

from feed.handler import Instrument


def test_a_reset_sequence_is_followed() -> None:
    """After the venue starts to count anew, its prices are still taken."""
    oil = Instrument()
    oil.take(9001, 71.5, now=0.0)
    oil.take(1, 72.0, now=1.0)
    assert oil.price == 72.0


def test_an_old_price_is_stale() -> None:
    """A price that is older than two seconds is not shown as current."""
    oil = Instrument()
    oil.take(1, 71.5, now=0.0)
    assert not oil.stale(now=2.0)
    assert oil.stale(now=2.1)
