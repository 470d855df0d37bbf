// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// NoAccount says what a scope lacks that names no service account.
const NoAccount = "the scope names no service account to read evidence with"

// Frame is which namespaces are in a scope.
type Frame struct {
	// Names are those in scope, unless Selector selects them.
	Names    []string
	Selector labels.Selector // nil: by names
	Excluded []Excluded
	// Invalid says why a selector can't be read.
	Invalid string
}

// Excluded is one exclusion from a scope.
type Excluded struct {
	Names    []string
	Selector labels.Selector // nil: by names
}

// Namespace is a namespace as scopes see it.
type Namespace struct {
	Name   string
	Labels labels.Set
}

// NewFrame reads the frame of a scope's evidence.
func NewFrame(spec isms.ScopeEvidence) Frame {
	f := Frame{Names: texts(spec.Namespaces)}
	if spec.NamespaceSelector != nil {
		f.Selector = f.selectorOf("namespaceSelector", spec.NamespaceSelector)
	}
	for _, x := range spec.ExcludedNamespaces {
		e := Excluded{Names: texts(x.Names)}
		if x.Selector != nil {
			e.Selector = f.selectorOf("excludedNamespaces "+string(x.Name), x.Selector)
		}
		f.Excluded = append(f.Excluded, e)
	}
	return f
}

// selectorOf reads a selector. What admission can't see of one, such as an unknown operator, is said in the scope.
func (f *Frame) selectorOf(field string, selector *metav1.LabelSelector) labels.Selector {
	out, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		f.Invalid = fmt.Sprintf("spec.evidence.%s can't be read: %v", field, err)
		return labels.Nothing()
	}
	return out
}

// Partition sorts namespaces, which must be sorted by name, into in scope, excluded and unaccounted. An exclusion is
// explicit, so it wins over a selector. A listed name that does not exist yet is in scope all the same.
func (f *Frame) Partition(known []Namespace) tally.Namespaces {
	out := tally.Namespaces{Complete: true}
	for _, n := range known {
		switch {
		case f.excludes(n):
			out.Excluded = append(out.Excluded, n.Name)
		case f.includes(n):
			out.InScope = append(out.InScope, n.Name)
		default:
			out.Unaccounted = append(out.Unaccounted, n.Name)
		}
	}
	for _, name := range f.Names {
		if _, ok := slices.BinarySearchFunc(known, name, func(n Namespace, s string) int { return cmp.Compare(n.Name, s) }); !ok {
			out.InScope = append(out.InScope, name)
		}
	}
	slices.Sort(out.InScope)
	return out
}

func (f *Frame) includes(n Namespace) bool {
	if f.Selector != nil {
		return f.Selector.Matches(n.Labels)
	}
	return slices.Contains(f.Names, n.Name)
}

func (f *Frame) excludes(n Namespace) bool {
	return slices.ContainsFunc(f.Excluded, func(x Excluded) bool {
		if x.Selector != nil {
			return x.Selector.Matches(n.Labels)
		}
		return slices.Contains(x.Names, n.Name)
	})
}

func texts[T ~string](in []T) []string {
	out := make([]string, 0, len(in))
	for _, x := range in {
		out = append(out, string(x))
	}
	return out
}
