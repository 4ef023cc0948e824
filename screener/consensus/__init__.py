"""Estimates: their vintages, fiscal years and share basis; which are believed and used."""
