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
