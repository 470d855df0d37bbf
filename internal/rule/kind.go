// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
)

// churning are the kinds that change by design, many times a second on a large cluster; a flag can allow them.
var churning = []schema.GroupKind{
	{Kind: "Event"},
	{Group: "events.k8s.io", Kind: "Event"},
	{Group: "coordination.k8s.io", Kind: "Lease"},
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"},
	{Kind: "Endpoints"},
}

// Churns says whether objects of a kind change all the time by design.
func Churns(kind schema.GroupKind) bool { return slices.Contains(churning, kind) }

// ChurnsMessage explains why such a kind is no evidence.
func ChurnsMessage(kind string) string {
	return fmt.Sprintf("%s objects change all the time by design; the operator's flag --allow-kind must name the kind", kind)
}

// NotNamespacedMessage explains why AnyPerNamespace can't be asked of a cluster-scoped kind.
func NotNamespacedMessage(kind string) string {
	return kind + " is not namespaced, so AnyPerNamespace can't be asked of it; use Any or Every"
}

// TooManyKindsMessage explains DefaultKinds, or what a flag has set in its place.
func TooManyKindsMessage(limit int) string {
	return fmt.Sprintf("the rules of the scope read more than %d kinds", limit)
}

// TooManyObjectsMessage explains DefaultKept, or what a flag has set in its place.
func TooManyObjectsMessage(limit int) string {
	return fmt.Sprintf("the rule keeps what it reads of each object and selects more than %d; narrow it with where or labelSelector", limit)
}

// CostExceededMessage explains that an evaluation ended at its limit; met are the classes of the errors.
func CostExceededMessage(met string) string { return "an evaluation exceeds the cost limit: " + met }

// MetadataOnly says of which kinds nothing but metadata is ever asked for.
func MetadataOnly(kind schema.GroupVersionKind) bool {
	return guard.Metadata.On() && kind.Group == "" && (kind.Kind == "Secret" || kind.Kind == "ConfigMap")
}

// readableMetadata are the fields of metadata-only objects that reach a rule.
var readableMetadata = []string{
	"name", "generateName", "namespace", "uid", "labels", "creationTimestamp", "deletionTimestamp", "ownerReferences",
	"finalizers", "resourceVersion", "generation",
}

// unreadable says why a rule reads what a metadata-only object never shows, or nothing.
func unreadable(kind schema.GroupVersionKind, p *check.Program) string {
	if !MetadataOnly(kind) {
		return ""
	}
	const hint = "only name, namespace, uid, labels, owners and timestamps of a %s reach a rule"
	if p.ReadsObjectWhole() {
		return fmt.Sprintf("the rule reads the whole object, but "+hint, kind.Kind)
	}
	for _, path := range p.Paths() {
		f := path.Steps
		switch {
		case len(f) == 0 || f[0].Name == "apiVersion" || f[0].Name == "kind":
		case f[0].Name != "metadata", len(f) == 1, !slices.Contains(readableMetadata, f[1].Name):
			return fmt.Sprintf("%s can't be read: "+hint, path, kind.Kind)
		}
	}
	return ""
}
