// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/isms-operator/isms-operator/test/inprocess"
)

// scopeName and reader name the scope and its service account.
const (
	scopeName = "scope"
	reader    = "evidence-reader"
)

// world is the operator at work on a real API server, with one ISMS in a namespace of its own.
type world struct {
	*testing.T
	applier
	client     client.Client
	engine     *engine.Engine
	home       string
	namespaces []string // in scope
	declared   int      // Controls
}

// newWorld starts the operator and declares a scope of the namespaces, which need not exist yet.
func newWorld(t *testing.T, home string, parameters []isms.Parameter, namespaces ...string) *world {
	t.Helper()
	restConfig := testenv.Shared(t).Config
	c := testenv.Client(t, restConfig)
	d, err := dynamic.NewForConfig(restConfig)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		T: t, applier: applier{dynamic: d, mapper: c.RESTMapper()}, client: c, home: home, namespaces: namespaces,
	}
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}})
	w.createReader()
	w.create(w.newScope(parameters))
	o := inprocess.Start(t, restConfig, inprocess.Options{Engine: engine.Options{CountsEvery: 100 * time.Millisecond}})
	t.Cleanup(func() { o.Stop(t) })
	w.engine = o.Engine
	return w
}

// createReader makes the account for which rules are evaluated. It may read whatever there is: its rights are not what
// is tested here.
func (w *world) createReader() {
	w.Helper()
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: reader}})
	role := w.home + "-" + reader
	w.create(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}},
	}})
	w.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: reader}},
	})
}

func (w *world) newScope(parameters []isms.Parameter) *isms.ISMSScope {
	return &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: scopeName},
		Spec: isms.ISMSScopeSpec{
			Organization: "Example", Statement: "Operation of the workloads.", Framework: isms.FrameworkISO27001,
			Parameters: parameters,
			Evidence: &isms.ScopeEvidence{
				ServiceAccountName: reader,
				NamespaceSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
					{Key: corev1.LabelMetadataName, Operator: metav1.LabelSelectorOpIn, Values: w.namespaces},
				}},
			},
		},
	}
}

// control is an implemented control that rests on one rule alone. Its id is its number.
func (w *world) control(number int, r row) *isms.Control {
	return &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: r.name},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Source: isms.SourceOther,
			ID: isms.ControlID(fmt.Sprintf("C.%d", number)), SourceName: "House rules", Title: isms.ShortText(r.name),
			Owner: isms.Person{Name: "Platform team", Email: "platform@example.com"},
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionBestPractice},
				Justification: "The workloads are production.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In the manifests."},
			Evidence: []isms.EvidenceItem{
				{Name: "rule", Strength: isms.StrengthSubstantial, Resources: &r.rule},
			},
			Parameters: r.parameters, Exceptions: r.exceptions,
		},
	}
}

// declare makes one Control of each row.
func (w *world) declare(rows ...row) {
	w.Helper()
	for _, r := range rows {
		w.declared++
		w.create(w.control(w.declared, r))
	}
}

func (w *world) create(o client.Object) {
	w.Helper()
	if err := w.client.Create(w.Context(), o); err != nil {
		w.Fatal(err)
	}
}

func (w *world) applyAll(all []object) {
	w.Helper()
	if err := w.apply(w.Context(), all); err != nil {
		w.Fatal(err)
	}
}

func (w *world) get(name string) *isms.Control {
	w.Helper()
	var c isms.Control
	if err := w.client.Get(w.Context(), client.ObjectKey{Namespace: w.home, Name: name}, &c); err != nil {
		w.Fatal(err)
	}
	return &c
}

// compare holds each row's Control against the independent count, in a subtest with the row's name.
func (w *world) compare(t *testing.T, rows []row, all []object) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			want := r.want(all, w.namespaces)
			if (want.Subjects == 0) != r.empty {
				t.Errorf("%d subjects, so the row shows nothing", want.Subjects)
			}
			eventually(t, func() string {
				if d := cmp.Diff(want, w.got(r)); d != "" {
					return fmt.Sprintf("%s\nstatus: %+v", d, w.get(r.name).Status.Evidence)
				}
				return ""
			})
			t.Logf("%s %s: %+v", r.rule.Quantifier, r.rule.Kind, want)
		})
	}
}

// got is what the operator says of a row: in the Control's status, and the passing subjects in the engine, for a
// status does not repeat them.
func (w *world) got(r row) outcome {
	w.Helper()
	c := w.get(r.name)
	if len(c.Status.Evidence) != 1 || c.Status.ObservedGeneration != c.Generation {
		return outcome{}
	}
	e := c.Status.Evidence[0]
	counts := w.engine.Snapshot(client.ObjectKeyFromObject(c))["rule"].Counts
	out := outcome{
		Verdict: e.Result, Subjects: int(e.Subjects), Passing: counts.Passing, Failing: int(e.Failing),
		Errors: int(e.Errors), Waived: int(e.Waived),
	}
	if r.rule.Quantifier == isms.QuantifierAny && e.Result == isms.EvidencePass {
		out.Failing = counts.Failing // the status reports none: one object that satisfies is enough
	}
	for _, f := range e.Failures {
		out.Failures = append(out.Failures, f.Namespace+"/"+f.Name)
	}
	return out
}

// eventually waits until nothing is wrong.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	testenv.Eventually(t, time.Minute, wrong)
}

// condition is a condition as `status reason: message`, so that a test compares it at once.
func condition(all []metav1.Condition, kind string) string {
	for _, c := range all {
		if c.Type == kind {
			return strings.TrimSuffix(fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message), ": ")
		}
	}
	return ""
}
