// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"cmp"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// Bounds of the status. A statement of more controls is approved all the same; what changed in it can't be named.
const (
	maxApprovedControls = 500
	maxChangedControls  = 200
)

// typeStatement is the type of the document that is, or approves, the Statement of Applicability.
const typeStatement = isms.TypeName(isms.ComputedStatementOfApplicability)

// approvalState is what is known of the approval of the Statement of Applicability.
type approvalState struct {
	summary conditions.Summary
	// version, digest and controls are those that were approved last: now, or earlier.
	version  isms.Version
	digest   isms.Digest
	controls []isms.ApprovedControl
	// coverage and wording changed since.
	coverage, wording []string
}

// statementApproval compares what is declared now with what was approved. A Document with source.computed whose approval
// names the present digest approves it, and what is approved then is kept in short in the status. It is held until the
// next approval, so that a change can be named when what was approved is gone.
func (s *scopeAssessment) statementApproval() approvalState {
	state := approvalState{}
	if before := s.scope.Status.StatementOfApplicability; before != nil {
		state.version, state.digest, state.controls = before.ApprovedVersion, before.ApprovedDigest, before.ApprovedControls
	}
	present := s.statementDigest()
	if present == "" {
		state.summary = unknown(isms.ReasonNothingDeclared, "The scope has no Control.")
		return state
	}
	documents := s.statementDocuments()
	if d := s.approving(documents, present); d != nil {
		state.version, state.digest, state.controls = d.Spec.Approval.Version, present, nil
		if list := s.inShort(); len(list) <= maxApprovedControls {
			state.controls = list
		}
		state.summary = yes(isms.ReasonApproved, "")
		return state
	}
	if state.digest != "" && present != state.digest && len(state.controls) > 0 {
		state.coverage, state.wording = changes(state.controls, s.inShort())
	}
	state.summary = s.notApproved(documents, present, &state)
	return state
}

// statementDocuments are the documents that stand for the computed statement, by name.
func (s *scopeAssessment) statementDocuments() []*isms.Document {
	var list []*isms.Document
	for i := range s.in.Documents {
		d := &s.in.Documents[i]
		ours := string(d.Spec.ScopeRef.Name) == s.scope.Name && !assess.Suspended(d)
		if ours && d.Spec.Source.Computed == isms.ComputedStatementOfApplicability {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *isms.Document) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// approving finds the document that approves a digest: the one approved last.
func (s *scopeAssessment) approving(documents []*isms.Document, digest isms.Digest) *isms.Document {
	var found *isms.Document
	for _, d := range documents {
		a := d.Spec.Approval
		if a == nil || a.Digest != digest || a.Version != d.Spec.Version || !s.clock.Come(a.ApprovedOn) {
			continue
		}
		if found == nil || found.Spec.Approval.ApprovedOn < a.ApprovedOn {
			found = d
		}
	}
	return found
}

// notApproved says why what is declared now is not approved.
func (s *scopeAssessment) notApproved(documents []*isms.Document, present isms.Digest, state *approvalState) conditions.Summary {
	stale := func(d *isms.Document) bool {
		return d.Spec.Approval != nil && d.Spec.Approval.Digest != "" && d.Spec.Approval.Digest != present
	}
	future := func(d *isms.Document) bool {
		return d.Spec.Approval != nil && !s.clock.Come(d.Spec.Approval.ApprovedOn)
	}
	switch {
	case len(documents) == 0 && s.statementElsewhere():
		return unknown(isms.ReasonDigestNotVerified,
			"The approved Statement of Applicability stands elsewhere, so it can't be compared with the Controls: "+
				"approve a Document with source.computed instead.")
	case len(documents) == 0:
		return no(isms.ReasonNotApproved, "There is no Document with source.computed StatementOfApplicability.")
	case len(state.coverage)+len(state.wording) > 0:
		return no(isms.ReasonChangedSinceApproval, state.changed())
	case state.digest != "" && state.digest != present:
		return no(isms.ReasonChangedSinceApproval, "The Statement of Applicability is not the one that was approved last.")
	case slices.ContainsFunc(documents, future):
		return no(isms.ReasonDateInFuture, "The approval is dated in the future.")
	case slices.ContainsFunc(documents, stale):
		return no(isms.ReasonChangedSinceApproval,
			"The approval names another digest than the scope's status, and what it approved was never seen.")
	}
	return no(isms.ReasonNotApproved, "Approve the present version, with the digest of the scope's status.")
}

// changed names what changed since the approval.
func (state *approvalState) changed() string {
	var parts []string
	if len(state.coverage) > 0 {
		parts = append(parts, "Coverage has changed, so tell the certification body: "+conditions.Names(state.coverage)+".")
	}
	if len(state.wording) > 0 {
		parts = append(parts, "Declared otherwise: "+conditions.Names(state.wording)+".")
	}
	return strings.Join(parts, " ")
}

// statementElsewhere says whether the scope has its statement as a document that is written, not computed.
func (s *scopeAssessment) statementElsewhere() bool {
	return slices.ContainsFunc(s.in.Documents, func(d isms.Document) bool {
		return string(d.Spec.ScopeRef.Name) == s.scope.Name && d.Spec.Type == typeStatement && d.Spec.Source.Computed == ""
	})
}

// statementStatus counts the controls of the scope, and says what of them is approved.
func (s *scopeAssessment) statementStatus() *isms.StatementOfApplicabilityStatus {
	counts := isms.StatementOfApplicabilityStatus{
		Required: count(len(catalogue.Controls())), Digest: s.statementDigest(),
		ApprovedVersion: s.approval.version, ApprovedDigest: s.approval.digest, ApprovedControls: s.approval.controls,
	}
	declared, _ := s.annexA()
	counts.Declared = count(len(declared))
	for _, c := range s.controls {
		if c.Spec.Applicability.Decision == isms.DecisionExcluded {
			counts.Excluded++
			continue
		}
		counts.Applicable++
		if conditions.IsTrue(c.Status.Conditions, isms.ConditionSatisfied) {
			counts.Satisfied++
		}
	}
	counts.CoverageChanged = ids(s.approval.coverage)
	counts.ChangedSinceApproval = ids(catalogue.SortIDs(append(slices.Clone(s.approval.coverage), s.approval.wording...)))
	return &counts
}

// ids are names for the status, as many as it holds.
func ids(names []string) []isms.ControlID {
	var list []isms.ControlID
	for _, n := range names[:min(len(names), maxChangedControls)] {
		list = append(list, isms.ControlID(n))
	}
	return list
}
