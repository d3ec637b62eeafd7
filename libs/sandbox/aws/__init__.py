"""The AWS side of the sandbox: moto's server with its gaps mended, one gap a file."""

import os

# moto reads its switches while it is imported, so they are set before anything of this package is.
os.environ.update(
    {
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
    }
)
