"""Prices of one instrument, by the sequence numbers of its venue."""

STALE_AFTER = 2.0


class Instrument:
    """The last price; times are seconds."""

    def __init__(self) -> None:
        """Nothing is known before the first message."""
        self.number, self.price, self.time = 0, None, 0.0

    def take(self, number: int, price: float, now: float) -> None:
        """Take a message; a number that starts anew is the venue's reset, an equal one a repeat."""
        if number != self.number:
            self.number, self.price, self.time = number, price, now

    def stale(self, now: float) -> bool:
        """Whether the price is too old to be shown as current."""
        return self.price is None or now - self.time > STALE_AFTER
