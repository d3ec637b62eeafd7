"""Documents as files: what YAML and JSON readers like to lose."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.beta9ctl.document import known_paths
from libs.beta9ctl.document_file import load, read
from libs.beta9ctl.problem import ExitCode, Problem

EXAMPLES = Path(__file__).parents[3] / "examples"


def _load(tmp_path: Path, text: str, name: str = "dev.yaml") -> object:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load(str(path))


def test_digits_stay_what_the_author_wrote(tmp_path: Path) -> None:
    text = "name: dev\ncloud: {account_id: 012345670123}\nbeta9: {version: 0.10, domain: 1e3}\n"

    spec = _load(tmp_path, text).spec

    assert spec.cloud.account_id == "012345670123"
    assert (spec.beta9.version, spec.beta9.domain) == ("0.10", "1e3")


def test_numbers_and_truth_values_are_read_where_the_contract_has_them(tmp_path: Path) -> None:
    spec = _load(tmp_path, "name: dev\ndata: {postgres: {storage_gb: 50, multi_az: no}}\n").spec

    assert spec.data.postgres.storage_gb == 50
    assert spec.data.postgres.HasField("multi_az") and not spec.data.postgres.multi_az


def test_json_is_a_document_too(tmp_path: Path) -> None:
    text = '{"name": "dev", "cloud": {"provider": "aws"}, "data": {"postgres": {"storage_gb": 50}}}'

    assert _load(tmp_path, text, "dev.json").spec.data.postgres.storage_gb == 50


@pytest.mark.parametrize("text", ["name: dev\nname: dev2\n", '{"name": "dev", "name": "dev2"}'])
def test_a_key_that_is_there_twice_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem, match='"name" is there twice'):
        _load(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["name: [dev", "a: b: c", '{"name": }', "name: dev\n---\nname: dev2\n", "name: !!python/object:os.system x"]
)
def test_what_cannot_be_read_says_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem, match="neither YAML nor JSON") as raised:
        _load(tmp_path, text)

    assert raised.value.exit_code == ExitCode.USAGE


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="the document is empty"):
        _load(tmp_path, "# nothing yet\n")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(Problem, match="No such file"):
        load(str(tmp_path / "absent.yaml"))
    with pytest.raises(Problem, match="not UTF-8"):
        load(str(tmp_path / "binary"))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_documents(path: Path) -> None:
    assert load(str(path)).spec.cloud.account_id == "222233334444"


def test_the_long_example_has_every_key() -> None:
    written: set[str] = set()

    def walk(content: object, path: str) -> None:
        for key, value in content.items() if isinstance(content, dict) else ():
            written.add(f"{path}{key}")
            walk(value[0] if isinstance(value, list) else value, f"{path}{key}{'[]' * isinstance(value, list)}.")

    walk(read((EXAMPLES / "every-key.yaml").read_text(), "x"), "")

    # A taint has the same keys wherever it stands, and system nodes have theirs from the cluster.
    assert {path for path in known_paths() if not path.startswith("cluster.system_nodes.taints[]")} <= written
