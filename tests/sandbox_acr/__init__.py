"""Tests of the registry stand-in, with clients that nobody here wrote."""
