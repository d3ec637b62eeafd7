#!/usr/bin/env bash
# What a careful operator would type, with the same inputs: see active.py.
set -euo pipefail

terraform init -input=false -no-color -lockfile=readonly
terraform apply -input=false -no-color -auto-approve -parallelism=20
terraform output -json > outputs.json

eval "$($BY_HAND connect)"   # HELM_KUBEAPISERVER, HELM_KUBETOKEN, HELM_KUBECAFILE
$BY_HAND cluster             # waits for the nodes, makes the storage class
for chart in nginx-ingress cert-manager metrics-server; do
  namespace=$chart; [ "$chart" = metrics-server ] && namespace=kube-system
  $BY_HAND values "$chart" | helm upgrade --install "$chart" "$CHARTS/$chart" -n "$namespace" --create-namespace --wait -f -
done
$BY_HAND values beta9-chart | helm upgrade --install beta9 "$CHARTS/beta9-chart" -n beta9 --create-namespace --wait -f -
$BY_HAND health
