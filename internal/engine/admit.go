// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// admission is the planner's answer for one rule: where it is evaluated, or why it is not.
type admission struct {
	unavailable, message string
	kind                 watch.Kind
	form                 watch.Form
	namespaces           []string
}

func refuse(reason, format string, args ...any) admission {
	return admission{unavailable: reason, message: fmt.Sprintf(format, args...)}
}

// admit is the gate that every rule passes before it is evaluated: it is written well, its scope is known, its kind is
// served and suits it, its fields can exist, and the scope's account may list and watch the objects.
func (e *Engine) admit(s *slot, sc *scope) admission {
	switch {
	case s.Invalid != "":
		return refuse(isms.ReasonRuleInvalid, "%s", s.Invalid)
	case sc == nil:
		return refuse(isms.ReasonNotSynced, "the scope is not known yet")
	case e.churns(s.Kind):
		return refuse(isms.ReasonRuleInvalid, "%s", rule.ChurnsMessage(s.Kind.Kind))
	}
	a := e.admitKind(s)
	if a.unavailable != "" {
		return a
	}
	if sc.view.Reason != "" {
		return refuse(sc.view.Reason, "%s", sc.view.Message)
	}
	a.namespaces = []string{""}
	if a.kind.Namespaced || s.Kind == namespaceKind {
		a.namespaces = sc.view.InScope
	}
	if gate := e.admitAccess(s, sc, a); gate.unavailable != "" {
		return gate
	}
	return a
}

func (e *Engine) churns(kind schema.GroupVersionKind) bool {
	return rule.Churns(kind.GroupKind()) && !slices.Contains(e.opts.AllowedKinds, kind.GroupKind())
}

// admitKind asks who answers for the kind, discovery, and the schema.
func (e *Engine) admitKind(s *slot) admission {
	if gate := e.apiServices.admit(s.Kind.GroupVersion()); gate.unavailable != "" {
		return gate
	}
	a := admission{kind: e.kinds.Resolve(s.Kind)}
	switch a.kind.Serving {
	case watch.Pending:
		return refuse(isms.ReasonNotSynced, "")
	case watch.NotServed:
		return refuse(isms.ReasonKindNotServed, "%s %s is not served by this cluster", s.Spec.APIVersion, s.Spec.Kind)
	case watch.Unsuitable:
		return refuse(isms.ReasonRuleInvalid, "%s can't be evidence: %s", s.Spec.Kind, a.kind.Message)
	case watch.Unreachable:
		return refuse(isms.ReasonNotSynced, "%s", a.kind.Message)
	case watch.Served:
	}
	if s.PerNamespace() && !a.kind.Namespaced {
		return refuse(isms.ReasonRuleInvalid, "%s", rule.NotNamespacedMessage(s.Spec.Kind))
	}
	if rule.MetadataOnly(s.Kind) {
		a.form = watch.Metadata
		return a
	}
	paths := e.schemas.check(s.Program)
	switch {
	case !paths.known:
		return refuse(isms.ReasonNotSynced, "")
	case paths.invalid != "":
		return refuse(isms.ReasonRuleInvalid, "%s", paths.invalid)
	case paths.asMap || !watch.HasGoType(s.Kind):
		a.form = watch.Map
	}
	return a
}

const mayNotAsk = "the operator may not create subjectaccessreviews"

// admitAccess asks for the rights of the scope's account: cluster-wide first, else in each namespace of the scope.
func (e *Engine) admitAccess(s *slot, sc *scope, a admission) admission {
	resource := a.kind.Resource.GroupResource()
	for _, verb := range []string{"list", "watch"} {
		if gate := e.allowed(sc, verb, resource, a.kind.Namespaced, a.namespaces); gate.unavailable != "" && guard.Access.On() {
			return gate
		}
	}
	if s.Program.ReadsNamespace() && guard.NamespaceObject.On() {
		// `get` on a Namespace is granted cluster-wide, or in the namespace itself.
		return e.allowed(sc, "get", namespaceResource.GroupResource(), true, a.namespaces)
	}
	return admission{}
}

func (e *Engine) allowed(sc *scope, verb string, r schema.GroupResource, namespaced bool, namespaces []string) admission {
	right := watch.Right{Account: sc.account, Verb: verb, Resource: r}
	decision, where := e.access.Decide(right), ""
	if !namespaced && !guard.ClusterScoped.On() {
		namespaced, namespaces = true, sc.view.InScope
	}
	if decision == watch.Denied && namespaced && len(namespaces) > 0 {
		decision, where = e.allowedIn(right, namespaces)
	}
	switch decision {
	case watch.Allowed:
		return admission{}
	case watch.Denied:
		if !slices.Contains(sc.frame.Names, where) && guard.Names.On() {
			where = "" // a namespace is named only if the manifest named it
		}
		return refuse(isms.ReasonAccessDenied, "%s", accessDenied(sc.account.Name, verb, resourceName(r), where))
	case watch.Unanswerable:
		return refuse(isms.ReasonOperatorForbidden, mayNotAsk)
	case watch.Undecided:
	}
	return refuse(isms.ReasonNotSynced, "")
}

// allowedIn asks for a right in each of several namespaces, and says where it is lacking.
func (e *Engine) allowedIn(right watch.Right, namespaces []string) (watch.Decision, string) {
	decision, where := watch.Allowed, ""
	for _, n := range namespaces {
		right.Namespace = n
		d := e.access.Decide(right)
		if d == watch.Allowed && !guard.EveryNamespace.On() {
			return d, ""
		}
		if watch.All(decision, d) != decision {
			decision, where = watch.All(decision, d), n
		}
	}
	return decision, where
}

func accessDenied(account, verb, resource, namespace string) string {
	msg := fmt.Sprintf("service account %s may not %s %s", account, verb, resource)
	if namespace != "" {
		msg += " in namespace " + namespace
	}
	return msg
}

func resourceName(r schema.GroupResource) string {
	return strings.TrimSuffix(r.String(), ".")
}

func labelSet(m map[string]string) labels.Set { return labels.Set(m) }
