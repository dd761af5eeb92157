"""Entry points: command line, settings, supervision. The only place that wires the parts together."""
