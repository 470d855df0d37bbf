// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// alertsFor is what has to be alerted on, and the alert that does.
var alertsFor = map[string]string{
	"a satisfied control regressed": "ISMSControlRegressed",
	"evidence expiring":             "ISMSEvidenceExpiring",
	"an exception expiring":         "ISMSExceptionExpiring",
	"audit near and not ready":      "ISMSAuditNearNotReady",
	"deadline overdue":              "ISMSDeadlineOverdue",
	"engine not synced":             "ISMSEngineNotSynced",
	"log broken":                    "ISMSEvidenceLogBroken",
	"coverage gap":                  "ISMSCoverageGap",
}

const runbooks = "https://github.com/isms-operator/isms-operator/blob/main/docs/runbooks.md#"

// TestRunbooks: each alert links to a section of docs/runbooks.md that is there, and each section is of an alert.
func TestRunbooks(t *testing.T) {
	var rule struct {
		Spec struct {
			Groups []struct {
				Rules []struct {
					Alert       string
					Annotations map[string]string
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../config/prometheus/prometheusrule.yaml")), &rule); err != nil {
		t.Fatal(err)
	}
	linked, sections := map[string]bool{}, map[string]bool{}
	alerts := map[string]bool{}
	for _, g := range rule.Spec.Groups {
		for _, r := range g.Rules {
			alerts[r.Alert] = true
			anchor, ok := strings.CutPrefix(r.Annotations["runbook_url"], runbooks)
			if !ok || anchor != strings.ToLower(r.Alert) {
				t.Errorf("%s links to %q", r.Alert, r.Annotations["runbook_url"])
			}
			linked[anchor] = true
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(read(t, "../../docs/runbooks.md"), -1) {
		sections[strings.ToLower(heading[1])] = true // the anchor of a heading of one word
	}
	if diff := cmp.Diff(linked, sections); diff != "" {
		t.Errorf("(-linked +sections):\n%s", diff)
	}
	for what, alert := range alertsFor {
		if !alerts[alert] {
			t.Errorf("%s: there is no %s", what, alert)
		}
	}
}
