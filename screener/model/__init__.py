"""What there is, what is said, where it trades: what everything else is written in."""
