# Two databases and two caches of one account and region, and what they are changed to.
terraform {
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
variable "changed" {
  type    = bool
  default = false
}

provider "aws" {
  region      = var.region
  max_retries = 2
  assume_role {
    role_arn    = var.role_arn
    external_id = var.external_id
  }
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

data "aws_availability_zones" "zones" {}

resource "aws_subnet" "this" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index)
  availability_zone = data.aws_availability_zones.zones.names[count.index]
}

resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = aws_subnet.this[*].id
}

locals {
  family = var.changed ? "postgres17" : "postgres16"
}

resource "aws_db_parameter_group" "this" {
  name   = "${var.name}-${local.family}"
  family = local.family
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  lifecycle { create_before_destroy = true }
}

resource "aws_db_instance" "this" {
  count                           = 2
  identifier                      = "${var.name}-${count.index}"
  engine                          = "postgres"
  engine_version                  = var.changed ? "17" : "16"
  allow_major_version_upgrade     = true
  instance_class                  = var.changed ? "db.r7g.large" : "db.t4g.medium"
  allocated_storage               = var.changed ? 50 : 20
  max_allocated_storage           = var.changed ? 200 : 100
  storage_type                    = "gp3"
  storage_encrypted               = true
  kms_key_id                      = count.index == 0 ? aws_kms_key.this.arn : null
  username                        = "beta9"
  password_wo                     = var.changed ? "anotherPassword2" : "thePassword1"
  password_wo_version             = var.changed ? 2 : 1
  db_subnet_group_name            = aws_db_subnet_group.this.name
  parameter_group_name            = aws_db_parameter_group.this.name
  multi_az                        = var.changed
  backup_retention_period         = var.changed ? 14 : 7
  backup_window                   = var.changed ? "01:00-02:00" : null
  maintenance_window              = "sun:03:00-sun:04:00"
  deletion_protection             = !var.changed
  enabled_cloudwatch_logs_exports = var.changed ? ["postgresql", "upgrade"] : ["postgresql"]
  performance_insights_enabled    = true
  copy_tags_to_snapshot           = true
  skip_final_snapshot             = count.index == 1
  final_snapshot_identifier       = count.index == 0 ? "${var.name}-final" : null
  apply_immediately               = true
  tags                            = { changed = tostring(var.changed) }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = aws_subnet.this[*].id
}

locals {
  engines = {
    redis  = { engine = var.changed ? "valkey" : "redis", version = var.changed ? "8.0" : "7.1" }
    valkey = { engine = "valkey", version = var.changed ? "8.0" : "7.2" }
  }
}

resource "aws_elasticache_parameter_group" "this" {
  for_each = local.engines
  name     = "${var.name}-${each.key}-${each.value.engine}${split(".", each.value.version)[0]}"
  family   = "${each.value.engine}${split(".", each.value.version)[0]}"
  parameter {
    name  = "notify-keyspace-events"
    value = "AKE"
  }
  lifecycle { create_before_destroy = true }
}

resource "aws_elasticache_replication_group" "this" {
  for_each                   = local.engines
  replication_group_id       = "${var.name}-${each.key}"
  description                = "cache"
  engine                     = each.value.engine
  engine_version             = each.value.version
  node_type                  = var.changed ? "cache.r7g.large" : "cache.t4g.small"
  num_cache_clusters         = var.changed ? 3 : 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  parameter_group_name       = aws_elasticache_parameter_group.this[each.key].name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  at_rest_encryption_enabled = true
  kms_key_id                 = each.key == "valkey" ? aws_kms_key.this.arn : null
  transit_encryption_enabled = true
  snapshot_retention_limit   = var.changed ? 3 : 1
  snapshot_window            = var.changed ? "02:00-03:00" : null
  maintenance_window         = "sun:03:30-sun:04:30"
  apply_immediately          = true
  tags                       = { changed = tostring(var.changed) }
}
