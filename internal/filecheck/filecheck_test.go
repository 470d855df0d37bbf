// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func source(name, text string) manifest.Source {
	return manifest.Source{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// run checks texts, which are files named a.yaml, b.yaml and so on.
func run(t testing.TB, o Options, texts ...string) *Report {
	t.Helper()
	o.Now = noon
	var s Sources
	for i, text := range texts {
		s.Objects = append(s.Objects, source(string(rune('a'+i))+".yaml", text))
	}
	r, err := Run(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each kind of the API is known, also those on which no verdict rests.
func TestKindsOfTheAPI(t *testing.T) {
	api := runtime.NewScheme()
	if err := isms.AddToScheme(api); err != nil {
		t.Fatal(err)
	}
	own, known := reflect.TypeFor[isms.Control]().PkgPath(), 0
	for kind, as := range api.KnownTypes(isms.GroupVersion) {
		if as.PkgPath() != own || strings.HasSuffix(kind, "List") {
			continue
		}
		known++
		text := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x, namespace: isms}\n", isms.GroupVersion, kind)
		if r := run(t, Options{}, text); len(r.Errors) > 0 {
			t.Errorf("%s: %v", kind, r.Errors)
		}
	}
	if known == 0 {
		t.Error("the API has no kinds")
	}
}

// said is a report as text: a line for each item, with its subjects and what can't be read.
func said(r *Report) []string {
	var out []string
	for _, c := range r.Controls {
		out = append(out, fmt.Sprintf("%s %s %s %s", c.Spec.ID, c.Status.Result, c.Satisfied().Status, c.Satisfied().Reason))
		for _, e := range c.Evidence {
			out = append(out, strings.TrimRight(fmt.Sprintf("  %s %s %s: %s", e.Name, e.Result, e.Reason, e.Message), " "))
			for s := range e.Subjects() {
				line := fmt.Sprintf("    %s %s %s", s, s.Verdict, s.Place)
				if len(s.Exceptions) > 0 {
					line += fmt.Sprint(" ", s.Exceptions)
				}
				out = append(out, line)
			}
		}
	}
	for _, err := range r.Errors {
		out = append(out, err.Error())
	}
	return append(out, r.Notes...)
}

const frame = `
apiVersion: isms-operator.io/v1alpha1
kind: ISMSScope
metadata: {name: scope, namespace: isms}
spec:
  organization: Example
  statement: All of it.
  framework: ISO27001-2022
  evidence:
    serviceAccountName: reader
    namespaceSelector: {matchLabels: {scope: "yes"}}
    excludedNamespaces: [{name: provider, names: [kube-system], justification: Theirs.}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {scope: "yes"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: outside}
---
`

// control is a Control with one rule.
func controlOf(id, rule string, more ...string) string {
	return fmt.Sprintf(`apiVersion: isms-operator.io/v1alpha1
kind: Control
metadata: {name: %s, namespace: isms}
spec:
  scopeRef: {name: scope}
  source: Other
  sourceName: House rules
  title: A rule
  id: %s
  owner: {name: Team}
  applicability: {decision: Applicable, reasons: [BestPractice], justification: Because.}
  implementation: {state: Implemented, description: Done.}
  evidence:
  - name: rule
    strength: Substantial
    resources: %s
%s
---
`, strings.ToLower(strings.ReplaceAll(id, ".", "-")), id, rule, strings.Join(more, "\n"))
}

func deployment(namespace, name string, replicas int) string {
	return fmt.Sprintf("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: %s\n  namespace: %s\nspec:\n  replicas: %d\n---\n", name, namespace, replicas)
}

const replicas = `{apiVersion: apps/v1, kind: Deployment, quantifier: %s, expect: "object.spec.replicas >= 2"}`

func TestVerdicts(t *testing.T) {
	three := deployment("shop", "good", 3) + deployment("shop", "bad", 1) + deployment("outside", "worse", 0)
	exception := `  exceptions:
  - {name: waiver, evidence: [rule], objects: [{namespace: shop, name: b*}], reason: Agreed., expiresOn: "2027-01-01",
     requestedBy: {name: A, email: a@example.com}, approvedBy: {name: B, email: b@example.com}}`
	tests := map[string]struct {
		options Options
		control string
		objects string
		want    []string
	}{
		"Every": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: three, want: []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for shop/bad.",
			"    Deployment shop/bad Fail b.yaml:9", "    Deployment shop/good Pass b.yaml:1",
		}},
		"None": {control: controlOf("C.1", fmt.Sprintf(replicas, "None")), objects: three, want: []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression holds, but must not, for shop/good.",
			"    Deployment shop/bad Pass b.yaml:9", "    Deployment shop/good Fail b.yaml:1",
		}},
		"Any": {control: controlOf("C.1", fmt.Sprintf(replicas, "Any")), objects: three, want: []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    Deployment shop/good Pass b.yaml:1",
		}},
		"AnyPerNamespace": {control: controlOf("C.1", fmt.Sprintf(replicas, "AnyPerNamespace")), objects: deployment("shop", "bad", 1), want: []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: No object satisfies the expression in shop.", "    Namespace shop Fail a.yaml:14",
		}},
		"Set": {control: controlOf("C.1", `{apiVersion: apps/v1, kind: Deployment, quantifier: Set, expect: "size(objects) == 2"}`), objects: three, want: []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:",
		}},
		"an exception": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every"), exception), objects: three, want: []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:",
			"    Deployment shop/bad Waived b.yaml:9 [waiver]", "    Deployment shop/good Pass b.yaml:1",
		}},
		"no object of the kind": {control: controlOf("C.1", fmt.Sprintf(replicas, "None")), objects: "", want: []string{
			"C.1 Unknown Unknown NoMatch", "  rule Unknown NoMatch: There is no Deployment among the files; what is elsewhere they can't tell.",
		}},
		"no object of the kind, and the files are complete": {options: Options{Complete: true}, control: controlOf("C.1", fmt.Sprintf(replicas, "None")), want: []string{
			"C.1 Effective True Satisfied", "  rule Pass NoMatch: No object matches the rule.",
		}},
		"a kind that nothing defines": {options: Options{Complete: true}, control: controlOf("C.1", `{apiVersion: a.io/v1, kind: Shop, quantifier: None, expect: "true"}`), want: []string{
			"C.1 Unknown Unknown KindNotServed", "  rule Unknown KindNotServed: a.io/v1 Shop is no kind of Kubernetes, and no CustomResourceDefinition among the files defines it.",
		}},
		"an error": {control: controlOf("C.1", `{apiVersion: apps/v1, kind: Deployment, quantifier: Every, expect: "object.spec.paused"}`), objects: deployment("shop", "x", 1), want: []string{
			"C.1 Unknown Unknown ExpressionError", "  rule Unknown ExpressionError: expect:1:12: NoSuchKey.", "    Deployment shop/x Error b.yaml:1",
		}},
		"a field that the kind does not have": {control: controlOf("C.1", `{apiVersion: apps/v1, kind: Deployment, quantifier: Every, expect: "object.spec.pause"}`), objects: deployment("shop", "x", 1), want: []string{
			"C.1 Unknown Unknown RuleInvalid", "  rule Unknown RuleInvalid: expect:1:12: spec.pause: no such field in apps/v1 Deployment.",
		}},
		"a namespace that is not among the files": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: deployment("other", "x", 1) + deployment("kube-system", "z", 1), want: []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for other/x.", "    Deployment other/x Fail b.yaml:1",
			"Scope scope selects namespaces by labels that the files do not show of other: taken as in scope.",
		}},
		"an object that stands twice": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: deployment("shop", "x", 1) + deployment("shop", "x", 2), want: []string{
			"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for shop/x.",
			"    Deployment shop/x Fail b.yaml:1", "    Deployment shop/x Pass b.yaml:9",
		}},
		"objects without a namespace": {
			options: Options{Namespace: "shop"}, control: controlOf("C.1", fmt.Sprintf(replicas, "Every")),
			objects: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2}\n", want: []string{
				"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    Deployment shop/x Pass b.yaml:1",
			},
		},
		"what can't be read": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: deployment("shop", "x", 2) + "a: [\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: z, namespace: shop}\nspec: {replicas: two}\n", want: []string{
			"C.1 Effective True Satisfied", "  rule Pass ObjectsPassed:", "    Deployment shop/x Pass b.yaml:1",
			"b.yaml:9: document 2: did not find expected node content",
			"b.yaml:11: document 3: Deployment z: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
		}},
		"a Secret": {
			control: controlOf("C.1", `{apiVersion: v1, kind: Secret, secretType: kubernetes.io/tls, quantifier: Every, expect: "has(object.metadata.labels)"}`),
			objects: "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: shop}\ntype: kubernetes.io/tls\ndata: {a: Yg==}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: z, namespace: shop}\n", want: []string{
				"C.1 Ineffective False ObjectsFailed", "  rule Fail ObjectsFailed: The expression does not hold for shop/x.", "    Secret shop/x Fail b.yaml:1",
			},
		},
		"data of a Secret": {control: controlOf("C.1", `{apiVersion: v1, kind: Secret, quantifier: Every, expect: "has(object.data.a)"}`), want: []string{
			"C.1 Unknown Unknown RuleInvalid", "  rule Unknown RuleInvalid: data.a can't be read: only name, namespace, uid, labels, owners and timestamps of a Secret reach a rule.",
		}},
		"the operator's own": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: strings.Replace(deployment("shop", "x", 2), "  name: x", "  name: x\n  labels: {app.kubernetes.io/part-of: isms-operator}", 1), want: []string{
			"C.1 Unknown Unknown NoMatch", "  rule Unknown NoMatch: No Deployment among the files matches the rule; what is elsewhere they can't tell.",
		}},
		"a field that the API does not have": {control: strings.Replace(controlOf("C.1", fmt.Sprintf(replicas, "Every")), "owner:", "ownr:", 1), want: []string{
			`a.yaml:22: document 4: Control c-1: unknown field "spec.ownr"`,
		}},
		"a kind that the API does not have": {control: strings.Replace(controlOf("C.1", fmt.Sprintf(replicas, "Every")), "kind: Control", "kind: Contrl", 1), want: []string{
			"a.yaml:22: document 4: isms-operator.io/v1alpha1 has no kind Contrl",
		}},
		"a kind that hides": {control: controlOf("C.1", fmt.Sprintf(replicas, "Every")), objects: "x: \"\nkind: Pod\napiVersion: v1\n\"\n\"kind\": Control\n\"apiVersion\": isms-operator.io/v1alpha1\nmetadata: {name: hidden}\n", want: []string{
			"C.1 Unknown Unknown NoMatch", "  rule Unknown NoMatch: There is no Deployment among the files; what is elsewhere they can't tell.",
			"b.yaml:1: document 1: Control hidden was not recognized: write apiVersion and kind on lines of their own",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, said(run(t, tt.options, frame+tt.control, tt.objects))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
