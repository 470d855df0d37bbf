// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// scope is a scope's evidence frame: whose rights count, and which namespaces are in it.
type scope struct {
	key      types.NamespacedName
	spec     isms.ScopeEvidence
	names    []string // by name, instead of a selector
	account  types.NamespacedName
	selector labels.Selector // nil: by names
	excluded []excluded
	invalid  string // why the selectors can't be read
	view     tally.Namespaces
}

type excluded struct {
	names    []string
	selector labels.Selector // nil: by names
}

func newScope(s *isms.ISMSScope) *scope {
	out := &scope{
		key:  types.NamespacedName{Namespace: s.Namespace, Name: s.Name},
		view: tally.Namespaces{Reason: isms.ReasonNotSynced},
	}
	if s.Spec.Evidence != nil {
		out.spec = *s.Spec.Evidence.DeepCopy()
	}
	out.account = types.NamespacedName{Namespace: s.Namespace, Name: string(out.spec.ServiceAccountName)}
	out.names = texts(out.spec.Namespaces)
	if out.spec.NamespaceSelector != nil {
		out.selector = out.selectorOf("namespaceSelector", out.spec.NamespaceSelector)
	}
	for _, x := range out.spec.ExcludedNamespaces {
		e := excluded{names: texts(x.Names)}
		if x.Selector != nil {
			e.selector = out.selectorOf("excludedNamespaces "+string(x.Name), x.Selector)
		}
		out.excluded = append(out.excluded, e)
	}
	return out
}

// selectorOf reads a selector. What admission can't see of one, such as an unknown operator, is said in the scope.
func (s *scope) selectorOf(field string, selector *metav1.LabelSelector) labels.Selector {
	out, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		s.invalid = fmt.Sprintf("spec.evidence.%s can't be read: %v", field, err)
		return labels.Nothing()
	}
	return out
}

func (s *scope) same(o *scope) bool { return reflect.DeepEqual(s.spec, o.spec) }

// resolve works out the namespaces of the scope with the rights of its account. Only an account that may list
// namespaces learns which there are; otherwise the names that the manifest lists are taken as they stand, so that
// unknown and forbidden ones look alike.
func (s *scope) resolve(a *watch.Access, all *namespaces) tally.Namespaces {
	if s.invalid != "" {
		return tally.Namespaces{Reason: isms.ReasonScopeNotResolved, Message: s.invalid}
	}
	if s.account.Name == "" {
		return tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: "the scope names no service account to read evidence with"}
	}
	switch exists := a.Decide(watch.Right{Account: s.account, Verb: watch.Exists}); {
	case !guard.Account.On():
	case exists == watch.Denied:
		return tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: "service account " + s.account.Name + " does not exist"}
	case exists == watch.Unanswerable:
		return tally.Namespaces{Reason: isms.ReasonOperatorForbidden, Message: "the operator may not get service accounts"}
	case exists == watch.Undecided:
		return tally.Namespaces{Reason: isms.ReasonNotSynced}
	}
	if !guard.Namespaces.On() {
		return s.partition(all)
	}
	right := watch.Right{Account: s.account, Verb: "list", Resource: namespaceResource.GroupResource()}
	switch a.Decide(right) {
	case watch.Allowed:
		return s.partition(all)
	case watch.Denied:
		if s.selector == nil {
			return tally.Namespaces{InScope: sorted(s.names)}
		}
		return tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: accessDenied(s.account.Name, "list", "namespaces", "")}
	case watch.Unanswerable:
		return tally.Namespaces{Reason: isms.ReasonOperatorForbidden, Message: mayNotAsk}
	case watch.Undecided:
	}
	return tally.Namespaces{Reason: isms.ReasonNotSynced}
}

// partition sorts all namespaces of the cluster into in scope, excluded and unaccounted. An exclusion is explicit, so
// it wins over a selector.
func (s *scope) partition(all *namespaces) tally.Namespaces {
	known, synced, failure := all.list()
	if failure != "" {
		return tally.Namespaces{Reason: isms.ReasonOperatorForbidden, Message: failure}
	}
	if !synced {
		return tally.Namespaces{Reason: isms.ReasonNotSynced}
	}
	out := tally.Namespaces{Complete: true}
	for _, n := range known {
		switch {
		case s.excludes(n):
			out.Excluded = append(out.Excluded, n.name)
		case s.includes(n):
			out.InScope = append(out.InScope, n.name)
		default:
			out.Unaccounted = append(out.Unaccounted, n.name)
		}
	}
	for _, name := range s.names { // a listed name that does not exist yet is in scope all the same
		if _, ok := slices.BinarySearchFunc(known, name, func(n namespace, s string) int { return compare(n.name, s) }); !ok {
			out.InScope = append(out.InScope, name)
		}
	}
	slices.Sort(out.InScope)
	return out
}

func (s *scope) includes(n namespace) bool {
	if s.selector != nil {
		return s.selector.Matches(n.labels)
	}
	return slices.Contains(s.names, n.name)
}

func (s *scope) excludes(n namespace) bool {
	return slices.ContainsFunc(s.excluded, func(x excluded) bool {
		if x.selector != nil {
			return x.selector.Matches(n.labels)
		}
		return slices.Contains(x.names, n.name)
	})
}

func texts[T ~string](in []T) []string {
	out := make([]string, 0, len(in))
	for _, x := range in {
		out = append(out, string(x))
	}
	return out
}

func sorted(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
