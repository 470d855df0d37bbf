// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"cmp"
	"slices"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// row is one rule with its twin in plain Go. A predicate sees the object as its file has it, so it names the defaults
// that the API server would fill in.
type row struct {
	name string
	// rule, parameters and exceptions go into the Control.
	rule       isms.ResourceRule
	parameters []isms.Parameter
	exceptions []isms.Exception
	// selects is the twin of where and labelSelector; nil: all objects.
	selects func(object) bool
	// holds is the twin of expect about one object.
	holds func(object) bool
	// breaks are the objects on which the expression has no value, for it reads what they do not have; nil: none.
	breaks func(object) bool
	// whole is the twin of expect about all selected objects, for Set.
	whole func([]object) bool
	// waived is the twin of the exceptions; nil: nothing is.
	waived func(object) bool
	// empty says that the row is to have no subject; where others have none, they show nothing.
	empty bool
	// verdict is what all this must come to. It is given so that a rule and a twin that are wrong alike are found.
	verdict isms.EvidenceResult
}

// outcome is a verdict with all that is counted for it.
type outcome struct {
	Verdict                                    isms.EvidenceResult
	Subjects, Passing, Failing, Errors, Waived int
	// Failures names failing subjects, as namespace/name, of which a status shows the first ten.
	Failures []string
}

const shownFailures = 10

// want counts the manifests of a row's kind in the namespaces in scope.
func (r row) want(all []object, namespaces []string) outcome {
	var selected []object
	for _, o := range all {
		ns, _ := subject(o)
		in := ns == "" || slices.Contains(namespaces, ns)
		if text(o, "apiVersion") == r.rule.APIVersion && text(o, "kind") == r.rule.Kind && in && (r.selects == nil || r.selects(o)) {
			selected = append(selected, o)
		}
	}
	slices.SortFunc(selected, func(a, b object) int {
		return cmp.Or(cmp.Compare(namespace(a), namespace(b)), cmp.Compare(name(a), name(b)))
	})
	out := outcome{Verdict: r.verdict}
	switch r.rule.Quantifier {
	case isms.QuantifierSet:
		r.countWhole(selected, &out)
	case isms.QuantifierAnyPerNamespace:
		r.countNamespaces(selected, namespaces, &out)
	default:
		r.countObjects(selected, &out)
	}
	out.Failures = out.Failures[:min(len(out.Failures), shownFailures)]
	return out
}

func (r row) countWhole(selected []object, out *outcome) {
	switch {
	case len(selected) == 0:
	case r.whole(selected):
		out.Subjects, out.Passing = 1, 1
	default:
		out.Subjects, out.Failing = 1, 1
	}
}

func (r row) countObjects(selected []object, out *outcome) {
	out.Subjects = len(selected)
	for _, o := range selected {
		switch {
		case r.breaks != nil && r.breaks(o):
			out.Errors++
		case r.holds(o) != (r.rule.Quantifier == isms.QuantifierNone):
			out.Passing++
		case r.waived != nil && r.waived(o):
			out.Waived++
		default:
			out.Failing++
			if r.rule.Quantifier != isms.QuantifierAny {
				ns, name := subject(o)
				out.Failures = append(out.Failures, ns+"/"+name)
			}
		}
	}
}

func (r row) countNamespaces(selected []object, namespaces []string, out *outcome) {
	out.Subjects = len(namespaces)
	for _, ns := range slices.Sorted(slices.Values(namespaces)) {
		in := func(is func(object) bool) func(object) bool {
			return func(o object) bool { return namespace(o) == ns && is(o) }
		}
		switch {
		case slices.ContainsFunc(selected, in(r.holds)):
			out.Passing++
		case r.breaks != nil && slices.ContainsFunc(selected, in(r.breaks)):
			out.Errors++
		default:
			out.Failing++
			out.Failures = append(out.Failures, ns+"/")
		}
	}
}

// subject is what an object is called where it fails. A Namespace follows the scope, like what is in it.
func subject(o object) (namespaceName, objectName string) {
	if text(o, "kind") == "Namespace" {
		return name(o), ""
	}
	return namespace(o), name(o)
}
