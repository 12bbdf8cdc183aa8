"""From the report to its readers: the book, citations, the archive, downloads, feeds, print."""
