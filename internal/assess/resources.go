// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"regexp"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// resources judges an item that is a rule on live objects.
func (a *assessment) resources(item isms.EvidenceItem) isms.EvidenceStatus {
	snapshot := a.snapshot(item.Name)
	policy := tally.PolicyOf(item.Resources)
	verdict := tally.Judge(policy, snapshot)
	status := isms.EvidenceStatus{
		Name: string(item.Name), Result: verdict.Result, Reason: verdict.Reason,
		Message: resourcesMessage(policy.Quantifier, verdict, snapshot),
	}
	if snapshot.Unavailable != "" {
		return status
	}
	counts := snapshot.Counts
	status.Subjects, status.Failing = count(counts.Subjects), count(counts.Failing)
	status.Errors, status.Waived = count(counts.Errors), count(counts.Waived)
	if policy.Quantifier == isms.QuantifierAny && verdict.Result == isms.EvidencePass {
		status.Failing = 0 // one object that satisfies is enough; the others have not failed
		return status
	}
	if nameable(policy.Quantifier) {
		status.Failures = a.sample(counts.Failures)
	}
	return status
}

// snapshot is what the engine counted for an item. A rule that the engine does not know yet is not synced.
func (a *assessment) snapshot(item isms.ItemName) tally.Snapshot {
	s, ok := a.in.Evidence[string(item)]
	if !ok {
		return tally.Snapshot{Unavailable: isms.ReasonNotSynced}
	}
	return s
}

// nameable says whether single subjects of a quantifier fail. For Any none does, for Set there is only one.
func nameable(q isms.Quantifier) bool {
	return q == isms.QuantifierEvery || q == isms.QuantifierNone || q == isms.QuantifierAnyPerNamespace
}

// sample takes from what is left of the control's failures that may be named.
func (a *assessment) sample(failures []tally.Name) []isms.SubjectRef {
	failures = failures[:min(len(failures), tally.MaxSample-a.named)]
	a.named += len(failures)
	var refs []isms.SubjectRef
	for _, f := range failures {
		refs = append(refs, isms.SubjectRef{Namespace: f.Namespace, Name: f.Name})
	}
	return refs
}

// resourcesMessage explains a verdict with names and error classes, never with a value of an object. It carries no
// count that moves while the verdict stands, save how many more names there are.
func resourcesMessage(q isms.Quantifier, v tally.Verdict, s tally.Snapshot) string {
	switch {
	case v.Result == isms.EvidenceFail && v.Reason == isms.ReasonObjectsFailed:
		return failureMessage(q, s.Counts)
	case v.Reason == isms.ReasonObjectsPassed:
		return ""
	case s.Message != "":
		return conditions.Truncate(sentence(s.Message))
	}
	return explanations[v.Reason]
}

// plainWord is a first word that may have a capital: no identifier, path or position.
var plainWord = regexp.MustCompile(`^[a-z]+( |$)`)

// sentence makes one of what the engine says, which may stand beside others.
func sentence(message string) string {
	if plainWord.MatchString(message) {
		message = strings.ToUpper(message[:1]) + message[1:]
	}
	return strings.TrimSuffix(message, ".") + "."
}

func failureMessage(q isms.Quantifier, c tally.Counts) string {
	switch q {
	case isms.QuantifierAny:
		return "No object satisfies the expression."
	case isms.QuantifierSet:
		return "The objects as a whole do not satisfy the expression."
	}
	sample := make([]string, 0, len(c.Failures))
	for _, f := range c.Failures {
		sample = append(sample, subjectName(f))
	}
	names := conditions.NamesOf(sample, c.Failing)
	switch q {
	case isms.QuantifierAnyPerNamespace:
		return "No object satisfies the expression in " + names + "."
	case isms.QuantifierNone:
		return "The expression holds, but must not, for " + names + "."
	}
	return "The expression does not hold for " + names + "."
}

// subjectName writes a subject as namespace/name, or the one of them that it has.
func subjectName(n tally.Name) string {
	if n.Namespace != "" && n.Name != "" {
		return n.Namespace + "/" + n.Name
	}
	return n.Namespace + n.Name
}

// explanations are the messages of verdicts about which the engine says no more.
var explanations = map[string]string{
	isms.ReasonNotSynced:         "The objects are still being listed.",
	isms.ReasonKindNotServed:     "The API server does not serve this kind.",
	isms.ReasonAccessDenied:      "The scope's service account may not list and watch these objects.",
	isms.ReasonOperatorForbidden: "The operator may not list and watch these objects.",
	isms.ReasonNoMatch:           "No object matches the rule.",
	isms.ReasonExpressionError:   "The expression could not be evaluated on some objects.",
	isms.ReasonRuleInvalid:       "The rule is not valid.",
	isms.ReasonCostExceeded:      "The expression is too expensive.",
	isms.ReasonTooManyObjects:    "The rule matches too many objects.",
	isms.ReasonScopeNotResolved:  "The namespaces of the scope are not known.",
	isms.ReasonWaived:            "Exceptions waive every subject.",
}

// count bounds a number to the range of the API.
func count(n int) int32 { return int32(min(max(n, 0), 1<<31-1)) } //nolint:gosec // bounded in the expression
