"""`python -m libs.embedded up|down|status|env|run|demo`."""

import sys

from libs.embedded.command_line import main

sys.exit(main(sys.argv[1:]))
