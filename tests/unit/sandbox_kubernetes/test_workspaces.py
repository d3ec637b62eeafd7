"""First token, once a database."""

from __future__ import annotations

import json

from libs.sandbox.gateway.workspaces import Workspaces


def test_one_token_a_database(tmp_path):
    first = Workspaces(tmp_path, "a:5432/beta9").authorize(None)
    assert first.ok
    again = Workspaces(tmp_path, "a:5432/beta9")
    assert not again.authorize(None).ok
    assert not again.authorize("wrong").ok
    known = again.authorize(first.new_token)
    assert (known.ok, known.workspace_id, known.new_token) == (True, first.workspace_id, "")
    assert Workspaces(tmp_path, "b:5432/beta9").authorize(None).ok


def test_a_wrong_token_on_an_empty_gateway_makes_the_workspace_as_the_real_one_does(tmp_path):
    assert Workspaces(tmp_path, "a").authorize("stale").new_token


def test_the_token_is_not_on_disk(tmp_path):
    token = Workspaces(tmp_path, "a").authorize(None).new_token
    (file,) = tmp_path.iterdir()
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert set(json.loads(file.read_text())) == {"workspace_id", "token_sha256"}
