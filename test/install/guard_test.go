// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// The accounts that the policy knows. All callers of these tests may do anything by their rights (system:masters), so
// that what is refused is refused by the policy.
const (
	operatorUser = "system:serviceaccount:" + namespace + ":" + serviceAccount
	restoreUser  = "system:serviceaccount:" + namespace + ":isms-operator-restore"
)

// guard is a cluster with the policy that guards the evidence.
type guard struct {
	*keeper
	number int
}

// log is one with an entry, written by the operator.
func (g *guard) log() *isms.EvidenceLog {
	g.Helper()
	log := g.newLog()
	if err := g.as(operatorUser).Create(g.Context(), log); err != nil {
		g.Fatal(err)
	}
	return log
}

func (g *guard) newLog() *isms.EvidenceLog {
	g.number++
	return &isms.EvidenceLog{
		ObjectMeta: metav1.ObjectMeta{Namespace: g.home, Name: fmt.Sprintf("log-%d", g.number)},
		Spec: isms.EvidenceLogSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Series: isms.SeriesScope, Number: 1, FirstSequence: 1,
			Entries: []isms.LogEntry{entry(1, "")},
		},
	}
}

func entry(sequence int64, previous isms.Digest) isms.LogEntry {
	return isms.LogEntry{
		Sequence: sequence, Epoch: 1, Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(time.Unix(1785542400, 0)),
		OperatorVersion: "0.1.0", PreviousDigest: previous, Digest: isms.Digest("sha256:" + strings.Repeat(fmt.Sprint(sequence), 64)),
	}
}

// attempts are what somebody may try.
func (g *guard) attempts(c client.Client) map[string]func() error {
	ctx := g.Context()
	change := func(edit func(log *isms.EvidenceLog)) func() error {
		return func() error {
			log := g.log()
			edit(log)
			return c.Update(ctx, log)
		}
	}
	return map[string]func() error{
		"create a log": func() error { return c.Create(ctx, g.newLog()) },
		"append to a log": change(func(log *isms.EvidenceLog) {
			log.Spec.Entries = append(log.Spec.Entries, entry(2, log.Spec.Entries[0].Digest))
		}),
		"label a log": change(func(log *isms.EvidenceLog) { log.Labels = map[string]string{"a": "b"} }),
		"give a log an owner": change(func(log *isms.EvidenceLog) {
			log.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "any", UID: "any"}}
		}),
		"delete a log": func() error { return c.Delete(ctx, g.log()) },
		"delete all logs": func() error {
			g.log()
			return c.DeleteAllOf(ctx, &isms.EvidenceLog{}, client.InNamespace(g.home))
		},
		"write the status of a log": func() error {
			log := g.log()
			log.Status.Entries = 7
			return c.Status().Update(ctx, log)
		},
		"patch the status of a Finding": func() error {
			f := g.finding(fmt.Sprintf("finding-%d", g.nextNumber()))
			patch := fmt.Sprintf(`{"status": {"observedGeneration": %d}}`, f.Generation)
			return c.Status().Patch(ctx, f, client.RawPatch("application/merge-patch+json", []byte(patch)))
		},
	}
}

func (g *guard) nextNumber() int { g.number++; return g.number }

func (g *guard) untilGuarded() {
	g.Helper()
	for range 300 {
		if err := g.client.Create(g.Context(), g.newLog()); apierrors.IsForbidden(err) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	g.Fatal("an administrator can write an EvidenceLog half a minute after the policy was applied")
}

func TestEvidenceIsGuarded(t *testing.T) {
	g := &guard{keeper: newKeeper(t)}
	g.untilGuarded()
	for who, c := range map[string]client.Client{
		"an administrator":                g.client,
		"another user":                    g.as("mallory@example.com"),
		"an account of the same name":     g.as("system:serviceaccount:isms:" + serviceAccount),
		"another account of the operator": g.as("system:serviceaccount:" + namespace + ":default"),
		"the garbage collector":           g.as("system:serviceaccount:kube-system:generic-garbage-collector"),
	} {
		for what, attempt := range g.attempts(c) {
			t.Run(who+" may not "+what, func(t *testing.T) {
				err := attempt()
				if !apierrors.IsForbidden(err) {
					t.Fatalf("it ends with %v", err)
				}
				if !strings.Contains(err.Error(), "written by the operator alone, as "+operatorUser) {
					t.Errorf("the refusal does not say who may: %v", err)
				}
			})
		}
	}
	for _, who := range []string{operatorUser, restoreUser} {
		for what, attempt := range g.attempts(g.as(who)) {
			t.Run(who+" may "+what, func(t *testing.T) {
				if err := attempt(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("what changes nothing", g.lettingThroughWhatChangesNothing)
	t.Run("specs are for people", g.leavesSpecsAlone)
	t.Run("with its namespace", g.goesWithItsNamespace)
}

// lettingThroughWhatChangesNothing: a storage migration writes each object as it is.
func (g *guard) lettingThroughWhatChangesNothing(t *testing.T) {
	log := g.log()
	if err := g.client.Update(t.Context(), log); err != nil {
		t.Errorf("an update that changes nothing: %v", err)
	}
	if err := g.client.Status().Update(t.Context(), log); err != nil {
		t.Errorf("a status update that changes nothing: %v", err)
	}
	f := g.finding("unchanged")
	g.say(f, metav1.ConditionFalse, f.Generation)
	if err := g.client.Status().Update(t.Context(), f); err != nil {
		t.Errorf("a status update of a Finding that changes nothing: %v", err)
	}
}

// leavesSpecsAlone: what people write is not the policy's business, even where they send a status along.
func (g *guard) leavesSpecsAlone(t *testing.T) {
	f := g.finding("edited")
	f.Spec.Correction = "Tested."
	f.Status.ObservedGeneration = 99
	if err := g.client.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if f.Status.ObservedGeneration != 0 {
		t.Error("the status was written with the spec")
	}
	if err := g.client.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: g.home, Name: "any"}}); err != nil {
		t.Error(err)
	}
}
