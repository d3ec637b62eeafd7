"""Systems Manager, mended: the public parameters by which EKS names its AMIs."""


def mend() -> None:
    """Apply the mends."""
    from libs.sandbox.aws.ssm import eks_images

    eks_images.mend()
