"""The archive: speaks SQL, knows no one; every other floor sees only its records."""
