// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// scopeIndex finds objects by the scope that they name.
const scopeIndex = ".spec.scopeRef.name"

// scoped are the kinds that name a scope.
var scoped = []client.Object{
	&isms.Control{}, &isms.AuditCycle{}, &isms.Risk{}, &isms.Document{}, &isms.Attestation{}, &isms.RegisterEntry{}, &isms.Finding{},
}

// scopeRef is the scope that an object names.
func scopeRef(o client.Object) isms.LocalRef {
	switch x := o.(type) {
	case *isms.Control:
		return x.Spec.ScopeRef
	case *isms.AuditCycle:
		return x.Spec.ScopeRef
	case *isms.Risk:
		return x.Spec.ScopeRef
	case *isms.Document:
		return x.Spec.ScopeRef
	case *isms.Attestation:
		return x.Spec.ScopeRef
	case *isms.RegisterEntry:
		return x.Spec.ScopeRef
	case *isms.Finding:
		return x.Spec.ScopeRef
	}
	return isms.LocalRef{}
}

func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	name := func(o client.Object) []string { return []string{string(scopeRef(o).Name)} }
	for _, obj := range scoped {
		if err := indexer.IndexField(ctx, obj, scopeIndex, name); err != nil {
			return fmt.Errorf("index of %T: %w", obj, err)
		}
	}
	return nil
}

// listIn lists what names a scope.
func listIn(ctx context.Context, c client.Reader, list client.ObjectList, namespace, scope string) error {
	if err := c.List(ctx, list, client.InNamespace(namespace), client.MatchingFields{scopeIndex: scope}); err != nil {
		return fmt.Errorf("list %T: %w", list, err)
	}
	return nil
}

// requestsIn are requests for everything in a list that names a scope. An error reads as none: the cache has started
// before any request is made, and gives none.
func requestsIn(ctx context.Context, c client.Reader, list client.ObjectList, namespace, scope string) []ctrl.Request {
	return requestsWhere(ctx, c, list, namespace, scope, func(client.Object) bool { return true })
}

// requestsWhere are the requests of requestsIn for what is of a kind and as it is asked.
func requestsWhere[T client.Object](
	ctx context.Context, c client.Reader, list client.ObjectList, namespace, scope string, is func(T) bool,
) []ctrl.Request {
	if err := listIn(ctx, c, list, namespace, scope); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "mapping an event")
		return nil
	}
	var out []ctrl.Request
	_ = meta.EachListItem(list, func(o runtime.Object) error {
		if object, ok := o.(T); ok && is(object) {
			out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(object)})
		}
		return nil
	})
	return out
}

// scopeOf reads the scope that an object names, nil where there is none.
func scopeOf(ctx context.Context, c client.Reader, namespace string, ref isms.LocalRef) (*isms.ISMSScope, error) {
	var s isms.ISMSScope
	err := c.Get(ctx, types.NamespacedName{Namespace: namespace, Name: string(ref.Name)}, &s)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil //nolint:nilnil // a missing scope is a finding, not an error
	case err != nil:
		return nil, fmt.Errorf("get scope: %w", err)
	}
	return &s, nil
}
