"""The vocabulary of all floors: frozen records without SQL and without I/O."""
