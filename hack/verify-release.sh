#!/usr/bin/env bash
# Copyright 2026 The isms-operator Authors.
# SPDX-License-Identifier: Apache-2.0

# Checks that a release is reproducible: makes it here, and once more from a copy of the sources in another directory
# with an empty build cache, and compares the checksums.
set -euo pipefail

version=$1
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'chmod -R u+w "$copy"; rm -rf "$copy"' EXIT
mkdir "$copy/sources" "$copy/cache"

git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [[ -e $file ]]; then printf '%s\0' "$file"; fi
done | tar --null --files-from=- -cf - | tar -xf - -C "$copy/sources"

echo "here:"
make release VERSION="$version"
echo "from a copy of the sources, with an empty build cache:"
GOCACHE="$copy/cache" make -C "$copy/sources" release VERSION="$version"
diff "bin/release/$version/SHA256SUMS" "$copy/sources/bin/release/$version/SHA256SUMS" || {
  echo "The release is not reproducible: these files differ." >&2
  exit 1
}
echo "The release is reproducible."
