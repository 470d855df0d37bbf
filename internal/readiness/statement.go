// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// statementCounts counts the controls of the scope. What is known only when the Statement of Applicability is approved
// (digest, version, changes) stays as it was.
func (s *scopeAssessment) statementCounts() *isms.StatementOfApplicabilityStatus {
	counts := isms.StatementOfApplicabilityStatus{}
	if before := s.scope.Status.StatementOfApplicability; before != nil {
		counts.Digest, counts.ApprovedVersion = before.Digest, before.ApprovedVersion
		counts.ChangedSinceApproval = before.ChangedSinceApproval
	}
	counts.Required = count(len(catalogue.Controls()))
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
	return &counts
}

// annexA maps the ids of Annex A that have a Control to whether one of them is applicable, and lists the ids that
// have more than one.
func (s *scopeAssessment) annexA() (declared map[string]bool, twice []string) {
	declared = map[string]bool{}
	for _, c := range s.controls {
		id := string(c.Spec.ID)
		if _, known := catalogue.ControlByID(id); !known || c.Spec.Source != isms.SourceAnnexA {
			continue
		}
		applicable, seen := declared[id]
		if seen {
			twice = append(twice, id)
		}
		declared[id] = applicable || c.Spec.Applicability.Decision == isms.DecisionApplicable
	}
	return declared, catalogue.SortIDs(twice)
}

// statementComplete judges whether each control of Annex A has one decision (clause 6.1.3 d). That the decision is
// justified is asked at admission.
func (s *scopeAssessment) statementComplete() conditions.Summary {
	declared, twice := s.annexA()
	var missing []string
	for _, c := range catalogue.Controls() {
		if _, ok := declared[c.ID]; !ok {
			missing = append(missing, c.ID)
		}
	}
	switch {
	case len(s.controls) == 0:
		return unknown(isms.ReasonNothingDeclared, "The scope has no Control.")
	case len(twice) > 0:
		return no(isms.ReasonDuplicateID, "More than one Control: "+conditions.Names(twice)+".")
	case len(missing) > 0:
		return no(isms.ReasonControlsMissing, "No Control: "+conditions.Names(missing)+".")
	}
	return yes(isms.ReasonStatementOfApplicabilityComplete, "")
}

// documentationComplete judges whether the documents that an auditor reviews in Stage 1 are approved and in review:
// those that the clauses name, and those of Annex A whose control is applicable. Records of operation are not judged
// here: the kinds that hold them show whether they exist.
func (s *scopeAssessment) documentationComplete() conditions.Summary {
	declared, _ := s.annexA()
	var causes []conditions.Cause
	for _, wanted := range catalogue.Documents() {
		if wanted.Stage != catalogue.Stage1 || wanted.OfControl() && !declared[wanted.Requirement] {
			continue
		}
		accepts := func(t isms.TypeName) bool { return wanted.Accepts(string(t)) }
		standing := assess.DocumentStanding(s.in.Documents, s.scope.Name, accepts, s.clock)
		causes = append(causes, conditions.Cause{Name: wanted.Type, Status: statusOf(standing.Result), Reason: standing.Reason})
	}
	summary := conditions.Summarise(causes)
	if summary.Status == metav1.ConditionTrue {
		return yes(isms.ReasonDocumentationComplete,
			fmt.Sprintf("%d mandatory documents are approved and in review; records of operation are not judged here.", len(causes)))
	}
	return summary
}

func statusOf(result isms.EvidenceResult) metav1.ConditionStatus {
	switch result {
	case isms.EvidencePass:
		return metav1.ConditionTrue
	case isms.EvidenceFail:
		return metav1.ConditionFalse
	}
	return metav1.ConditionUnknown
}
