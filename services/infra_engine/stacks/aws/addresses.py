"""Addresses and references that are used where no construct is at hand. No cdktf here."""

KEY_ARN = "aws_kms_key.key.arn"
CLUSTER_VPC = "data.aws_eks_cluster.cluster.vpc_config[0].vpc_id"
CLUSTER_SUBNETS = "data.aws_eks_cluster.cluster.vpc_config[0].subnet_ids"
