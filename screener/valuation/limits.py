"""Limits beyond which a figure means nothing, and how closely figures are compared with limits."""

# Figures that are equal so far are ties, and a figure that is a limit but for what comes after is
# at that limit: beyond lies the noise of floating point. 11.40 ÷ 0.57 is 20, and not in floats.
TIE_DECIMALS = 10
TIE_PRECISION = 1e-10

# A P/E above this says that there are next to no earnings, not what they cost: one name at 13,415
# makes the mean of a sector 889. The highest that the report prints as a multiple is 499.6.
NM_ABOVE = 1000.0
