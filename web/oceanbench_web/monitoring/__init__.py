"""What the operator of the service sees: a log of requests, metrics, whether each part answers."""
