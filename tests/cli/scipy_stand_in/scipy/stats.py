"""Stands in for SciPy where it is not installed: as much as compare.py takes of it without its U test."""
import math

from numpy import array


def gmean(rows):
    return array(math.exp(math.fsum(map(math.log, column)) / len(rows)) for column in zip(*rows))


def mannwhitneyu(*_, **__):
    raise NotImplementedError("asked for with --no-utest")
