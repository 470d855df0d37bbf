// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// keeper is a cluster with the admission policies, and a namespace with an ISMS.
type keeper struct {
	*testing.T
	client client.Client
	home   string
	// as is a client of a user who has every right.
	as func(user string) client.Client
}

func newKeeper(t *testing.T) *keeper {
	t.Helper()
	env := testenv.Start(t, testenv.WithControllerManager())
	c := testenv.Client(t, env.Config)
	k := &keeper{T: t, client: c, home: "isms", as: func(user string) client.Client {
		return testenv.Client(t, env.As(user, "system:masters"))
	}}
	k.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: k.home}})
	applied := 0
	for _, object := range objects(t) {
		if strings.HasPrefix(object.GetKind(), "ValidatingAdmissionPolicy") {
			applied++
			if err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("install-test")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if applied < 2 {
		t.Fatalf("config/default has %d objects of admission policies, want a policy and its binding", applied)
	}
	k.untilInForce()
	return k
}

func (k *keeper) create(o client.Object) {
	k.Helper()
	if err := k.client.Create(k.Context(), o); err != nil {
		k.Fatal(err)
	}
}

// finding is one in an early state.
func (k *keeper) finding(name string) *isms.Finding {
	k.Helper()
	f := &isms.Finding{
		ObjectMeta: metav1.ObjectMeta{Namespace: k.home, Name: name},
		Spec: isms.FindingSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Severity: isms.SeverityMinor, Source: isms.FindingFromOperation, Requirement: "A.8.13",
			RaisedOn: "2026-11-01", Statement: "Restores were not tested.", ObjectiveEvidence: "The log has no entry.",
		},
	}
	k.create(f)
	return f
}

// say writes the condition Closed, for a generation.
func (k *keeper) say(f *isms.Finding, closed metav1.ConditionStatus, generation int64) {
	k.Helper()
	f.Status.Conditions = []metav1.Condition{{
		Type: isms.ConditionClosed, Status: closed, Reason: isms.ReasonClosed, ObservedGeneration: generation, LastTransitionTime: metav1.Now(),
	}}
	if err := k.as(operatorUser).Status().Update(k.Context(), f); err != nil {
		k.Fatal(err)
	}
}

// untilInForce waits until the API server knows the policy, which takes it a moment.
func (k *keeper) untilInForce() {
	k.Helper()
	for i := range 300 {
		f := k.finding(fmt.Sprintf("probe-%d", i))
		if err := k.client.Delete(k.Context(), f); apierrors.IsForbidden(err) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	k.Fatal("an open Finding can be deleted half a minute after the policy was applied")
}

// TestOpenFindingIsKept holds the policy against each state of a Finding, and against the ways around it.
func TestOpenFindingIsKept(t *testing.T) {
	k := newKeeper(t)
	for name, tc := range map[string]struct {
		state   func(f *isms.Finding)
		deleted bool
	}{
		"never-assessed": {func(*isms.Finding) {}, false},
		"open":           {func(f *isms.Finding) { k.say(f, metav1.ConditionFalse, f.Generation) }, false},
		"not-known":      {func(f *isms.Finding) { k.say(f, metav1.ConditionUnknown, f.Generation) }, false},
		"closed":         {func(f *isms.Finding) { k.say(f, metav1.ConditionTrue, f.Generation) }, true},
		"edited-since": {func(f *isms.Finding) {
			k.say(f, metav1.ConditionTrue, f.Generation)
			f.Spec.Correction = "Another one."
			if err := k.client.Update(k.Context(), f); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := k.finding(name)
			tc.state(f)
			err := k.client.Delete(t.Context(), f)
			switch {
			case tc.deleted && err != nil:
				t.Error(err)
			case !tc.deleted && !apierrors.IsForbidden(err):
				t.Errorf("deletion ends with %v", err)
			case !tc.deleted && !strings.Contains(err.Error(), "close it"):
				t.Errorf("the refusal does not say what to do: %v", err)
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		k.finding("kept-1")
		if err := k.client.DeleteAllOf(t.Context(), &isms.Finding{}, client.InNamespace(k.home)); !apierrors.IsForbidden(err) {
			t.Errorf("deletion of a collection ends with %v", err)
		}
		k.wantThere("kept-1")
	})
	t.Run("with an owner that is deleted", k.outlivesItsOwner)
	t.Run("with its namespace", k.goesWithItsNamespace)
}

// outlivesItsOwner: an owner reference would have the garbage collector do what its writer may not.
func (k *keeper) outlivesItsOwner(t *testing.T) {
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: k.home, Name: "owner"}}
	dependent := owner.DeepCopy()
	k.create(owner)
	owned := metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}
	dependent.Name, dependent.OwnerReferences = "dependent", []metav1.OwnerReference{owned}
	k.create(dependent)
	f := k.finding("owned")
	f.OwnerReferences = []metav1.OwnerReference{owned}
	if err := k.client.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if err := k.client.Delete(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	k.awaitGone(dependent) // the collector has been at work, on the Finding too
	time.Sleep(time.Second)
	k.wantThere("owned")
}

func (k *keeper) goesWithItsNamespace(t *testing.T) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: k.home}}
	if err := k.client.Delete(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	k.awaitGone(ns)
}

func (k *keeper) wantThere(name string) {
	k.Helper()
	f := &unstructured.Unstructured{}
	f.SetGroupVersionKind(isms.GroupVersion.WithKind("Finding"))
	if err := k.client.Get(k.Context(), client.ObjectKey{Namespace: k.home, Name: name}, f); err != nil {
		k.Errorf("the open Finding is gone: %v", err)
	}
}

func (k *keeper) awaitGone(o client.Object) {
	k.Helper()
	err := wait.PollUntilContextTimeout(k.Context(), 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		return apierrors.IsNotFound(k.client.Get(ctx, client.ObjectKeyFromObject(o), o)), nil
	})
	if err != nil {
		k.Fatalf("%s is still there: %v", o.GetName(), err)
	}
}
