// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/isms-operator/isms-operator/test/inprocess"
)

// world is the namespace of one ISMS, the cluster around it, and the operator.
type world struct {
	*testing.T
	client   client.Client
	home     string // the namespace of the ISMS; namespaces with the label scope=<home> are in its scope
	clock    *inprocess.Clock
	operator *operator
	writes   float64      // how many statuses the operator may write in a second
	open     atomic.Int64 // watches on the world's own kind
	// allowed are parts of error lines that the test provokes.
	allowed []string
}

var serial atomic.Int64

const patience = 60 * time.Second

// ctx outlives a test, so that its cleanup can look at what it left.
var ctx = context.Background()

// newWorld makes a namespace for an ISMS, with an account to read evidence, and starts an operator for it.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return newLoneWorld(t)
}

// newLoneWorld is for tests that nothing may disturb: scopes count all namespaces of the cluster.
func newLoneWorld(t *testing.T) *world {
	t.Helper()
	w := newWorldWithoutOperator(t)
	w.start()
	return w
}

func newWorldWithoutOperator(t *testing.T) *world {
	t.Helper()
	c, err := client.New(testenv.Shared(t).Config, client.Options{Scheme: newScheme(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, client: c, home: fmt.Sprintf("isms-%d", serial.Add(1)), clock: &inprocess.Clock{}, writes: 50}
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home}})
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "reader"}})
	w.create(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: w.home}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{"", w.group()}, Resources: []string{"namespaces", "pods", "services", "widgets"},
		Verbs: []string{"get", "list", "watch"},
	}}})
	w.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: w.home},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: w.home},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "reader"}},
	})
	return w
}

// start starts an operator that is stopped when the test ends; by then, what it wrote must be well-formed.
func (w *world) start(change ...func(*engine.Options)) {
	w.Helper()
	w.startAs(testenv.Shared(w).Config, change...)
}

// startAs starts an operator that acts as somebody.
func (w *world) startAs(somebody *rest.Config, change ...func(*engine.Options)) {
	w.Helper()
	config := rest.CopyConfig(somebody)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return openStreams{next, w.group(), &w.open} })
	o := startOperator(w, config, w.home, w.clock, w.writes, change...)
	w.operator = o
	w.Cleanup(func() {
		if w.operator == o {
			if !w.Failed() {
				w.wellFormed()
			}
			w.stop()
		}
	})
}

func (w *world) stop() {
	w.Helper()
	w.operator.stop(w, w.allowed...)
	w.operator = nil
}

// namespace makes a namespace that is in the scope.
func (w *world) namespace(suffix string) string {
	w.Helper()
	name := w.home + "-" + suffix
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"scope": w.home}}})
	return name
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		if err := w.client.Create(ctx, o); err != nil {
			w.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

func (w *world) delete(o client.Object) {
	w.Helper()
	if err := w.client.Delete(ctx, o, client.GracePeriodSeconds(0)); err != nil && !apierrors.IsNotFound(err) {
		w.Fatal(err)
	}
}

// edit changes an object and updates it, as often as the operator has written it in between.
func (w *world) edit(o client.Object, change func()) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(o)
		change()
		if err := w.client.Update(ctx, o); err != nil {
			return err.Error()
		}
		return ""
	})
}

// merge applies a merge patch.
func (w *world) merge(o client.Object, patch string) {
	w.Helper()
	if err := w.client.Patch(ctx, o, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatal(err)
	}
}

// mergeStatus applies a merge patch to a status.
func (w *world) mergeStatus(o client.Object, patch string) {
	w.Helper()
	if err := w.client.Status().Patch(ctx, o, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatal(err)
	}
}

