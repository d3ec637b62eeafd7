# What a production network, its key and its cluster use beyond main.tf: one of each, changed in place by `phase`.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "region" { type = string }
variable "role_arn" { type = string }
variable "external_id" { type = string }
variable "name" { type = string }
variable "phase" {
  type    = number
  default = 1
}
variable "reservation_id" { type = string }
variable "existing_vpc_id" { type = string }

provider "aws" {
  region            = var.region
  s3_use_path_style = true
  max_retries       = 2
  assume_role {
    role_arn     = var.role_arn
    external_id  = var.external_id
    session_name = "stack"
  }
  default_tags {
    tags = { environment = var.name, phase = tostring(var.phase) }
  }
}

locals {
  later   = var.phase > 1
  version = local.later ? "1.36" : "1.35"
  zones   = data.aws_availability_zones.this.zone_ids
  account = data.aws_caller_identity.this.account_id
}

data "aws_caller_identity" "this" {}
data "aws_availability_zones" "this" {
  state            = "available"
  exclude_zone_ids = ["use1-az3"]
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}
data "aws_ec2_instance_type_offerings" "this" {
  location_type = "availability-zone-id"
  filter {
    name   = "instance-type"
    values = ["m7i.large", "g5.xlarge"]
  }
}
data "aws_ec2_instance_type" "gpu" { instance_type = "g5.xlarge" }
data "aws_ssm_parameter" "image" {
  for_each = toset(["standard", "nvidia"])
  name     = "/aws/service/eks/optimized-ami/${local.version}/amazon-linux-2023/x86_64/${each.key}/recommended/image_id"
}
data "aws_ssm_parameter" "release" {
  name = "/aws/service/eks/optimized-ami/${local.version}/amazon-linux-2023/x86_64/standard/recommended/release_version"
}
data "aws_eks_cluster_versions" "this" {}
data "aws_eks_addon_version" "this" {
  for_each           = toset(["vpc-cni", "kube-proxy", "coredns"])
  addon_name         = each.key
  kubernetes_version = local.version
}
data "aws_kms_key" "rds" { key_id = "alias/aws/rds" }

# --- a VPC that was there before
data "aws_vpc" "existing" { id = var.existing_vpc_id }
data "aws_subnets" "existing" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.existing.id]
  }
}
data "aws_subnet" "existing" {
  for_each = toset(data.aws_subnets.existing.ids)
  id       = each.key
}
data "aws_route_tables" "existing" { vpc_id = data.aws_vpc.existing.id }
data "aws_route_table" "existing" { route_table_id = data.aws_route_tables.existing.ids[0] }
data "aws_internet_gateway" "existing" {
  filter {
    name   = "attachment.vpc-id"
    values = [data.aws_vpc.existing.id]
  }
}

