"""The schemas of our charts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

_CHARTS = Path(__file__).resolve().parents[3] / "libs" / "sandbox" / "charts"
_NAMES = ("beta9-chart", "cert-manager", "metrics-server", "nginx-ingress", "nvidia-device-plugin")


def _schema(name):
    return json.loads((_CHARTS / name / "values.schema.json").read_text())


def _objects(schema):
    if isinstance(schema, dict):
        if "properties" in schema and not isinstance(schema["properties"].get("type"), str):
            yield schema
        for value in schema.values():
            yield from _objects(value)


def test_there_are_these_charts():
    assert sorted(p.name for p in _CHARTS.iterdir() if (p / "Chart.yaml").exists()) == sorted(_NAMES)


@pytest.mark.parametrize("name", _NAMES)
def test_the_defaults_hold_and_the_schema_is_strict(name):
    schema = _schema(name)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load((_CHARTS / name / "values.yaml").read_text()), schema)
    found = list(_objects(schema))
    assert found
    assert all(one.get("additionalProperties") is False for one in found)


@pytest.mark.parametrize("name", _NAMES)
def test_the_schema_says_which_chart_it_is_of(name):
    chart = yaml.safe_load((_CHARTS / name / "Chart.yaml").read_text())
    comment = _schema(name)["$comment"]
    assert f"{name} {chart['version']}" in comment
    assert re.search(r"\b[0-9a-f]{40}\b", comment)
    assert "description" not in json.dumps(_schema(name))


@pytest.mark.parametrize(
    "values",
    [
        {"config": {"databases": {}}},
        {"config": {"database": {"postgres": {"user": "x"}}}},
        {"config": {"database": {"redis": {"addrs": "not-a-list"}}}},
        {"config": {"worker": {"pools": {"default": {"tolerations": []}}}}},
        {"config": {"worker": {"pools": {"default": {"poolSizing": {"cpu": "1"}}}}}},
        {"global": {"domain": "x"}},
        {"database": {}},
        {"controllers": {"gateway": {"initContainer": {}}}},
        {"persistence": {"images": {"storageClassName": "gp3"}}},
    ],
)
def test_keys_that_the_gateway_does_not_read_are_refused(values):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, _schema("beta9-chart"))
