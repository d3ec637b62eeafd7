#!/usr/bin/env bash
# Makes or updates the role with which Beta9 Provisioning works in an AWS account; see docs/iam.md.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/setup-iam.sh --platform-account ID --external-id ID [options]

Makes the role and its policies in the AWS account of your credentials, or brings
them up to date, and prints the role's ARN. It may be run as often as you like.

  --platform-account ID        the platform's AWS account: twelve digits
  --external-id ID             your workspace's external id (beta9ctl external-id)
  --role-name NAME             default Beta9Provisioner; the policies are NAME-...
  --bucket-prefix PREFIX       how your environments' buckets begin; default beta9-.
                               With data.object_store.bucket_prefix in a document,
                               its first nine characters
  --permissions-boundary ARN   a policy that must bound all that is made in IAM
  --help                       this text

Needs the AWS CLI with rights to make roles and policies: aws, version 1 or 2.
TEXT
}

fail() {
  echo "setup-iam: $1" >&2
  exit "${2:-1}"
}

say() { echo "setup-iam: $1" >&2; }

PLATFORM_ACCOUNT='' EXTERNAL_ID='' ROLE=Beta9Provisioner PREFIX=beta9- BOUNDARY=''
while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --platform-account | --external-id | --role-name | --bucket-prefix | --permissions-boundary)
      (($# > 1)) || fail "$1 needs a value; see --help" 2
      case $1 in
        --platform-account) PLATFORM_ACCOUNT=$2 ;;
        --external-id) EXTERNAL_ID=$2 ;;
        --role-name) ROLE=$2 ;;
        --bucket-prefix) PREFIX=$2 ;;
        --permissions-boundary) BOUNDARY=$2 ;;
      esac
      shift 2
      ;;
    *) fail "'$1' is no option; see --help" 2 ;;
  esac
done

is() { [[ $1 =~ ^($2)$ ]]; }
is "$PLATFORM_ACCOUNT" '[0-9]{12}' || fail "--platform-account must be twelve digits" 2
# What sed takes for its own is in none of these.
is "$EXTERNAL_ID" '[A-Za-z0-9_+=,.@:/-]{2,1224}' || fail "--external-id must be the id that beta9ctl external-id prints" 2
is "$ROLE" '[A-Za-z0-9_+=,.@-]{1,64}' || fail "--role-name must be 1 to 64 letters, digits or any of _+=,.@-" 2
is "$PREFIX" '[a-z0-9][a-z0-9-]{2,36}' || fail "--bucket-prefix must be 3 to 37 small letters, digits or hyphens" 2
is "$BOUNDARY" '(arn:[a-z-]+:iam::[0-9]{12}:policy/[A-Za-z0-9_+=,.@/-]+)?' ||
  fail "--permissions-boundary must be the ARN of a policy of your account" 2
command -v aws >/dev/null || fail "the AWS CLI is not on PATH: install it, or use deploy/iam/beta9-provisioner.yaml"

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$HERE/../deploy/iam
FOLDER=$(mktemp -d)
trap 'rm -rf -- "$FOLDER"' EXIT
ERRORS=$FOLDER/errors

iam() { AWS_PAGER='' aws iam "$@"; }
# After a look-up that failed: its absence is an answer, anything else ends the script.
is_absent() { grep -q NoSuchEntity "$ERRORS" || fail "$(tr -s '\n' ' ' <"$ERRORS")"; }

IDENTITY=$(AWS_PAGER='' aws sts get-caller-identity --query Arn --output text 2>"$ERRORS") ||
  fail "AWS does not take your credentials: $(tr -s '\n' ' ' <"$ERRORS")"
IFS=: read -r _ PARTITION _ _ ACCOUNT _ <<<"$IDENTITY"
say "account $ACCOUNT, as $IDENTITY"
[[ $ACCOUNT != "$PLATFORM_ACCOUNT" ]] || say "this is the platform's own account"

# The documents with the account's own values in the place of those that they are written with.
render() {
  sed -e "s|arn:aws:s3:::beta9-\*|arn:aws:s3:::$PREFIX*|" \
    -e "s|role/Beta9Provisioner|role/$ROLE|" \
    -e "s|\${PlatformPrincipal}|arn:aws:iam::$PLATFORM_ACCOUNT:root|" \
    -e "s|\${ExternalId}|$EXTERNAL_ID|" \
    -e "s|\${PermissionsBoundaryArn}|$BOUNDARY|" \
    -e "s|arn:aws:|arn:$PARTITION:|" "$1"
}

render "$SOURCE/trust.json" >"$FOLDER/trust.json"
if iam get-role --role-name "$ROLE" >/dev/null 2>"$ERRORS"; then
  iam update-assume-role-policy --role-name "$ROLE" --policy-document "file://$FOLDER/trust.json"
  say "role $ROLE: trust updated"
else
  is_absent
  iam create-role --role-name "$ROLE" --description 'Taken by Beta9 Provisioning' \
    --assume-role-policy-document "file://$FOLDER/trust.json" >/dev/null
  say "role $ROLE: made"
fi

# Text without white space: IAM keeps a document as it came, the CLI prints it in another form.
plain() { tr -d '[:space:]'; }

# A policy has five versions at most, so the oldest goes first.
make_room() {
  local versions
  read -r -a versions <<<"$(iam list-policy-versions --policy-arn "$1" --output text \
    --query 'Versions[?!IsDefaultVersion].VersionId')"
  if ((${#versions[@]} >= 4)); then
    iam delete-policy-version --policy-arn "$1" --version-id "${versions[-1]}"
  fi
}

put_policy() {
  local name=$ROLE-$1 document=$FOLDER/$1.json arn="arn:$PARTITION:iam::$ACCOUNT:policy/$ROLE-$1" version
  render "$2" >"$document"
  if version=$(iam get-policy --policy-arn "$arn" --query Policy.DefaultVersionId --output text 2>"$ERRORS"); then
    if [[ $(iam get-policy-version --policy-arn "$arn" --version-id "$version" \
      --query PolicyVersion.Document --output json | plain) == "$(plain <"$document")" ]]; then
      say "policy $name: up to date"
    else
      make_room "$arn"
      iam create-policy-version --policy-arn "$arn" --policy-document "file://$document" --set-as-default >/dev/null
      say "policy $name: updated"
    fi
  else
    is_absent
    iam create-policy --policy-name "$name" --policy-document "file://$document" >/dev/null
    say "policy $name: made"
  fi
  [[ " $ATTACHED " == *" $arn "* ]] || iam attach-role-policy --role-name "$ROLE" --policy-arn "$arn"
  WANTED+=("$arn")
}

ATTACHED=$(iam list-attached-role-policies --role-name "$ROLE" --output text --query 'AttachedPolicies[].PolicyArn' | tr -s '\t\n' '  ')
WANTED=()
for file in "$SOURCE"/policies/*.json; do
  put_policy "$(basename "$file" .json)" "$file"
done
[[ -z $BOUNDARY ]] || put_policy boundary "$SOURCE/boundary.json"

# Policies of an earlier run that this one does not have; what else the role has is not ours.
for arn in $ATTACHED; do
  if [[ $arn == "arn:$PARTITION:iam::$ACCOUNT:policy/$ROLE-"* && " ${WANTED[*]} " != *" $arn "* ]]; then
    iam detach-role-policy --role-name "$ROLE" --policy-arn "$arn"
    say "policy ${arn##*/}: no longer attached"
  fi
done

say "done: name this role in documents as cloud.role_arn"
echo "arn:$PARTITION:iam::$ACCOUNT:role/$ROLE"
