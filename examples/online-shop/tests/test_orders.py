"""What became of the orders that lost their lines."""

import sqlite3

import pytest
from shop.orders import save


def test_an_order_whose_lines_fail_is_not_stored() -> None:
    """Where the lines cannot be stored, neither is the order."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE orders (id TEXT)")
    database.execute("CREATE TABLE order_lines (order_id TEXT, article TEXT NOT NULL)")
    with pytest.raises(sqlite3.IntegrityError):
        save(database, "A-1", ["tea", None])
    assert database.execute("SELECT count(*) FROM orders").fetchone() == (0,)
