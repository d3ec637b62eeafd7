"""Becomes another program that dies with its parent.

Started as `python -I -S shim.py PARENT_PID USER PROGRAM ARGUMENT...`; it imports nothing of the project, and
leaves no process of its own because it *becomes* the program. The kernel then kills the program the moment
its parent ends, however that ends. What the program itself has started is its own affair: the services'
children hang under supervisors of their own.

USER is `-`, or `unprivileged` for a program that refuses to run as root (Postgres). Root then becomes the
user `nobody`, preferably inside a user namespace: there root's files stay its own, so that neither the data
nor the clone has to be opened to another user. Where namespaces are forbidden it becomes that user for real.
"""

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


def _become_unprivileged(program: str) -> None:
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER) == 0:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{nobody.pw_uid} 0 1")
        _write("/proc/self/gid_map", f"{nobody.pw_gid} 0 1")
        return
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    if not os.access(program, os.X_OK):
        sys.exit(
            f"{program} does not run as root, and the user nobody cannot reach it there: "
            "use the project as another user than root, or clone it to where every user may look"
        )


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def main(arguments: list[str]) -> None:
    """Never returns: becomes the program, or exits with 127 and a sentence on standard error."""
    parent, user, argv = int(arguments[0]), arguments[1], arguments[2:]
    if user == "unprivileged":
        _become_unprivileged(argv[0])
    # After the change of user, which would clear it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)  # the parent died before it could take us along
    # Python ignores SIGPIPE, and an ignored signal stays ignored in what it becomes.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
