"""Who calls, what they may, how often; what a browser is told; which settings are refused."""
