"""Stands in for NumPy where it is not installed: as much as compare.py takes of it without its U test."""


class array(list):
    def any(self):
        return any(self)
