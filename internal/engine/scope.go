// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// scope is a scope's evidence frame: whose rights count, and which namespaces are in it.
type scope struct {
	key     types.NamespacedName
	spec    isms.ScopeEvidence
	frame   rule.Frame
	account types.NamespacedName
	view    tally.Namespaces
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
	out.frame = rule.NewFrame(out.spec)
	return out
}

func (s *scope) same(o *scope) bool { return reflect.DeepEqual(s.spec, o.spec) }

// resolve works out the namespaces of the scope with the rights of its account. Only an account that may list
// namespaces learns which there are; otherwise the names that the manifest lists are taken as they stand, so that
// unknown and forbidden ones look alike.
func (s *scope) resolve(a *watch.Access, all *namespaces) tally.Namespaces {
	if s.frame.Invalid != "" {
		return tally.Namespaces{Reason: isms.ReasonScopeNotResolved, Message: s.frame.Invalid}
	}
	if s.account.Name == "" {
		return tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: rule.NoAccount}
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
		if s.frame.Selector == nil {
			return tally.Namespaces{InScope: sorted(s.frame.Names)}
		}
		return tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: accessDenied(s.account.Name, "list", "namespaces", "")}
	case watch.Unanswerable:
		return tally.Namespaces{Reason: isms.ReasonOperatorForbidden, Message: mayNotAsk}
	case watch.Undecided:
	}
	return tally.Namespaces{Reason: isms.ReasonNotSynced}
}

// partition sorts all namespaces of the cluster into in scope, excluded and unaccounted.
func (s *scope) partition(all *namespaces) tally.Namespaces {
	known, synced, failure := all.list()
	if failure != "" {
		return tally.Namespaces{Reason: isms.ReasonOperatorForbidden, Message: failure}
	}
	if !synced {
		return tally.Namespaces{Reason: isms.ReasonNotSynced}
	}
	names := make([]rule.Namespace, 0, len(known))
	for _, n := range known {
		names = append(names, rule.Namespace{Name: n.name, Labels: n.labels})
	}
	return s.frame.Partition(names)
}

func sorted(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
