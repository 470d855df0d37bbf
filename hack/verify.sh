#!/usr/bin/env bash
# Copyright 2026 The isms-operator Authors.
# SPDX-License-Identifier: Apache-2.0

# Checks that generated files are current: generates them in a copy of the working tree, and compares. The working tree
# itself is not touched, so that a failing check destroys nobody's changes.
set -euo pipefail

tools=$1
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [[ -e $file ]]; then printf '%s\0' "$file"; fi
done | tar --null --files-from=- -cf - | tar -xf - -C "$copy"

make -C "$copy" TOOLS="$tools" --assume-old="$tools/controller-gen" --assume-old="$tools/crd-ref-docs" generate >/dev/null

current=true
for path in api charts config/argocd config/crd config/rbac docs/reference; do
  diff -ruN "$path" "$copy/$path" || current=false
done
if ! $current; then
  echo "Generated files are not current: run 'make generate' and commit." >&2
  exit 1
fi
go mod tidy -diff || { echo "go.mod is not tidy: run 'go mod tidy' and commit." >&2; exit 1; }
