"""What a study file says: values, expressions, axes, points; strict, every error with its place."""
