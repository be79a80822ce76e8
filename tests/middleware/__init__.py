"""`SecondFactorMiddleware`: attacks on it, what it leaves open, and how it answers.

Beside other packages it is tested in tests/world.
"""
