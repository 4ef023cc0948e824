"""Documents of any kind to lines of cells, within a bounded time and memory."""
