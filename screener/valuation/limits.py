"""Limits beyond which a figure means nothing."""

# A P/E above this says that there are next to no earnings, not what they cost: one name at 13,415
# makes the mean of a sector 889. The highest that the report prints as a multiple is 499.6.
NM_ABOVE = 1000.0
