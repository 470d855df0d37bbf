// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestAStatusOfBeforeAFieldIsInNobodysWay: a cycle whose status was stored before controls.withinGrace was there, which is
// required now, can still be edited: the API server asks nothing new of what an update leaves as it is.
func TestAStatusOfBeforeAFieldIsInNobodysWay(t *testing.T) {
	ctx, c := context.Background(), newClient(t)
	cycle := validObject(t, "auditcycle")
	if err := c.Create(ctx, cycle); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Delete(ctx, cycle); err != nil {
			t.Error(err)
		}
	})
	setStatus(t, c, cycle, cycleStatus)
	unstructured.RemoveNestedField(cycle.Object, "status", "controls", "withinGrace")
	if err := c.Status().Update(ctx, cycle.DeepCopy()); err == nil {
		t.Fatal("the field is not required, so that this test shows nothing")
	}
	stored := cycle.DeepCopy()
	stored.SetResourceVersion("")
	text, err := json.Marshal(stored.Object)
	if err != nil {
		t.Fatal(err)
	}
	key := "/registry/isms-operator.io/auditcycles/" + namespace + "/" + cycle.GetName()
	if err := testenv.Shared(t).Put(ctx, map[string][]byte{key: text}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if err := c.Get(ctx, client.ObjectKeyFromObject(cycle), cycle); err != nil {
			t.Fatal(err)
		}
		if _, there, _ := unstructured.NestedFieldNoCopy(cycle.Object, "status", "controls", "withinGrace"); !there {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the API server does not show what is stored")
		}
	}
	if err := c.Patch(ctx, cycle, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"deviationGraceDays":9}}`))); err != nil {
		t.Errorf("the spec can't be edited: %v", err)
	}
}
