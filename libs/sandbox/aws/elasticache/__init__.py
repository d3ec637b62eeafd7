"""ElastiCache: replication groups with members, parameter and subnet groups, in a backend of our own.

AWS: a replication group's members are cache clusters that can be described; parameter groups keep their
values; an auth token is rotated and set; groups in use cannot be deleted.
moto: no parameter groups, no user groups, no delete of subnet groups; members cannot be described; a modify
ignores the token; a deleted replication group is DELETING for ever.
"""


def mend() -> None:
    """Put this backend in the place of moto's."""
    from libs.sandbox.aws.elasticache.models import elasticache_backends
    from libs.sandbox.aws.moto_apps import replace_backends

    replace_backends("elasticache", elasticache_backends)
