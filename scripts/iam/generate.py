"""`python -m scripts.iam.generate [--check]`: writes what is made of deploy/iam's JSON, or says what of it is stale."""

import sys

from scripts.iam import actions, sources, template


def main(arguments: list[str]) -> int:
    """0 when all that is made is what the JSON says."""
    policies = sources.policies()
    made = {
        actions.TARGET: actions.render(policies),
        template.TARGET: template.render(policies, sources.trust(), sources.boundary()),
    }
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    names = ", ".join(str(path.relative_to(sources.ROOT)) for path in stale)
    if "--check" in arguments:
        if stale:
            print(f"iam: stale: {names}; run make iam and commit it", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path])
    print(f"iam: changed {names}" if stale else "iam: up to date", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
