// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/explain"
	"github.com/isms-operator/isms-operator/test/fixture"
)

const twoScopes = `
apiVersion: isms-operator.io/v1alpha1
kind: ISMSScope
metadata: {name: acme, namespace: isms}
spec: {organization: Acme GmbH}
---
apiVersion: v1
kind: List
items:
- apiVersion: isms-operator.io/v1alpha1
  kind: ISMSScope
  metadata: {name: other, namespace: elsewhere}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: passed-over}
- apiVersion: isms-operator.io/v1alpha1
  kind: Control
  metadata: {name: a-8-22, namespace: isms}
  spec:
    scopeRef: {name: acme}
    source: AnnexA
    id: A.8.22
    owner: {name: Platform team}
    applicability: {decision: Applicable, reasons: [RiskTreatment], justification: =Tenants share.}
    implementation: {state: Planned, criticality: High, effortDays: 3}
- apiVersion: isms-operator.io/v1alpha1
  kind: Finding
  metadata: {name: nc-1, namespace: isms}
  spec: {scopeRef: {name: acme}, severity: Minor, requirement: A.8.13, raisedOn: "2026-11-01", statement: No restore.}
`

func TestRegistersFromAnExport(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "export.yaml"), []byte(twoScopes), 0o600); err != nil {
		t.Fatal(err)
	}
	acme := []string{"-f", dir, "--scope", "acme"}
	in := func(args ...string) []string { return append(args, acme...) }
	want(t, 0, []string{"ID ", "A.8.22   Segregation of networks", "High ", "Platform team"}, in("gaps")...)
	want(t, 0, []string{"kubectl isms explain A.8.22 shows what fails"}, in("gaps")...)
	if _, out, errout := plugin(t, "", in("gaps", "-o", "csv")...); strings.Contains(out+errout, "kubectl isms explain") {
		t.Errorf("there is advice for people in\n%s%s", out, errout)
	}
	want(t, 1, []string{"1 gap\n"}, in("gaps", "--criticality", "High", "--exit-code")...)
	want(t, 0, []string{"No gaps."}, in("gaps", "--criticality", "Critical", "--exit-code")...)
	want(t, 0, []string{"A.8.22 ", "Applicable", "Planned", "A.5.1 ", "Missing"}, in("soa")...)
	want(t, 0, []string{"JUSTIFICATION", "=Tenants share."}, in("soa", "-o", "wide")...)
	want(t, 0, []string{"No risks are recorded."}, in("risks")...)
	want(t, 1, []string{"nc-1 ", "1 finding\n"}, in("findings", "--open", "--exit-code")...)
	if out := want(t, 0, nil, in("soa", "--color", "always")...); !strings.Contains(out, "\x1b[31mMissing\x1b[0m") {
		t.Errorf("there are no colours in\n%.300s", out)
	}

	want(t, 2, []string{"several ISMSScopes", "elsewhere/other, isms/acme"}, "gaps", "-f", dir)
	want(t, 1, []string{"no ISMSScope third", "elsewhere/other, isms/acme"}, "gaps", "-f", dir, "--scope", "third")
	want(t, 1, []string{"there is no ISMSScope in "}, "gaps", "-f", dir, "-n", "nowhere")
	want(t, 0, []string{"No findings."}, "findings", "-f", dir, "-n", "elsewhere")
	want(t, 2, []string{"not both"}, in("soa", "--context", "x")...)
	want(t, 2, []string{"must be one of table, wide"}, in("soa", "-o", "xml")...)
}

