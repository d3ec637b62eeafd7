"""Where moto's server finds EKS."""

from libs.sandbox.aws.eks.responses import EksResponse

url_bases = [r"https?://eks\.(.+)\.amazonaws.com"]
url_paths = {"{0}/.*": EksResponse.dispatch}
