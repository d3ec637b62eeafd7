"""`python -m libs.embedded up|down|status|env|onboard|run|demo`."""

import sys

try:
    from libs.embedded.command_line import main
except KeyboardInterrupt:  # the imports take a moment too
    sys.exit(130)

sys.exit(main(sys.argv[1:]))
