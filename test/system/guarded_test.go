// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestLogOfTheOperatorIsGuarded has the operator write a log under its own account, and others try to change it: the
// callers have all rights, so what refuses is the policy, or the rules of the kind.
func TestLogOfTheOperatorIsGuarded(t *testing.T) {
	w := install(t)
	w.isms("guarded")
	p := launch(t, "--metrics-bind-address=0")
	w.create(w.pod("web", "yes"))
	control := w.approvedPods("A.8.22")
	w.want(control, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	key := client.ObjectKey{Namespace: w.home, Name: ledger.LogName(ledger.Key{
		Scope: ledger.Scope{Namespace: w.home, Name: "acme"}, Series: isms.SeriesControl, ControlID: "A.8.22",
	}, 1)}
	read := func() *isms.EvidenceLog {
		t.Helper()
		var log isms.EvidenceLog
		w.get(key, &log)
		return &log
	}
	forged := read()
	forged.Spec.Entries = append(forged.Spec.Entries, forge(t, forged))
	for what, err := range map[string]error{
		"delete the log":              w.client.Delete(t.Context(), read()),
		"delete all logs":             w.client.DeleteAllOf(t.Context(), &isms.EvidenceLog{}, client.InNamespace(w.home)),
		"append to the log":           w.client.Update(t.Context(), forged),
		"forge the control's status":  w.client.Status().Patch(t.Context(), control, client.RawPatch("application/merge-patch+json", []byte(`{"status":{"result":"Unknown"}}`))),
		"write the status of the log": w.client.Status().Patch(t.Context(), read(), client.RawPatch("application/merge-patch+json", []byte(`{"status":{"entries":7}}`))),
	} {
		if !apierrors.IsForbidden(err) {
			t.Errorf("an administrator may %s: %v", what, err)
		}
	}
	if err := w.client.Update(t.Context(), read()); err != nil {
		t.Errorf("an update that changes nothing: %v", err)
	}

	// A restore: away with it as the named account, and back again, while the operator is off.
	p.stop()
	restore := newClient(t, testenv.Shared(t).As("system:serviceaccount:"+systemNamespace+":isms-operator-restore", "system:masters"))
	log := read()
	if err := restore.Delete(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	log.ResourceVersion, log.UID = "", ""
	if err := restore.Create(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	again := launch(t, "--metrics-bind-address=0")
	w.merge(w.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
	w.want(control, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
	again.stop()
	var list isms.EvidenceLogList
	if err := w.client.List(t.Context(), &list, client.InNamespace(w.home)); err != nil {
		t.Fatal(err)
	}
	if r := ledger.Verify(list.Items, ledger.Options{})[0]; len(r.Problems) > 0 {
		t.Errorf("after the restore the log does not verify: %v", r.Problems)
	}

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home}}
	if err := w.client.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	w.eventually(func() string {
		if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(namespace), namespace); !apierrors.IsNotFound(err) {
			return "the namespace is still there"
		}
		return ""
	})
}

// forge is an entry that would chain to the log.
func forge(t *testing.T, log *isms.EvidenceLog) isms.LogEntry {
	t.Helper()
	last := log.Spec.Entries[len(log.Spec.Entries)-1]
	entry := *last.DeepCopy()
	entry, _, err := ledger.Append(ledger.Head{Key: ledger.KeyOf(log), Sequence: last.Sequence, Digest: last.Digest}, entry)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}
