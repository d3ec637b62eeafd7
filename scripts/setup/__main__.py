"""`python3 -m scripts.setup`: every step, each skipped when it is done already."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python must get a sentence, not a syntax error)
    sys.exit(
        "setup: Python " + sys.version.split()[0] + " is too old; install Python 3.11 or later and run it again, "
        "or name one: make PYTHON=/path/to/python3.11 setup"
    )

from scripts.setup.run import main

sys.exit(main(sys.argv[1:]))