# --- network over three zones
resource "aws_vpc" "this" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-default" }
}
resource "aws_subnet" "public" {
  count                   = 3
  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
  availability_zone_id    = local.zones[count.index]
  map_public_ip_on_launch = true
  tags                    = { "kubernetes.io/role/elb" = "1" }
}
resource "aws_subnet" "private" {
  count                = 3
  vpc_id               = aws_vpc.this.id
  cidr_block           = cidrsubnet(aws_vpc.this.cidr_block, 4, count.index + 1)
  availability_zone_id = local.zones[count.index]
  tags                 = { "kubernetes.io/role/internal-elb" = "1" }
}
resource "aws_internet_gateway" "this" { vpc_id = aws_vpc.this.id }
resource "aws_eip" "nat" {
  count      = 3
  domain     = "vpc"
  depends_on = [aws_internet_gateway.this]
}
resource "aws_nat_gateway" "this" {
  count         = 3
  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id
}
resource "aws_route_table" "private" {
  count  = 3
  vpc_id = aws_vpc.this.id
}
resource "aws_route" "private" {
  count                  = 3
  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[count.index].id
}
resource "aws_route_table_association" "private" {
  count          = 3
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = slice(aws_route_table.private[*].id, 0, local.later ? 3 : 2)
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }]
  })
  tags = { Name = "${var.name}-s3" }
}
resource "aws_vpc_endpoint" "sts" {
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.sts"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = slice(aws_subnet.private[*].id, 0, 2)
  security_group_ids  = [aws_security_group.one.id]
  private_dns_enabled = true
}
resource "aws_security_group" "one" {
  name_prefix = "${var.name}-one-"
  description = "one"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "one" }
  lifecycle { create_before_destroy = true }
}
resource "aws_vpc_security_group_ingress_rule" "cidr" {
  for_each          = { a = local.later ? "10.0.0.0/8" : "10.40.0.0/16", b = "192.0.2.0/24" }
  security_group_id = aws_security_group.one.id
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "rule ${each.key} in phase ${var.phase}"
  tags              = { Name = each.key }
}
resource "aws_vpc_security_group_ingress_rule" "self" {
  security_group_id            = aws_security_group.one.id
  referenced_security_group_id = aws_security_group.one.id
  ip_protocol                  = "-1"
  description                  = "itself"
}
resource "aws_vpc_security_group_egress_rule" "prefix_list" {
  security_group_id = aws_security_group.one.id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
resource "aws_vpc_security_group_egress_rule" "world" {
  security_group_id = aws_security_group.one.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# --- key and logs
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
  statement {
    sid       = "AutoScaling"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_service_linked_role.autoscaling.arn]
    }
  }
  statement {
    sid       = "Grant"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_service_linked_role.autoscaling.arn]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:${var.region}:${local.account}:*"]
    }
  }
}
resource "aws_iam_service_linked_role" "autoscaling" { aws_service_name = "autoscaling.amazonaws.com" }
resource "aws_kms_key" "this" {
  description             = "${var.name} phase ${var.phase}"
  enable_key_rotation     = true
  rotation_period_in_days = local.later ? 365 : 180
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
}
resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.id
}
resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = local.later ? 90 : 30
  kms_key_id        = aws_kms_key.this.arn
}
resource "aws_cloudwatch_log_group" "flow" {
  name              = "/aws/vpc/${var.name}/flow-logs"
  retention_in_days = 30
  kms_key_id        = local.later ? null : aws_kms_key.this.arn
}
resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.this["flow"].arn
  max_aggregation_interval = 600
  tags                     = { Name = var.name }
}

# --- roles under a boundary
resource "aws_iam_policy" "boundary" {
  for_each    = toset(["one", "two"])
  name        = "${var.name}-boundary-${each.key}"
  description = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = local.later ? ["*"] : ["s3:*", "eks:*", "ec2:*"], Resource = "*" }]
  })
}
locals {
  trusted  = { control = "eks", nodes = "ec2", flow = "vpc-flow-logs" }
  boundary = aws_iam_policy.boundary[local.later ? "two" : "one"].arn
}
resource "aws_iam_role" "this" {
  for_each             = local.trusted
  name                 = "${var.name}-${each.key}"
  permissions_boundary = each.key == "flow" && local.later ? null : local.boundary
  description          = "phase ${var.phase}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "${each.value}.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] }]
  })
}
resource "aws_iam_role_policy" "flow" {
  name = "flow"
  role = aws_iam_role.this["flow"].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.flow.arn}:*" }]
  })
}
resource "aws_iam_role_policy_attachment" "nodes" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"])
  role       = aws_iam_role.this["nodes"].name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}
resource "aws_iam_user" "this" {
  name                 = "${var.name}-storage"
  path                 = "/beta9/"
  permissions_boundary = local.boundary
  force_destroy        = true
}
resource "aws_iam_user_policy" "this" {
  name   = "storage"
  user   = aws_iam_user.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-nodes"
  role = aws_iam_role.this["nodes"].name
}

# --- bucket
resource "aws_s3_bucket" "this" {
  bucket        = "${var.name}-${local.account}"
  force_destroy = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}
resource "aws_s3_bucket_cors_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    allowed_headers = ["*"]
    max_age_seconds = 3000
  }
}

