"""Eastmoney, through akshare."""
