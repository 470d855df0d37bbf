// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// starter syncs what kubectl isms init writes, by the Application and the AppProject in it.
func (w *world) starter() {
	w.Helper()
	w.startRepository()
	w.run(w.worktree, filepath.Join(w.programs, "kubectl-isms"), "init", "isms", "--organization", "Acme GmbH", "--in-scope", "shop,payments")
	w.records()
	w.push("The ISMS")
	w.kube("apply", "--server-side", "-f", filepath.Join(w.worktree, "isms", "gitops", "argocd.yaml"))
	w.eventually("starter: the first sync, everything Synced and Healthy", func() string { return w.application("Synced", "Healthy") })
	w.eventually("the verdict is in the message", func() string {
		return w.healthOf("Control", drifting, "Healthy", "Satisfied False (NotStarted)")
	})
	w.firstControl()
	w.driftAndRepair("Healthy")
	w.degradedWhenUnmet()
	w.tenSyncsWriteNothing()
	w.selfHeal()
	w.leastRights()
	w.prune()
	w.deleteApplication()
}

// edit changes a file of the ISMS: pairs of what is there once and what comes in its place.
func (w *world) edit(file string, pairs ...string) {
	w.Helper()
	path := filepath.Join(w.worktree, "isms", file)
	text, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(string(text), pairs[i]) != 1 {
			w.Fatalf("%s does not hold %q once:\n%s", file, pairs[i], text)
		}
	}
	w.write(file, strings.NewReplacer(pairs...).Replace(string(text)))
}

func (w *world) write(file, text string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.worktree, "isms", file), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

func yesterday() string { return time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly) }

// kept are the records, as kubectl names them, by their files. All may be deleted as far as the API server is concerned:
// the Finding is closed.
var kept = map[string]string{
	"firewall-review.yaml": "attestation.isms-operator.io/firewall-review-1",
	"finding-1.yaml":       "finding.isms-operator.io/finding-1",
	"risk-1.yaml":          "risk.isms-operator.io/risk-1",
}

// records writes an attestation, a closed finding and a risk.
func (w *world) records() {
	w.Helper()
	const people = `performedBy: {name: A. Smith, email: a.smith@example.com}
  reviewedBy: {name: R. Roe, email: r.roe@example.com}`
	for file, spec := range map[string]string{
		"firewall-review.yaml": "kind: Attestation\nmetadata: {name: firewall-review-1}\n" + `spec:
  scopeRef: {name: acme-gmbh}
  type: FirewallReview
  controls: [A.8.22]
  outcome: Pass
  performedOn: "` + yesterday() + `"
  ` + people + `
  summary: 41 rules reviewed, 2 removed.
`,
		"finding-1.yaml": "kind: Finding\nmetadata: {name: finding-1}\n" + `spec:
  scopeRef: {name: acme-gmbh}
  severity: OpportunityForImprovement
  source: Operation
  requirement: A.8.22
  raisedOn: "` + yesterday() + `"
  statement: Rules have no names.
  objectiveEvidence: The list of rules.
  decision: {outcome: Declined, reason: Labels say the same., decidedOn: "` + yesterday() + `", by: {name: R. Roe, email: r.roe@example.com}}
`,
		"risk-1.yaml": "kind: Risk\nmetadata: {name: risk-1}\n" + `spec:
  scopeRef: {name: acme-gmbh}
  approach: EventBased
  title: A tenant reads what is another's.
  threat: A gap between networks
  properties: [Confidentiality]
  owner: {name: R. Roe, email: r.roe@example.com}
`,
	} {
		w.write("records/"+file, "apiVersion: isms-operator.io/v1alpha1\n"+spec)
	}
	w.edit("records/kustomization.yaml", "resources: []", "resources:\n- firewall-review.yaml\n- finding-1.yaml\n- risk-1.yaml")
}

// firstControl goes the way of docs/getting-started.md with A.8.22: text, approval, justification, implementation. The
// record of the review is there already.
func (w *world) firstControl() {
	w.Helper()
	const text = "# Network security\n\nNamespaces deny by default.\n"
	w.write("documents/network-security-policy.md", text)
	w.edit("documents/network-security-policy.yaml", `  version: "0.1"`, fmt.Sprintf(`  version: "1.0"
  approval:
    version: "1.0"
    digest: sha256:%x
    approvedBy: {name: J. Doe, email: j.doe@example.com}
    approvedOn: %q`, sha256.Sum256([]byte(text)), yesterday()))
	w.edit("controls/a-8-22.yaml",
		`justification: "[FILL: confirm or replace: Tenants and teams share a cluster.]"`, "justification: Teams share a cluster.",
		"state: NotStarted", `state: Implemented, description: "Default-deny policies in each namespace, applied from Git."`)
	w.push("A.8.22 is in place")
	w.refresh()
	w.eventually("what Git says of A.8.22 shows", func() string {
		return w.healthOf("Control", drifting, "Healthy", "Satisfied True")
	})
	w.eventually("and all is Synced", func() string { return w.application("Synced", "Healthy") })
}
