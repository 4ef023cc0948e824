"""A result as an Excel workbook: a module a sheet."""
