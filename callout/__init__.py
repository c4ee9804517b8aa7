"""The front door: settings, command line, supervision, and the one place that knows every room."""

__version__ = "0.1.0"
