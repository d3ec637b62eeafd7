"""What AWS says in an import is a failure of its own kind, which tells whether to try again."""

from pathlib import Path

import pytest

from libs.failures import Failure
from libs.stages.retries import mends_itself
from services.infra_engine.terraform import LocalTerraform, WorkFolder

ADDRESS = "aws_eks_cluster.cluster"


@pytest.mark.parametrize(
    ("said", "reason", "by_itself"),
    [
        ("reading EKS Cluster (c): api error ThrottlingException: Rate exceeded", "AWS_THROTTLED", True),
        ("Cannot import non-existent remote object", "AWS_NOT_YET_CONSISTENT", True),
        ("reading EKS Cluster (c): api error AccessDeniedException: no", "AWS_ACCESS_DENIED", False),
        ("Resource already managed by Terraform", "TERRAFORM_ERROR", False),
    ],
)
async def test_an_error_of_an_import(tmp_path: Path, said: str, reason: str, by_itself: bool) -> None:
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\nprintf '\\nError: {said}\\n\\nWhile importing.\\n' >&2\nexit 1\n")
    program.chmod(0o700)
    folder = WorkFolder(tmp_path / "work")
    folder.path.mkdir()
    with pytest.raises(Failure) as caught:
        await LocalTerraform(binary=str(program)).import_resource(folder, {}, ADDRESS, "c")
    assert (caught.value.reason, mends_itself(caught.value)) == (reason, by_itself)
    assert caught.value.resource_address == ADDRESS
