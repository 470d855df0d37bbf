// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The rules have a budget at run time too, so the largest objects that the bounds allow are created and updated.

func repeat[T any](n int, item func(i int) T) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

func set(t *testing.T, obj *unstructured.Unstructured, value any, fields ...string) {
	t.Helper()
	if err := unstructured.SetNestedField(obj.Object, value, fields...); err != nil {
		t.Fatal(err)
	}
}

func createAndUpdate(t *testing.T, obj *unstructured.Unstructured, update func()) {
	t.Helper()
	c := newClient(t)
	ctx := context.Background()
	if err := c.Create(ctx, obj); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Delete(ctx, obj, client.GracePeriodSeconds(0)); err != nil {
			t.Error(err)
		}
	})
	update()
	if err := c.Update(ctx, obj); err != nil {
		t.Error(err)
	}
}

func TestLargestControlIsAccepted(t *testing.T) {
	obj := validObject(t, "control")
	set(t, obj, repeat(20, func(i int) map[string]any {
		return map[string]any{
			"name": fmt.Sprintf("item-%02d", i),
			"resources": map[string]any{
				"apiVersion": "apps/v1", "kind": "Deployment", "quantifier": "AnyPerNamespace",
				"where": strings.Repeat("w", 2048), "expect": strings.Repeat("e", 4096),
			},
		}
	}), "spec", "evidence")
	set(t, obj, repeat(20, func(i int) map[string]any {
		return map[string]any{
			"name":     fmt.Sprintf("exception-%02d", i),
			"evidence": repeat(20, func(i int) string { return fmt.Sprintf("item-%02d", i) }),
			"objects": repeat(50, func(i int) map[string]any {
				return map[string]any{"namespace": fmt.Sprintf("%s-%02d", strings.Repeat("n", 60), i)}
			}),
			"reason":      "Migration.",
			"requestedBy": map[string]any{"name": "Platform team", "email": "platform@example.com"},
			"approvedBy":  map[string]any{"name": "R. Roe", "email": "r.roe@example.com"},
			"expiresOn":   "2027-02-28",
		}
	}), "spec", "exceptions")
	createAndUpdate(t, obj, func() { set(t, obj, "Any", "spec", "evidencePolicy") })
}

func TestLargestScopeIsAccepted(t *testing.T) {
	names := func(prefix string, n int) []any {
		return repeat(n, func(i int) string { return fmt.Sprintf("%s-%s-%03d", prefix, strings.Repeat("n", 50), i) })
	}
	obj := validObject(t, "ismsscope")
	unstructured.RemoveNestedField(obj.Object, "spec", "evidence", "namespaceSelector")
	set(t, obj, names("in", 500), "spec", "evidence", "namespaces")
	set(t, obj, repeat(50, func(i int) map[string]any {
		return map[string]any{"name": fmt.Sprintf("group-%02d", i), "names": names("out", 200), "justification": "Not ours."}
	}), "spec", "evidence", "excludedNamespaces")
	createAndUpdate(t, obj, func() { set(t, obj, "Acme SE", "spec", "organization") })
}

func TestLargestLogIsAppendedTo(t *testing.T) {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(nil))
	entry := func(i int) map[string]any {
		entry := map[string]any{
			"sequence": int64(i + 1), "epoch": int64(i + 1), "type": "EvidenceChanged", "observedTime": "2026-08-01T00:00:00Z",
			"item": "default-deny", "result": "Fail", "reason": "ObjectsFailed",
			"counts": map[string]any{"subjects": int64(12), "failing": int64(10), "errors": int64(0), "waived": int64(0)},
			"failures": repeat(10, func(i int) map[string]any {
				return map[string]any{"namespace": strings.Repeat("n", 63), "name": fmt.Sprintf("%s-%d", strings.Repeat("o", 251), i)}
			}),
			"criteriaDigest": digest, "criteria": strings.Repeat("c", 4096), "matchedDigest": digest,
			"operatorVersion": "0.1.0", "digest": digest,
		}
		if i > 0 {
			entry["previousDigest"] = digest
		}
		return entry
	}
	obj := validObject(t, "evidencelog")
	set(t, obj, repeat(99, entry), "spec", "entries")
	createAndUpdate(t, obj, func() { set(t, obj, repeat(100, entry), "spec", "entries") })
}

// TestLogsNeedNoManagedFields: the API server notes the owner of each field of each entry, which nearly doubles a log. A
// writer who resets them once is rid of them: docs/design/ledger.md counts on it.
func TestLogsNeedNoManagedFields(t *testing.T) {
	obj := validObject(t, "evidencelog")
	obj.SetName("without-managed-fields")
	entries, _, err := unstructured.NestedSlice(obj.Object, "spec", "entries")
	if err != nil {
		t.Fatal(err)
	}
	set(t, obj, entries[:1], "spec", "entries")
	c := newClient(t)
	ctx := context.Background()
	if err := c.Create(ctx, obj); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Delete(ctx, obj); err != nil {
			t.Error(err)
		}
	})
	if len(obj.GetManagedFields()) == 0 {
		t.Error("the API server notes nobody even without a reset")
	}
	obj.SetManagedFields([]metav1.ManagedFieldsEntry{{}})
	if err := c.Update(ctx, obj); err != nil {
		t.Fatal(err)
	}
	set(t, obj, entries, "spec", "entries")
	if err := c.Update(ctx, obj); err != nil {
		t.Fatal(err)
	}
	if fields := obj.GetManagedFields(); len(fields) > 0 {
		t.Errorf("after the reset %d owners are noted", len(fields))
	}
}
