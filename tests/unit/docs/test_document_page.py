"""docs/document.md is what the contract says, whole."""

from __future__ import annotations

import re

import pytest

from libs.beta9ctl import document_scalars
from libs.beta9ctl.document import known_paths, parse
from scripts.docs import comments, document_page
from services.infra_engine.stacks.aws.gpu import INSTANCE_TYPES

PAGE = document_page.PAGE.read_text(encoding="utf-8")


def test_the_page_is_not_stale() -> None:
    assert document_page.main(["--check"]) == 0


def test_a_stale_page_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    changed = comments.read().replace("Default: 90.", "Default: 91.")
    monkeypatch.setattr(document_page, "read", lambda: changed)
    assert document_page.main(["--check"]) == 1
    assert "run make docs" in capsys.readouterr().err
    assert "| 91 |" in document_page.page()


def test_the_comments_are_read_of_every_field_of_the_contract() -> None:
    assert [one.path for one in comments.fields(comments.read())] == list(known_paths())


def test_every_field_has_its_line_and_every_word_can_be_written() -> None:
    elsewhere = ("cluster.system_nodes.", "cluster.node_groups[].taints[].")
    lines = re.findall(r"^\| `([a-z0-9_.\[\]]+)` \| [A-Z][^|]+ \|", PAGE.split("## GPUs")[0], re.MULTILINE)
    assert sorted(lines) == sorted(path for path in known_paths() if not path.startswith(elsewhere))
    for words in comments.enums(comments.read()).values():
        assert words and all(words.values())
    gpus = comments.enums(comments.read())["GpuType"]
    for value in gpus:
        word = value.removeprefix("GPU_TYPE_").lower()
        assert f"| `{word}` |" in PAGE
        assert parse({"name": "dev", "beta9": {"workers": {"gpu_type": word}}}).spec.beta9.workers.gpu_type
    assert len(gpus) == len(INSTANCE_TYPES)
    assert document_scalars.enum_words(parse({"name": "a"}).spec.DESCRIPTOR.file.enum_types_by_name["GpuType"])


def test_every_link_leads_somewhere() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert links
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors, link
        else:
            assert (document_page.PAGE.parent / link).exists(), link