# --- cluster
resource "aws_eks_cluster" "this" {
  name                          = var.name
  version                       = local.version
  role_arn                      = aws_iam_role.this["control"].arn
  bootstrap_self_managed_addons = false
  enabled_cluster_log_types     = local.later ? ["api", "audit", "authenticator"] : ["api", "audit"]
  access_config {
    authentication_mode                         = "API_AND_CONFIG_MAP"
    bootstrap_cluster_creator_admin_permissions = true
  }
  encryption_config {
    resources = ["secrets"]
    provider { key_arn = aws_kms_key.this.arn }
  }
  upgrade_policy { support_type = local.later ? "STANDARD" : "EXTENDED" }
  vpc_config {
    subnet_ids              = aws_subnet.private[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = local.later ? ["192.0.2.0/24", "198.51.100.0/24"] : ["192.0.2.0/24"]
  }
  depends_on = [aws_cloudwatch_log_group.cluster]
}

resource "aws_launch_template" "this" {
  for_each               = { cpu = null, gpu = null, block = "p5.48xlarge" }
  name_prefix            = "${var.name}-${each.key}-"
  description            = "phase ${var.phase}"
  update_default_version = true
  instance_type          = each.value
  ebs_optimized          = true
  vpc_security_group_ids = [aws_eks_cluster.this.vpc_config[0].cluster_security_group_id, aws_security_group.one.id]
  monitoring { enabled = true }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "disabled"
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = local.later ? 200 : 100
      volume_type           = "gp3"
      iops                  = 3000
      throughput            = 125
      encrypted             = "true"
      delete_on_termination = "true"
      kms_key_id            = aws_kms_key.this.arn
    }
  }
  dynamic "capacity_reservation_specification" {
    for_each = each.key == "cpu" ? [] : [1]
    content {
      capacity_reservation_preference = each.key == "block" ? null : "none"
      dynamic "capacity_reservation_target" {
        for_each = each.key == "block" ? [1] : []
        content { capacity_reservation_id = var.reservation_id }
      }
    }
  }
  dynamic "instance_market_options" {
    for_each = each.key == "block" ? [1] : []
    content { market_type = "capacity-block" }
  }
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])
    content {
      resource_type = tag_specifications.key
      tags          = { Name = "${var.name}-${each.key}", environment = var.name }
    }
  }
}

resource "aws_eks_node_group" "this" {
  for_each = {
    cpu   = { types = ["m7i.large", "m6i.large"], ami = "AL2023_x86_64_STANDARD", capacity = "SPOT", size = local.later ? 2 : 1 }
    gpu   = { types = ["g5.xlarge"], ami = "AL2023_x86_64_NVIDIA", capacity = "ON_DEMAND", size = 1 }
    block = { types = null, ami = "AL2023_x86_64_NVIDIA", capacity = "CAPACITY_BLOCK", size = 0 }
  }
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "${var.name}-${each.key}"
  version         = aws_eks_cluster.this.version
  node_role_arn   = aws_iam_role.this["nodes"].arn
  subnet_ids      = each.key == "block" ? [aws_subnet.private[0].id] : aws_subnet.private[*].id
  instance_types  = each.value.types
  ami_type        = each.value.ami
  capacity_type   = each.value.capacity
  labels          = { "beta9.io/node-group" = each.key, "phase" = tostring(var.phase) }
  scaling_config {
    min_size     = 0
    max_size     = 4
    desired_size = each.value.size
  }
  update_config {
    max_unavailable            = local.later ? null : 1
    max_unavailable_percentage = local.later ? 33 : null
  }
  node_repair_config { enabled = true }
  dynamic "taint" {
    for_each = each.key == "gpu" || local.later ? { "nvidia.com/gpu" = "NO_SCHEDULE", "phase" = local.later ? "NO_EXECUTE" : "PREFER_NO_SCHEDULE" } : {}
    content {
      key    = taint.key
      value  = taint.key == "phase" ? tostring(var.phase) : null
      effect = taint.value
    }
  }
  launch_template {
    id      = aws_launch_template.this[each.key].id
    version = aws_launch_template.this[each.key].latest_version
  }
  depends_on = [aws_iam_role_policy_attachment.nodes]
}
resource "aws_eks_addon" "this" {
  for_each                    = data.aws_eks_addon_version.this
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = each.value.version
  resolve_conflicts_on_update = "OVERWRITE"
}
resource "aws_eks_addon" "pods" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "eks-pod-identity-agent"
}
output "images" {
  value     = { for key, found in data.aws_ssm_parameter.image : key => found.value }
  sensitive = true
}
output "vpcs" { value = data.aws_route_table.existing.vpc_id }
