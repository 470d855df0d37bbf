// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// judgement answers one question with what a condition holds.
type judgement = conditions.Summary

func yes(reason, message string) judgement {
	return judgement{Status: metav1.ConditionTrue, Reason: reason, Message: message}
}

func no(reason, message string) judgement {
	return judgement{Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

func unknown(reason, message string) judgement {
	return judgement{Status: metav1.ConditionUnknown, Reason: reason, Message: message}
}

// worst is the first of the judgements with the worst status: False before Unknown before True.
func worst(judgements ...judgement) judgement {
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, j := range judgements {
			if j.Status == status {
				return j
			}
		}
	}
	return judgements[0]
}

// evidenceResult turns a judgement on people's evidence into a verdict.
func evidenceResult(status metav1.ConditionStatus) isms.EvidenceResult {
	switch status {
	case metav1.ConditionTrue:
		return isms.EvidencePass
	case metav1.ConditionFalse:
		return isms.EvidenceFail
	}
	return isms.EvidenceUnknown
}
