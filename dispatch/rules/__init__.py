"""The rules: tables where they can be, pure functions where they can't; they take facts and a moment."""
