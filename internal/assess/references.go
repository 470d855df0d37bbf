// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
)

// references are what an object names, and what of it does not exist in its scope.
type references struct {
	named   int
	missing []string
}

// want notes one reference, in words such as "Finding nc-01".
func (r *references) want(what string, exists bool) {
	r.named++
	if !exists {
		r.missing = append(r.missing, what)
	}
}

func (r *references) judgement() judgement {
	switch {
	case len(r.missing) > 0:
		return no(isms.ReasonReferenceNotFound, "Not in this scope: "+distinct(r.missing)+".")
	case r.named == 0:
		return unknown(isms.ReasonNothingDeclared, "Nothing else is named.")
	}
	return yes(isms.ReasonReferencesResolved, "")
}

// references of a Finding: the requirement, the cycle and the audit.
func (a *findingAssessment) references() *references {
	r := &references{}
	id := a.spec.Requirement
	r.want("requirement "+string(id), isRequirement(id) || hasControl(a.in.Controls, a.spec.ScopeRef, id))
	ref, cycle := a.spec.AuditRef, a.in.Cycle
	if ref == nil {
		return r
	}
	r.want("AuditCycle "+string(ref.Cycle), cycle != nil)
	if cycle != nil {
		r.want("audit "+string(ref.Audit)+" of AuditCycle "+string(ref.Cycle), hasAudit(cycle, ref.Audit, a.spec.Source))
	}
	return r
}

// hasAudit looks for an audit among those of the certification body or the internal ones, as the source has it.
func hasAudit(cycle *isms.AuditCycle, name isms.ItemName, source isms.FindingSource) bool {
	outer := slices.ContainsFunc(cycle.Spec.Audits, func(x isms.Audit) bool { return x.Name == name })
	inner := slices.ContainsFunc(cycle.Spec.InternalAudits, func(x isms.InternalAudit) bool { return x.Name == name })
	switch source {
	case isms.FindingFromCertificationBody:
		return outer
	case isms.FindingFromInternalAudit:
		return inner
	}
	return outer || inner
}

// isRequirement says whether an id is one of the standard: a control of Annex A, a clause, or a clause that has others
// below it.
func isRequirement(id isms.ControlID) bool {
	text := string(id)
	if _, ok := catalogue.ControlByID(text); ok {
		return true
	}
	return slices.ContainsFunc(catalogue.Clauses(), func(c catalogue.Clause) bool {
		return c.ID == text || strings.HasPrefix(c.ID, text+".")
	})
}

// hasControl says whether a scope has a Control with the id.
func hasControl(controls []isms.Control, scope isms.LocalRef, id isms.ControlID) bool {
	return slices.ContainsFunc(controls, func(c isms.Control) bool { return c.Spec.ScopeRef == scope && c.Spec.ID == id })
}
