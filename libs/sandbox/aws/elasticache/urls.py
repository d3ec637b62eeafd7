"""Where moto's server finds ElastiCache."""

from libs.sandbox.aws.elasticache.responses import ElastiCacheResponse

url_bases = [r"https?://elasticache\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": ElastiCacheResponse.dispatch}
