// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/operation"
)

// removals are the records that the log knows and the cluster has forgotten, with what tells which of them still matter.
type removals struct {
	list         []operation.Removed
	scope        *isms.ISMSScope
	controls     []*isms.Control
	documents    []isms.Document
	attestations []isms.Attestation
	clock        *assess.Clock
}

// closing is the answer of a gate, with the removed records that it rested on. A gate that rested on one is closed until
// the record is there again, another supersedes it, or the scope explains its removal: retained documented information
// is evidence, and may not go unnoticed (27001, 7.5.3).
func (r *removals) closing(gate string, answer conditions.Summary) conditions.Summary {
	var names []string
	for _, gone := range r.list {
		if r.rested(gate, gone) && !r.superseded(gone) && !r.explained(gone) {
			names = append(names, gone.Item())
		}
	}
	if len(names) == 0 {
		return answer
	}
	message := "Deleted, though the evidence log knows of it: " + conditions.Names(names) +
		". Apply it again, supersede it, or explain it in removedRecords of the ISMSScope."
	if answer.Status != metav1.ConditionTrue && answer.Message != "" {
		message += " " + answer.Message
	}
	return no(isms.ReasonRecordRemoved, message)
}

// rested says whether a gate had a record among its evidence, or was kept closed by it.
func (r *removals) rested(gate string, gone operation.Removed) bool {
	switch gone.Kind {
	case operation.Risk:
		return gate == isms.ConditionRiskAssessed || gate == isms.ConditionRiskTreated
	case operation.Finding:
		return r.restedOnFinding(gate, gone)
	case operation.Document:
		approved := gone.State == isms.ReasonApproved || gone.State == isms.ReasonDigestNotVerified
		return approved && r.restedOnDocument(gate, gone.Type)
	case operation.Attestation:
		return gone.State != isms.ReasonSuperseded && r.restedOnAttestation(gate, gone)
	}
	return false
}

// restedOnFinding: an open nonconformity keeps gates closed. One that was closed does not matter to them any more.
func (r *removals) restedOnFinding(gate string, gone operation.Removed) bool {
	major, minor := gone.Type == isms.TypeName(isms.SeverityMajor), gone.Type == isms.TypeName(isms.SeverityMinor)
	if gone.State == isms.ReasonClosed || !major && !minor {
		return false
	}
	switch gate {
	case isms.ConditionNoOpenMajorFindings:
		return major
	case isms.ConditionCorrectiveActionsOnTime:
		return true
	case isms.ConditionControlsSatisfied:
		return slices.ContainsFunc(r.controls, func(c *isms.Control) bool { return c.Spec.ID == gone.Requirement })
	}
	return false
}

func (r *removals) restedOnDocument(gate string, of isms.TypeName) bool {
	switch gate {
	case isms.ConditionDocumentationComplete:
		return slices.ContainsFunc(catalogue.Documents(), func(d catalogue.DocumentType) bool {
			return d.Stage == catalogue.Stage1 && d.Accepts(string(of))
		})
	case isms.ConditionControlsSatisfied:
		return r.asked(func(i *isms.EvidenceItem) bool { return i.Document != nil && i.Document.Type == of })
	}
	return false
}

func (r *removals) restedOnAttestation(gate string, gone operation.Removed) bool {
	switch gate {
	case isms.ConditionAwarenessMaintained:
		return gone.Type == awarenessTraining
	case isms.ConditionObjectivesMonitored:
		return slices.ContainsFunc(r.scope.Spec.Objectives, func(o isms.Objective) bool { return o.Name == gone.Objective })
	case isms.ConditionControlsSatisfied:
		return gone.Type == assess.ControlReview ||
			r.asked(func(i *isms.EvidenceItem) bool { return i.Attestation != nil && i.Attestation.Type == gone.Type })
	}
	return false
}

// asked says whether a control has an evidence item of a sort.
func (r *removals) asked(of func(*isms.EvidenceItem) bool) bool {
	return slices.ContainsFunc(r.controls, func(c *isms.Control) bool {
		for i := range c.Spec.Evidence {
			if of(&c.Spec.Evidence[i]) {
				return true
			}
		}
		return false
	})
}

// superseded says whether another record has taken the place of one: an Attestation that names it, or an approved Document
// of its type. Nothing takes the place of a Finding or a Risk.
func (r *removals) superseded(gone operation.Removed) bool {
	switch gone.Kind {
	case operation.Attestation:
		return slices.ContainsFunc(r.attestations, func(a isms.Attestation) bool {
			return a.Spec.ScopeRef.Name == isms.ObjectName(r.scope.Name) && a.Spec.Supersedes != nil && string(a.Spec.Supersedes.Name) == gone.Name
		})
	case operation.Document:
		accepts := func(t isms.TypeName) bool { return t == gone.Type }
		return assess.DocumentStanding(r.documents, r.scope.Name, accepts, r.clock).Result == isms.EvidencePass
	}
	return false
}

// explained says whether the scope gives a reason for the removal, by somebody who approved of it on a day that has come.
func (r *removals) explained(gone operation.Removed) bool {
	return slices.ContainsFunc(r.scope.Spec.RemovedRecords, func(x isms.RemovedRecord) bool {
		return x.Record == gone.Item() && r.clock.Come(x.ApprovedOn)
	})
}
