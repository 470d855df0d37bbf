// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// logged are the verdicts and checkpoints of a series, as item, result and reason.
func (w *world) logged(id string) []string {
	w.Helper()
	var list isms.EvidenceLogList
	if err := w.client.List(ctx, &list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	for _, r := range ledger.Verify(list.Items, ledger.Options{}) {
		if len(r.Problems) > 0 {
			w.Errorf("the log does not verify: %v", r.Problems)
		}
	}
	var out []string
	for _, log := range list.Items {
		if string(log.Spec.ControlID) != id {
			continue
		}
		for _, e := range log.Spec.Entries {
			if e.Type != isms.LogEvidenceChanged && e.Type != isms.LogCheckpoint {
				continue
			}
			line := fmt.Sprintf("%s %s %s", e.Item, e.Result, e.Reason)
			if e.Flaps != nil {
				line += fmt.Sprintf(" after %d changes", e.Flaps.Count)
			}
			if e.Type == isms.LogCheckpoint {
				line = fmt.Sprintf("Checkpoint of %d entries of %d series", e.Checkpoint.Entries, e.Checkpoint.Heads)
			}
			out = append(out, line)
		}
	}
	return out
}

// wantLogged waits until a series has just these entries.
func (w *world) wantLogged(id string, want ...string) {
	w.Helper()
	w.eventually(func() string {
		if got := w.logged(id); !slices.Equal(got, want) {
			return fmt.Sprintf("the log of %q is\n  %s\nwant\n  %s", id, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		return ""
	})
}

// wantInLog waits until a series has these entries, each once, in any order.
// An entry may also count what came and went before it, within the dwell time.
func (w *world) wantInLog(id string, want ...string) {
	w.Helper()
	w.eventually(func() string {
		got := w.logged(id)
		for _, line := range want {
			other := func(l string) bool { return l != line && !strings.HasPrefix(l, line+" after ") }
			if n := len(slices.DeleteFunc(slices.Clone(got), other)); n != 1 {
				return fmt.Sprintf("%q is %d times in\n  %s", line, n, strings.Join(got, "\n  "))
			}
		}
		return ""
	})
}

// lookAgain has an object reconciled, as its dwell time would.
func (w *world) lookAgain(o client.Object) {
	w.Helper()
	w.merge(o, `{"metadata":{"annotations":{"example.com/looked-at":"`+w.clock.Now().String()+`"}}}`)
}

// TestLogOfAControl follows a control through its life: each transition is in its log once, in order, also those past the
// dwell time, a suspension, an item that is taken away, and the end of the Control.
func TestLogOfAControl(t *testing.T) {
	w := newWorld(t)
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope, control := w.scope(), w.control("A.8.22", approved())
	w.create(scope, control)
	want := []string{"approved Pass ObjectsPassed"}
	w.wantLogged("A.8.22", want...)
	w.want(control, "result Effective")
	w.want(scope, "EvidenceLogIntact True LogVerified", "EvidenceLogSealed False SigningKeyMissing")
	for _, log := range w.logs() {
		for _, e := range log.Spec.Entries {
			matched := tally.DigestOf([]tally.Name{{Namespace: shop, Name: "web"}})
			if e.Type == isms.LogEvidenceChanged && (e.Counts == nil || e.Counts.Subjects != 1 || e.MatchedDigest != matched) {
				t.Errorf("the entry does not say which set of one was looked at: %+v", e)
			}
		}
	}

	// Shown is logged; what comes within the dwell time is shown at once, and logged when that is over.
	w.approve(shop, "web", "no")
	w.want(control, "approved Fail ObjectsFailed "+shop+"/web")
	w.approve(shop, "web", "yes")
	w.want(control, "result Effective")
	w.wantLogged("A.8.22", want...)
	w.clock.Step(2 * time.Minute)
	w.lookAgain(control)
	want = append(want, "approved Pass ObjectsPassed after 2 changes")
	w.wantLogged("A.8.22", want...)

	w.clock.Step(2 * time.Minute)
	w.approve(shop, "web", "no")
	want = append(want, "approved Fail ObjectsFailed")
	w.wantLogged("A.8.22", want...)

	w.clock.Step(2 * time.Minute)
	w.merge(control, `{"metadata":{"annotations":{"`+assess.SuspendAnnotation+`":"true"}}}`)
	want = append(want, "approved Unknown Suspended")
	w.wantLogged("A.8.22", want...)
	w.clock.Step(2 * time.Minute)
	w.merge(control, `{"metadata":{"annotations":{"`+assess.SuspendAnnotation+`":null}}}`)
	want = append(want, "approved Fail ObjectsFailed")
	w.wantLogged("A.8.22", want...)

	w.stop() // What happens meanwhile is seen afterwards.
	w.clock.Step(2 * time.Minute)
	w.edit(control, func() { control.Spec.Evidence[0].Name = "all-approved" })
	w.approve(shop, "web", "yes")
	w.start()
	w.wantInLog("A.8.22", "all-approved Pass ObjectsPassed", "approved NotApplicable ItemRemoved")

	w.clock.Step(2 * time.Minute)
	w.delete(control)
	w.wantInLog("A.8.22", "all-approved Unknown ControlRemoved")

	// The day ends.
	w.clock.Step(24 * time.Hour)
	w.lookAgain(scope)
	w.eventually(func() string {
		if got := w.logged(""); len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "Checkpoint of ") {
			return fmt.Sprintf("the log of the scope is %q", got)
		}
		return ""
	})
	w.want(scope, "EvidenceLogIntact True LogVerified", "EvidenceLogSealed False SigningKeyMissing")
}

// TestLogThatIsNotTaken: where the API server takes no entries, what has turned is not shown, and nothing of it is lost.
func TestLogThatIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	role := w.home + "-operator"
	rules := func(logs ...string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{
			{APIGroups: []string{isms.GroupName}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}},
			{APIGroups: []string{isms.GroupName}, Resources: []string{"controls/status", "ismsscopes/status"}, Verbs: []string{"*"}},
			{APIGroups: []string{isms.GroupName}, Resources: []string{"evidencelogs", "evidencelogs/status"}, Verbs: logs},
			{APIGroups: []string{"authorization.k8s.io", "events.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"create", "patch"}},
			{
				APIGroups: []string{"", "apiextensions.k8s.io", "apiregistration.k8s.io"},
				Resources: []string{"namespaces", "serviceaccounts", "pods", "customresourcedefinitions", "apiservices"},
				Verbs:     []string{"get", "list", "watch"},
			},
		}
	}
	clusterRole := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}, Rules: rules("create", "update")}
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "operator"}}, clusterRole,
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "operator"}},
		})
	may := func(verbs ...string) {
		t.Helper()
		w.edit(clusterRole, func() { clusterRole.Rules = rules(verbs...) })
	}
	w.allowed = []string{"an entry of the evidence log is not taken"}
	w.startAs(testenv.Shared(t).AsServiceAccount(w.home, "operator"))
	shop := w.namespace("shop")
	w.create(somePod(shop, "web", "yes"))
	scope, drifting, steady := w.scope(), w.control("A.8.22", approved()), w.control("A.8.9", item("any", isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery, Expect: `object.metadata.name != ""`}))
	w.create(scope, drifting, steady)
	w.want(drifting, "result Effective")
	w.want(steady, "result Effective")

	may("get")
	w.eventually(func() string { // A right that is taken away is known after a moment: until then what turns is recorded.
		w.clock.Step(2 * time.Minute)
		w.approve(shop, "web", "no")
		w.clock.Step(2 * time.Minute)
		w.approve(shop, "web", "yes")
		w.refresh(drifting)
		if got := sketch(drifting); !slices.Contains(got, "Ready Unknown LogNotWritable") {
			return strings.Join(got, "\n")
		}
		return ""
	})
	recorded := len(w.logged("A.8.22"))
	w.approve(shop, "web", "no")
	w.want(drifting, "result Unknown", "Ready Unknown LogNotWritable", "Effective Unknown LogNotWritable", "Satisfied Unknown LogNotWritable")
	if got := message(drifting, isms.ConditionEffective); !strings.Contains(got, "Forbidden") || strings.Contains(got, role) {
		t.Errorf("the message is %q", got)
	}
	w.want(scope, "EvidenceLogIntact False LogNotWritable")
	w.want(steady, "result Effective", "Ready True Assessed") // of which nothing is to be recorded

	may("create", "update")
	w.want(drifting, "result Ineffective", "Ready True Assessed")
	w.want(scope, "EvidenceLogIntact True LogVerified")
	if got := w.logged("A.8.22"); len(got) != recorded+1 || !strings.HasPrefix(got[recorded], "approved Fail ObjectsFailed") {
		t.Errorf("the log is %q", got)
	}
}
