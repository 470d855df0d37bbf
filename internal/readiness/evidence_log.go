// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// LogState is how the evidence log of a scope stands, as its store knows it.
type LogState struct {
	// Read says that the log was read and verified by this process.
	Read bool
	// Problem says where and why it does not verify; empty where it does.
	Problem string
	// Refused is the class of error with which the API server does not take entries; empty where it does.
	Refused string
	// Sealed is the time of the last checkpoint, zero where there is none; Signed says that it is signed.
	Sealed time.Time
	Signed bool
	// Keys is the number of keys that sign; KeyProblem says what is wrong with the file of one.
	Keys       int
	KeyProblem string
}

// sealOverdue is how old a checkpoint may be: they are made once a day.
const sealOverdue = 50 * time.Hour

// showLog says whether the log can be trusted so far, and whether it is sealed. It is about the operator's own record, so
// that it is no gate of a cycle.
func (s *scopeAssessment) showLog(w *conditions.Writer) {
	if s.in.Log != nil {
		w.SetTo(isms.ConditionEvidenceLogIntact, s.logIntact(*s.in.Log))
		w.SetTo(isms.ConditionEvidenceLogSealed, s.logSealed(*s.in.Log))
	}
}

func (s *scopeAssessment) logIntact(log LogState) conditions.Summary {
	switch {
	case log.Problem != "":
		return no(isms.ReasonLogBroken, "The evidence log does not verify: "+log.Problem)
	case log.Refused != "":
		return no(isms.ReasonLogNotWritable, "The API server does not take entries of the evidence log: "+log.Refused+".")
	case !log.Read:
		return unknown(isms.ReasonNotYetVerified, "The evidence log is being read.")
	}
	return yes(isms.ReasonLogVerified, "")
}

func (s *scopeAssessment) logSealed(log LogState) conditions.Summary {
	switch {
	case log.KeyProblem != "":
		return no(isms.ReasonSigningKeyInvalid, "In the directory of the signing keys: "+log.KeyProblem+".")
	case log.Keys == 0 && log.Signed:
		return no(isms.ReasonSigningKeyMissing, "The last checkpoint is signed, and there is no key any more: the next one waits for a key.")
	case log.Keys == 0:
		return no(isms.ReasonSigningKeyMissing, "The operator has no signing key: checkpoints show a change, but not who wrote them.")
	case log.Sealed.IsZero():
		return unknown(isms.ReasonNotYetSealed, "The first checkpoint is made when the day has ended, in UTC.")
	case s.clock.Reached(log.Sealed.Add(sealOverdue)):
		return no(isms.ReasonOverdue, fmt.Sprintf("The last checkpoint is older than %d hours.", int(sealOverdue.Hours())))
	case !log.Signed:
		return no(isms.ReasonNotSigned, "The last checkpoint was made without a key; the next one will be signed.")
	}
	return yes(isms.ReasonSealed, "")
}
