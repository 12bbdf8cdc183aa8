"""What the report starts from: facts, assumptions, where each was read."""