// TestFormatsAgree: what the formats say of a register reads back, and is the same.
func TestFormatsAgree(t *testing.T) {
	name := file(t, []byte(twoScopes))
	show := func(format string) string {
		return want(t, 0, nil, "soa", "-f", name, "-n", "isms", "-o", format)
	}
	var fromJSON, fromYAML []map[string]any
	if err := json.Unmarshal([]byte(show("json")), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(show("yaml")), &fromYAML); err != nil {
		t.Fatal(err)
	}
	fromCSV, err := csv.NewReader(strings.NewReader(show("csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(fromJSON) != 93 || len(fromYAML) != 93 || len(fromCSV) != 94 {
		t.Fatalf("%d rows of JSON, %d of YAML, %d of CSV", len(fromJSON), len(fromYAML), len(fromCSV))
	}
	for i, row := range fromJSON {
		cells := fromCSV[i+1]
		if row["control"] != cells[0] || fromYAML[i]["control"] != cells[0] {
			t.Errorf("row %d is %v, %v and %v", i, row["control"], fromYAML[i]["control"], cells[0])
		}
		if cells[0] == "A.8.22" && (row["justification"] != "=Tenants share." || cells[6] != "'=Tenants share.") {
			t.Errorf("the justification is %v, and %v in CSV", row["justification"], cells[6])
		}
	}
}

// TestHelp: each command has a heading and an example, and says in the help of all what it does.
func TestHelp(t *testing.T) {
	all := want(t, 0, []string{"kubectl isms COMMAND", "Registers:", "The evidence log:", "kubectl isms options"}, "--help")
	root := newRoot(newSession(nil))
	for _, c := range root.Commands() {
		if c.GroupID == "" {
			continue
		}
		if !strings.Contains(all, "  "+c.Name()+" ") || !strings.Contains(all, c.Short) {
			t.Errorf("the help does not list %s", c.Name())
		}
		if c.Example == "" || c.Long == "" || len(c.Short) > 100 {
			t.Errorf("%s lacks a description or an example, or has a summary too long for a line", c.Name())
		}
	}
	want(t, 0, []string{"--kubeconfig", "--context", "--namespace", "--as-group", "--color"}, "options")
	want(t, 0, []string{"table\n", "csv\n"}, "__complete", "gaps", "-o", "")
	want(t, 0, []string{"__start_kubectl-isms"}, "completion", "bash")
}

// TestCompletion: the shell is offered the names that there are, also where a command could not choose between them.
func TestCompletion(t *testing.T) {
	scopes, cycles := file(t, []byte(twoScopes)), file(t, fixture.Export(t, fixture.Sample(t, fixture.Drift)))
	for _, command := range []string{"gaps", "status", "verify"} {
		want(t, 0, []string{"acme\tisms, Acme GmbH\n", "other\telsewhere"}, "__complete", command, "-f", scopes, "--scope", "")
	}
	if out := want(t, 0, []string{"acme\t"}, "__complete", "gaps", "-f", scopes, "-n", "isms", "--scope", ""); strings.Contains(out, "other") {
		t.Errorf("a scope of another namespace is offered:\n%s", out)
	}
	want(t, 0, []string{"acme-2026\tStage2\n"}, "__complete", "plan", "-f", cycles, "--cycle", "")
	want(t, 0, []string{"A.8.22\t"}, "__complete", "explain", "-f", cycles, "")
	for _, flag := range []string{"--scope", "--cycle"} {
		want(t, 0, []string{":4\n"}, "__complete", "plan", "-f", "nowhere.yaml", flag, "")
	}
}

// TestExplainFailing: of an export with two controls that fail, these two, and of them what fails.
func TestExplainFailing(t *testing.T) {
	name := file(t, fixture.Export(t, fixture.Sample(t, fixture.Drift)))
	var several []explain.Explanation
	if err := json.Unmarshal([]byte(want(t, 1, []string{"not satisfied: A.8.12, A.8.22\n"},
		"explain", "--failing", "-f", name, "-o", "json", "--exit-code")), &several); err != nil {
		t.Fatal(err)
	}
	for _, x := range several {
		if len(x.Evidence) == 0 {
			t.Errorf("%s lacks what fails", x.ID)
		}
		for _, e := range x.Evidence {
			if e.Result == isms.EvidencePass {
				t.Errorf("of %s %s is explained, which passes", x.ID, e.Name)
			}
		}
	}
	var one explain.Explanation
	if err := json.Unmarshal([]byte(want(t, 0, nil, "explain", "A.8.22", "-f", name, "-o", "json")), &one); err != nil {
		t.Fatal(err)
	}
	if len(several) != 2 || len(one.Evidence) <= len(several[1].Evidence) {
		t.Errorf("%d controls; %d pieces of evidence, of which %d fail", len(several), len(one.Evidence), len(several[1].Evidence))
	}
	want(t, 0, []string{"A.8.12 ", "\n\nA.8.22 "}, "explain", "--failing", "-f", name)
	want(t, 2, []string{"name a control, or give --failing"}, "explain", "-f", name)
	all := file(t, fixture.Export(t, fixture.Sample(t, nil)))
	want(t, 0, []string{"All controls are satisfied."}, "explain", "--failing", "--exit-code", "-f", all)
}

// TestCycleFromAnExport: what is said of a cycle, from what the operator wrote into its status.
func TestCycleFromAnExport(t *testing.T) {
	in := fixture.Sample(t, fixture.Drift)
	name := file(t, fixture.Export(t, in))
	want(t, 0, []string{"Acme GmbH, scope isms/acme-platform", "87 of 89 satisfied: 2 blocking", "ControlsSatisfied ", "Due next"}, "status", "-f", name)
	want(t, 1, []string{"not ready: Blocked\n"}, "status", "-f", name, "--exit-code", "-o", "json")
	want(t, 0, []string{"RiskAssessment ", "R. Roe", "NotStarted "}, "plan", "-f", name)
	want(t, 0, []string{"finding/ia-2026-02", "Practice: stage2WithinMonths"}, "calendar", "-f", name, "-o", "wide")
	want(t, 0, []string{"BEGIN:VCALENDAR", "END:VCALENDAR"}, "calendar", "-f", name, "-o", "ics")
	want(t, 1, []string{"2027-", " dates\n"}, "calendar", "-f", name, "--exit-code")
	want(t, 1, []string{"has no AuditCycle none"}, "status", "-f", name, "--cycle", "none")
	want(t, 1, []string{"has no AuditCycle yet"}, "plan", "-f", file(t, []byte(twoScopes)), "-n", "isms")
	want(t, 0, []string{"There is no AuditCycle.", "the operator has not assessed the scope"}, "status", "-f", file(t, []byte(twoScopes)), "-n", "isms")

	in.Cycles = append(in.Cycles, *in.Cycles[0].DeepCopy())
	in.Cycles[1].Name = "acme-2029"
	want(t, 2, []string{"choose one with --cycle: acme-2026, acme-2029"}, "plan", "-f", file(t, fixture.Export(t, in)))
	in.Cycles[1].Spec.PreviousCycleRef = &isms.LocalRef{Name: "acme-2026"}
	want(t, 0, []string{"Cycle         acme-2029"}, "status", "-f", file(t, fixture.Export(t, in)))
	want(t, 0, []string{"Cycle         acme-2026"}, "status", "-f", file(t, fixture.Export(t, in)), "--cycle", "acme-2026")
}
