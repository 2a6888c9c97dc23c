"""NemoVideo's AI video editor as a Prefect pipeline."""

__version__ = "0.1.0"