// eventually waits until nothing is wrong.
func (w *world) eventually(wrong func() string) {
	w.Helper()
	deadline := time.Now().Add(patience)
	for {
		d := wrong()
		if d == "" {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("still wrong after %s:\n%s", patience, d)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// want waits until a status says all lines, as sketch writes them; a line that begins with "no " must not be a prefix of any.
func (w *world) want(o client.Object, lines ...string) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(o)
		got := sketch(o)
		var missing []string
		for _, line := range lines {
			unwanted, negated := strings.CutPrefix(line, "no ")
			there := slices.Contains(got, line)
			if negated {
				there = !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, unwanted+" ") })
			}
			if !there {
				missing = append(missing, line)
			}
		}
		if len(missing) == 0 {
			return ""
		}
		return fmt.Sprintf("%s: want\n  %s\ngot\n  %s", o.GetName(), strings.Join(missing, "\n  "), strings.Join(append(got, messages(o)...), "\n  "))
	})
}

// refresh reads an object from the API server.
func (w *world) refresh(o client.Object) {
	w.Helper()
	if err := w.client.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
		w.Fatal(err)
	}
}

// message is the message of a condition.
func message(o client.Object, condition string) string {
	if c := conditions.Get(conditionsOf(o), condition); c != nil {
		return c.Message
	}
	return ""
}

func messages(o client.Object) []string {
	var out []string
	for _, c := range conditionsOf(o) {
		if c.Message != "" {
			out = append(out, "("+c.Type+": "+c.Message+")")
		}
	}
	return out
}

// sketch writes a status as lines: the result, the conditions as type, status and reason, the evidence and exceptions.
func sketch(o client.Object) []string {
	var out []string
	if c, ok := o.(*isms.Control); ok {
		out = append(out, "result "+string(c.Status.Result))
		for _, e := range c.Status.Evidence {
			line := fmt.Sprintf("%s %s %s", e.Name, e.Result, e.Reason)
			for _, f := range e.Failures {
				line += " " + f.Namespace + "/" + f.Name
			}
			out = append(out, line)
		}
		for _, x := range c.Status.Exceptions {
			out = append(out, fmt.Sprintf("%s %s %d", x.Name, x.State, x.Objects))
		}
	}
	for _, c := range conditionsOf(o) {
		out = append(out, fmt.Sprintf("%s %s %s", c.Type, c.Status, c.Reason))
	}
	return out
}

func conditionsOf(o client.Object) []metav1.Condition {
	switch x := o.(type) {
	case *isms.Control:
		return x.Status.Conditions
	case *isms.ISMSScope:
		return x.Status.Conditions
	case *isms.AuditCycle:
		return x.Status.Conditions
	case *isms.Document:
		return x.Status.Conditions
	case *isms.Attestation:
		return x.Status.Conditions
	case *isms.Finding:
		return x.Status.Conditions
	case *isms.Risk:
		return x.Status.Conditions
	case *isms.RegisterEntry:
		return x.Status.Conditions
	}
	return nil
}

// domain are the conditions that each kind has from the first visit on.
func domain(o client.Object) []string {
	switch x := o.(type) {
	case *isms.Control:
		return []string{isms.ConditionImplemented, isms.ConditionEvidenceCurrent, isms.ConditionEffective, isms.ConditionSatisfied}
	case *isms.ISMSScope:
		return []string{isms.ConditionScopeDefined, isms.ConditionBoundaryComplete, isms.ConditionStatementOfApplicabilityComplete, isms.ConditionDocumentationComplete}
	case *isms.AuditCycle:
		return []string{isms.ConditionScopeDefined, isms.ConditionControlsImplemented, isms.ConditionControlsSatisfied, isms.ConditionAuditReady}
	case *isms.Document:
		return []string{isms.ConditionApproved, isms.ConditionReviewCurrent}
	case *isms.Finding:
		return assess.FindingConditions
	case *isms.Risk:
		return assess.RiskConditions
	case *isms.RegisterEntry:
		return assess.EntryConditions(x.Spec.Register)
	}
	return assess.AttestationConditions
}

