"""Orders are stored with their lines, or not at all."""

import sqlite3


def save(database: sqlite3.Connection, order: str, articles: list[str]) -> None:
    """Store an order and its lines in one transaction."""
    with database:
        database.execute("INSERT INTO orders (id) VALUES (?)", (order,))
        lines = [(order, article) for article in articles]
        database.executemany("INSERT INTO order_lines (order_id, article) VALUES (?, ?)", lines)
