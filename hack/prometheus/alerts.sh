#!/usr/bin/env bash
# Copyright 2026 The isms-operator Authors.
# SPDX-License-Identifier: Apache-2.0

# Checks the alerts of config/prometheus with promtool, whose path is the argument: the rules, their tests, and that
# each alert has a test and a runbook.
set -euo pipefail

promtool=$1
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A PrometheusRule holds a rule file under spec.
sed -n '/^spec:$/,$p' config/prometheus/prometheusrule.yaml | sed 1d | sed 's/^  //' >"$work/rules.yaml"
cp config/prometheus/tests.yaml "$work/"
"$promtool" check rules --lint=all --lint-fatal "$work/rules.yaml"
(cd "$work" && "$promtool" test rules tests.yaml)

missing=0
while read -r alert; do
  if ! grep -A1 "alertname: $alert\$" config/prometheus/tests.yaml | grep -q 'exp_alerts:'; then
    echo "$alert: no test in which it fires" >&2; missing=1
  fi
  grep -qx "## $alert" docs/runbooks.md || { echo "$alert: no section in docs/runbooks.md" >&2; missing=1; }
done < <(sed -n 's/^    - alert: //p' config/prometheus/prometheusrule.yaml)
exit $missing
