// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Policy is what of a rule decides how its counts are judged. Empty policies mean their defaults: OnNoMatch is Pass
// for None and Unknown for the others, OnKindNotServed is Unknown.
type Policy struct {
	Quantifier      isms.Quantifier
	OnNoMatch       isms.NoMatchPolicy
	OnKindNotServed isms.KindNotServedPolicy
}

// PolicyOf reads the policy of a rule.
func PolicyOf(rule *isms.ResourceRule) Policy {
	return Policy{Quantifier: rule.Quantifier, OnNoMatch: rule.OnNoMatch, OnKindNotServed: rule.OnKindNotServed}
}

// Judge turns counts into a verdict:
//
//	quantifier      Fail                     Unknown                            Pass
//	Every, None     any subject fails        else any error                     else
//	Any             else                     no subject passes, but any error   any subject passes
//	AnyPerNamespace any namespace fails      else any error                     else
//	Set             the list fails           error                              the list passes
//
// What may not be counted (not synced, not served, denied, ...) is Unknown for that reason before anything is judged;
// only KindNotServed has a policy. No subject at all is judged by OnNoMatch. Waived failures neither pass nor fail;
// where all subjects are waived the rule passes, as Waived. No exception applies to Any and Set.
func Judge(p Policy, s Snapshot) Verdict {
	if s.Unavailable != "" {
		return unavailable(p, s.Unavailable)
	}
	c := s.Counts
	if c.Passing+c.Failing+c.Errors+c.Waived == 0 {
		return noMatch(p)
	}
	switch p.Quantifier {
	case isms.QuantifierEvery, isms.QuantifierNone, isms.QuantifierAnyPerNamespace:
		return judgeAll(c)
	case isms.QuantifierAny:
		return judgeAny(c)
	case isms.QuantifierSet:
		return judgeSet(c)
	}
	return Verdict{isms.EvidenceUnknown, isms.ReasonRuleInvalid}
}

func unavailable(p Policy, reason string) Verdict {
	if reason == isms.ReasonKindNotServed {
		switch p.OnKindNotServed {
		case isms.KindNotServedFail:
			return Verdict{isms.EvidenceFail, reason}
		case isms.KindNotServedNotApplicable:
			return Verdict{isms.EvidenceNotApplicable, reason}
		}
	}
	return Verdict{isms.EvidenceUnknown, reason}
}

func noMatch(p Policy) Verdict {
	result := isms.EvidenceUnknown
	switch p.OnNoMatch {
	case isms.NoMatchPass:
		result = isms.EvidencePass
	case isms.NoMatchFail:
		result = isms.EvidenceFail
	case isms.NoMatchNotApplicable:
		result = isms.EvidenceNotApplicable
	case "":
		if p.Quantifier == isms.QuantifierNone {
			result = isms.EvidencePass
		}
	}
	return Verdict{result, isms.ReasonNoMatch}
}

func judgeAll(c Counts) Verdict {
	switch {
	case c.Failing > 0:
		return Verdict{isms.EvidenceFail, isms.ReasonObjectsFailed}
	case c.Errors > 0:
		return Verdict{isms.EvidenceUnknown, isms.ReasonExpressionError}
	case c.Passing == 0:
		return Verdict{isms.EvidencePass, isms.ReasonWaived}
	}
	return Verdict{isms.EvidencePass, isms.ReasonObjectsPassed}
}

func judgeAny(c Counts) Verdict {
	switch {
	case c.Passing > 0:
		return Verdict{isms.EvidencePass, isms.ReasonObjectsPassed}
	case c.Errors > 0:
		return Verdict{isms.EvidenceUnknown, isms.ReasonExpressionError}
	}
	return Verdict{isms.EvidenceFail, isms.ReasonObjectsFailed}
}

func judgeSet(c Counts) Verdict {
	switch {
	case c.Errors > 0:
		return Verdict{isms.EvidenceUnknown, isms.ReasonExpressionError}
	case c.Passing > 0 && c.Failing+c.Waived == 0:
		return Verdict{isms.EvidencePass, isms.ReasonObjectsPassed}
	}
	return Verdict{isms.EvidenceFail, isms.ReasonObjectsFailed}
}
