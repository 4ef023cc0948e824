"""A result shown: as a workbook, on a terminal, as JSON and in other formats."""
