"""The documents, and the program that writes those of them that repeat the code."""
