"""SimulatePrincipalPolicy and SimulateCustomPolicy, by the policies themselves.

AWS: judges every action on every resource by identity policies, the boundary, and policies given with the call;
what needs a context that the call does not bring is told as missing. Resource policies count only when given.
moto: knows neither action.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import InvalidInput
from moto.iam.responses import IamResponse

from libs.sandbox.aws.iam import policies_of
from libs.sandbox.aws.iam.conditions import Context, context_of
from libs.sandbox.aws.iam.evaluation import Asked, Policy, judge

_PAGE = 100


def mend() -> None:
    """Add the actions."""
    IamResponse.simulate_principal_policy = _simulate_principal  # type: ignore[attr-defined]
    IamResponse.simulate_custom_policy = _simulate_custom  # type: ignore[attr-defined]


def _simulate_principal(self: IamResponse) -> ActionResult:
    source = self._get_param("PolicySourceArn")
    found = policies_of.principal(self.backend, source)
    policies = [*policies_of.identity_policies(self.backend, found), *_given(self, "PolicyInputList")]
    limits = _given(self, "PermissionsBoundaryPolicyInputList") or policies_of.boundary(self.backend, found)
    own = {"aws:PrincipalArn": source, "aws:PrincipalAccount": self.current_account}
    if ":user/" in source:
        own["aws:username"] = found.name
    return _answer(self, policies, limits, own)


def _simulate_custom(self: IamResponse) -> ActionResult:
    policies = _given(self, "PolicyInputList")
    return _answer(self, policies, _given(self, "PermissionsBoundaryPolicyInputList") or None, {})


def _given(self: IamResponse, name: str) -> list[Policy]:
    return [Policy(f"{name}.{place}", text) for place, text in enumerate(self._get_param(name, []), 1)]


def _context(self: IamResponse, own: dict[str, str]) -> Context:
    entries = self._get_param("ContextEntries", [])
    given = {entry["ContextKeyName"]: list(entry.get("ContextKeyValues", [])) for entry in entries}
    return {**context_of(own), **context_of(given)}


def _answer(
    self: IamResponse, policies: list[Policy], limits: list[Policy] | None, own: dict[str, str]
) -> ActionResult:
    actions, context = self._get_param("ActionNames", []), _context(self, own)
    for action in actions:
        if ":" not in action:
            raise InvalidInput(f"Invalid Action: {action} must have a vendor prefix.")
    asked = [
        Asked(action, resource, context) for action in actions for resource in self._get_param("ResourceArns") or ["*"]
    ]
    start, size = int(self._get_param("Marker") or 0), int(self._get_param("MaxItems") or _PAGE)
    results = [_result(policies, limits, one) for one in asked[start : start + size]]
    answer: dict[str, Any] = {"EvaluationResults": results, "IsTruncated": start + size < len(asked)}
    if answer["IsTruncated"]:
        answer["Marker"] = str(start + size)
    return ActionResult(answer)


def _result(policies: list[Policy], limits: list[Policy] | None, asked: Asked) -> dict[str, Any]:
    verdict = judge(policies, asked)
    decision, missing = verdict.decision, set(verdict.missing)
    result: dict[str, Any] = {
        "EvalActionName": asked.action,
        "EvalResourceName": asked.resource,
        "MatchedStatements": [
            {"SourcePolicyId": policy.id, "SourcePolicyType": policy.kind} for policy in verdict.matched
        ],
    }
    if limits is not None:
        limited = judge(limits, asked)
        missing |= limited.missing
        result["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": limited.decision == "allowed",
        }
        if limited.decision == "explicitDeny":
            decision = "explicitDeny"
        elif limited.decision == "implicitDeny" and decision == "allowed":
            decision = "implicitDeny"
    return result | {"EvalDecision": decision, "MissingContextValues": sorted(missing)}
