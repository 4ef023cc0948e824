"""Write the golden files anew; look at their difference before it is committed."""

from tests.test_terminal import CASES, golden, shown

for case in CASES:
    golden(case).write_text(shown(case), encoding="utf-8")
    print(golden(case))  # noqa: T201
