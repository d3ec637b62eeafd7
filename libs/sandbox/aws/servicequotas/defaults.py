"""The quotas that the sandbox knows besides moto's of VPC, with the values that AWS gives a new account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota as AWS lists it; `value` is AWS's default."""

    service: str
    code: str
    name: str
    value: float
    adjustable: bool = True
    unit: str = "None"


SERVICE_NAMES = {
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
    "eks": "Amazon Elastic Kubernetes Service (Amazon EKS)",
    "rds": "Amazon Relational Database Service (Amazon RDS)",
    "elasticache": "Amazon ElastiCache",
    "ebs": "Amazon Elastic Block Store (Amazon EBS)",
    "s3": "Amazon Simple Storage Service (Amazon S3)",
    "elasticloadbalancing": "Elastic Load Balancing (ELB)",
}

QUOTAS = (
    # In vCPUs, by the first letters of the instance type.
    Quota("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5),
    Quota("ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", 0),
    Quota("ec2", "L-417A185B", "Running On-Demand P instances", 0),
    Quota("ec2", "L-74FC7D96", "Running On-Demand F instances", 0),
    Quota("ec2", "L-1945791B", "Running On-Demand Inf instances", 0),
    Quota("ec2", "L-2C3B7624", "Running On-Demand Trn instances", 0),
    Quota("ec2", "L-6E869C2A", "Running On-Demand DL instances", 0),
    Quota("ec2", "L-7295265B", "Running On-Demand X instances", 0),
    Quota("ec2", "L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5),
    Quota("ec2", "L-3819A6DF", "All G and VT Spot Instance Requests", 0),
    Quota("ec2", "L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests", 0),
    Quota("ec2", "L-C4BD4855", "All P5 Spot Instance Requests", 0),
    Quota("ec2", "L-88CF9481", "All F Spot Instance Requests", 0),
    Quota("ec2", "L-B5D1601B", "All Inf Spot Instance Requests", 0),
    Quota("ec2", "L-6B0D517C", "All Trn Spot Instance Requests", 0),
    Quota("ec2", "L-85EED4F7", "All DL Spot Instance Requests", 0),
    Quota("ec2", "L-E3A00192", "All X Spot Instance Requests", 0),
    Quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5),
    Quota("vpc", "L-F678F1CE", "VPCs per Region", 5),
    Quota("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5),
    Quota("vpc", "L-A4707A72", "Internet gateways per Region", 5),
    Quota("vpc", "L-E79EC296", "VPC security groups per Region", 2500),
    Quota("eks", "L-1194D53C", "Clusters", 100),
    Quota("eks", "L-6D54EA21", "Managed node groups per cluster", 30),
    Quota("eks", "L-BD136A63", "Nodes per managed node group", 450),
    Quota("rds", "L-7B6409FD", "DB instances", 40),
    Quota("rds", "L-7ADDB58A", "Total storage for all DB instances", 100000, unit="Gigabytes"),
    Quota("rds", "L-272F1212", "Manual DB instance snapshots", 100),
    Quota("rds", "L-DE55804A", "Parameter groups", 50),
    Quota("rds", "L-48C6BF61", "DB subnet groups", 50),
    Quota("elasticache", "L-DFE45DF3", "Nodes per Region", 300),
    Quota("elasticache", "L-AF354865", "Nodes per cluster per instance type (Redis cluster mode enabled)", 90),
    Quota("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB", 50),
    Quota("s3", "L-DC2B2D3D", "General purpose buckets", 10000),
    Quota("elasticloadbalancing", "L-69A177A2", "Network Load Balancers per Region", 50),
)
