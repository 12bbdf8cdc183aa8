"""What the report states and how firm it is: results, statements, claims, ranges, scenarios."""
