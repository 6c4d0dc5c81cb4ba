"""What must not grow with the number of tenants."""

from tenants.quota import Quotas


def test_quota_lookup(benchmark) -> None:
    """A quota is found among 9,000 tenants."""
    quotas = Quotas({f"tenant-{number}": number for number in range(9000)})
    assert benchmark(quotas.of, "tenant-8999") == 8999
