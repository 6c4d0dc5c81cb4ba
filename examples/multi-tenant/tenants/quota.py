"""The quota of a tenant, found without looking at the others."""


class Quotas:
    """Rows that each tenant may import."""

    def __init__(self, rows: dict[str, int]) -> None:
        """Quotas by tenant."""
        self._rows = dict(rows)

    def of(self, tenant: str) -> int:
        """The quota of a tenant, 0 for a stranger."""
        return self._rows.get(tenant, 0)
