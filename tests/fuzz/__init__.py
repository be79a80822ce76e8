"""Whatever comes in: each parser of the package answers, or refuses as its docstring says."""
