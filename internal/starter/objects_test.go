// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// noon is the moment of which the objects are meant.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// example is the file of one check: objects that it passes, that it fails, and that are none of its business.
type example struct {
	Namespaces []map[string]any `json:"namespaces,omitempty"`
	Pass       []map[string]any `json:"pass"`
	Fail       []map[string]any `json:"fail"`
	Foreign    []map[string]any `json:"foreign"`
}

func readExample(t *testing.T, name isms.ItemName) example {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "checks", string(name)+".yaml"))
	if err != nil {
		t.Fatalf("each check has an object that passes, one that fails and one that is foreign: %v", err)
	}
	var e example
	if err := yaml.UnmarshalStrict(data, &e); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(e.Pass) == 0 || len(e.Fail) == 0 || len(e.Foreign) == 0 {
		t.Fatalf("%s: %d objects pass, %d fail, %d are foreign: there must be one of each", name, len(e.Pass), len(e.Fail), len(e.Foreign))
	}
	return e
}

// scoped are the names of the namespaces in scope: shop, unless the example has others.
func (e example) scoped() []string {
	names := []string{"shop"}
	for _, n := range e.Namespaces {
		names = append(names, (&unstructured.Unstructured{Object: n}).GetName())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// subject is an object as the engine meets it: typed where it is one of Kubernetes' own, else a map.
func subject(t *testing.T, object map[string]any) check.Subject {
	t.Helper()
	u := &unstructured.Unstructured{Object: object}
	typed, err := clientscheme.Scheme.New(u.GroupVersionKind())
	if err != nil {
		return check.MapSubject(object)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object, typed, true); err != nil {
		t.Fatalf("%s %s: %v", u.GetKind(), u.GetName(), err)
	}
	return check.TypedSubject(typed, u.GroupVersionKind())
}

// judge evaluates a check over objects by the parts of the engine: compile, evaluate, count, judge.
func judge(t *testing.T, k Check, e example, objects []map[string]any) isms.EvidenceResult {
	t.Helper()
	r := rule.New(isms.EvidenceItem{Name: k.Name, Resources: &k.Resources}, defaults(), nil, check.Options{})
	if r.Invalid != "" {
		t.Fatalf("%s: %s", k.Name, r.Invalid)
	}
	table := tally.NewTable[string]()
	table.AddColumn("")
	namespaces := e.scoped()
	if !namespaced(k) {
		namespaces = []string{""}
	}
	var all, others []check.Subject
	for _, object := range objects {
		u := &unstructured.Unstructured{Object: object}
		key := tally.Key{Namespace: u.GetNamespace(), Name: u.GetName()}
		if u.GetKind() == "Namespace" {
			key = tally.Key{Namespace: u.GetName()}
		}
		env := check.Env{Now: noon}
		for _, n := range e.Namespaces {
			if (&unstructured.Unstructured{Object: n}).GetName() == u.GetNamespace() {
				s := subject(t, n)
				env.Namespace = &s
			}
		}
		s, own := subject(t, object), rule.Own(u.GetLabels())
		code, _ := rule.Evaluate(r.Program, r.Key().Negate, own, s, env)
		table.Set("", table.Touch(key), tally.Mark{Code: code})
		if code == tally.Passing && slices.Contains(namespaces, key.Namespace) {
			all = append(all, s)
			if !own {
				others = append(others, s)
			}
		}
	}
	counts := table.Count("", tally.Query{Namespaces: namespaces, PerNamespace: r.PerNamespace()})
	if r.Program.Set() {
		counts = judgeSet(r.Program, counts, all, others)
	}
	return tally.Judge(tally.PolicyOf(&k.Resources), tally.Snapshot{Counts: counts}).Result
}

// judgeSet makes one subject of the list that was selected.
func judgeSet(p *check.Program, selected tally.Counts, all, others []check.Subject) tally.Counts {
	switch {
	case selected.Subjects == 0:
		return tally.Counts{}
	case selected.Errors > 0:
		return tally.Counts{Subjects: 1, Errors: 1}
	}
	v, _ := rule.EvaluateSet(p, all, others, check.Env{Now: noon})
	return rule.SetCounts(v)
}

// namespaced says whether the objects are counted by namespace; Namespace objects are, by their own name.
func namespaced(k Check) bool {
	i := slices.IndexFunc(Kinds(), func(x Kind) bool { return x.APIVersion == k.Resources.APIVersion && x.Kind == k.Resources.Kind })
	return Kinds()[i].Namespaced == isms.Yes || k.Resources.Kind == "Namespace"
}

// TestChecksOnObjects: each check passes what is in order, fails each object that is not, and passes neither on what is none
// of its business, nor on nothing, nor on the operator's own objects.
func TestChecksOnObjects(t *testing.T) {
	for _, k := range Checks() {
		t.Run(string(k.Name), func(t *testing.T) {
			e := readExample(t, k.Name)
			for _, wrong := range e.wrong(t, k) {
				t.Error(wrong)
			}
			for _, object := range slices.Concat(e.Pass, e.Fail, e.Foreign) {
				if u := (&unstructured.Unstructured{Object: object}); u.GroupVersionKind() != k.GroupVersionKind() {
					t.Errorf("%s is no %s", u.GroupVersionKind(), k.GroupVersionKind())
				}
			}
		})
	}
}

// wrong says where a check judges an example otherwise than it should.
func (e example) wrong(t *testing.T, k Check) []string {
	t.Helper()
	var out []string
	say := func(got isms.EvidenceResult, format string, args ...any) {
		out = append(out, fmt.Sprintf(format, args...)+" is "+string(got))
	}
	if got := judge(t, k, e, e.Pass); got != isms.EvidencePass {
		say(got, "what should pass")
	}
	for i, objects := range e.cases(k, e.Fail) {
		if got := judge(t, k, e, objects); got != isms.EvidenceFail {
			say(got, "object %d of what should fail", i+1)
		}
	}
	never := append(e.cases(k, e.Foreign), nil, ours(e.Pass))
	for i, objects := range never {
		if got := judge(t, k, e, objects); got != isms.EvidenceUnknown && got != isms.EvidenceFail {
			say(got, "object %d of what is foreign (then nothing, then the operator's own)", i+1)
		}
	}
	return out
}

// cases are the objects one by one, and all of them; for a rule over the list as one only that.
func (e example) cases(k Check, objects []map[string]any) [][]map[string]any {
	if k.Resources.Quantifier == isms.QuantifierSet {
		return [][]map[string]any{objects}
	}
	out := make([][]map[string]any, 0, len(objects)+1)
	for _, object := range objects {
		out = append(out, []map[string]any{object})
	}
	return append(out, objects)
}

// ours are the same objects as parts of the operator.
func ours(objects []map[string]any) []map[string]any {
	var out []map[string]any
	for _, object := range objects {
		u := (&unstructured.Unstructured{Object: object}).DeepCopy()
		labels := u.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[isms.LabelPartOf] = isms.PartOf
		u.SetLabels(labels)
		out = append(out, u.Object)
	}
	return out
}

// TestExamplesHaveChecks: no file of a check that is gone.
func TestExamplesHaveChecks(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "checks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := isms.ItemName(strings.TrimSuffix(entry.Name(), ".yaml"))
		if !slices.ContainsFunc(Checks(), func(k Check) bool { return k.Name == name }) {
			t.Errorf("%s: no such check", entry.Name())
		}
	}
}