// objects are all ISMS objects of the world that have a status.
func (w *world) objects() []client.Object {
	w.Helper()
	var out []client.Object
	for _, list := range []client.ObjectList{
		&isms.ISMSScopeList{}, &isms.ControlList{}, &isms.AuditCycleList{}, &isms.DocumentList{}, &isms.AttestationList{},
		&isms.FindingList{}, &isms.RiskList{}, &isms.RegisterEntryList{},
	} {
		if err := w.client.List(ctx, list, client.InNamespace(w.home)); err != nil {
			w.Fatal(err)
		}
		_ = meta.EachListItem(list, func(o runtime.Object) error {
			out = append(out, o.(client.Object))
			return nil
		})
	}
	return out
}

// wellFormed waits until the conditions of all objects break no invariant; and nobody is named where it is not asked for.
func (w *world) wellFormed() {
	w.Helper()
	w.nobodyIsNamed()
	w.eventually(func() string {
		var found []string
		for _, o := range w.objects() {
			for _, v := range conditions.Violations(conditionsOf(o), o.GetGeneration(), domain(o)...) {
				found = append(found, fmt.Sprintf("%T %s: %s", o, o.GetName(), v))
			}
		}
		return strings.Join(found, "\n")
	})
}

// people are parts of what the people of these tests are called, and where they can be reached.
var people = []string{"Smith", "Roe", "@example.com"}

// nobodyIsNamed asks that no condition, no event and no entry of the evidence log names a person: they are kept for long, and
// read by many.
func (w *world) nobodyIsNamed() {
	w.Helper()
	told := func(where, text string) {
		for _, name := range people {
			if strings.Contains(text, name) {
				w.Errorf("%s names a person: %s", where, text)
			}
		}
	}
	for _, o := range w.objects() {
		for _, m := range messages(o) {
			told(o.GetName(), m)
		}
	}
	var events eventsv1.EventList
	if err := w.client.List(ctx, &events, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	for _, e := range events.Items {
		told("an event", e.Note)
	}
	for _, log := range w.logs() {
		for _, e := range log.Spec.Entries {
			e.Criteria = "" // which is the text of a rule, as somebody wrote it
			told("the evidence log", fmt.Sprint(e))
		}
	}
}

// versions are the resource versions of all objects, by kind and name.
func (w *world) versions() map[string]string {
	w.Helper()
	out := map[string]string{}
	for _, o := range w.objects() {
		out[fmt.Sprintf("%T %s", o, o.GetName())] = o.GetResourceVersion()
	}
	return out
}

// settle waits until nothing has been written for a while, and returns the resource versions.
func (w *world) settle() map[string]string {
	w.Helper()
	before, since := w.versions(), time.Now()
	for deadline := time.Now().Add(patience); time.Since(since) < 1500*time.Millisecond; time.Sleep(50 * time.Millisecond) {
		if now := w.versions(); fmt.Sprint(now) != fmt.Sprint(before) {
			before, since = now, time.Now()
		}
		if time.Now().After(deadline) {
			w.Fatal("the operator goes on writing")
		}
	}
	w.wellFormed()
	return before
}

// events are the events about an object, as type, reason and note.
func (w *world) events(o client.Object) []string {
	w.Helper()
	var list eventsv1.EventList
	if err := w.client.List(ctx, &list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, e := range list.Items {
		if e.Regarding.UID == o.GetUID() {
			out = append(out, e.Type+" "+e.Reason+" "+e.Note)
		}
	}
	return out
}

// wantEvent waits for an event that begins so.
func (w *world) wantEvent(o client.Object, prefix string) {
	w.Helper()
	w.eventually(func() string {
		got := w.events(o)
		if slices.ContainsFunc(got, func(e string) bool { return strings.HasPrefix(e, prefix) }) {
			return ""
		}
		return fmt.Sprintf("no event %q about %s, but %q", prefix, o.GetName(), got)
	})
}
