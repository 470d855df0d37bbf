// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// defaultReviewDays is the review interval of a Document that names none. Clause 7.5.2 asks for review, not for an
// interval; a year is practice.
const defaultReviewDays = 365

// approval judges whether the version and the content that are in force are the ones that were approved (7.5.2 c).
func approval(d *isms.Document, clock *Clock) judgement {
	a := d.Spec.Approval
	switch {
	case a == nil:
		return no(isms.ReasonNotApproved, "No approval is recorded.")
	case a.Version != d.Spec.Version:
		return no(isms.ReasonNotApproved,
			fmt.Sprintf("The approval is for version %s, not for version %s.", a.Version, d.Spec.Version))
	case !clock.Come(a.ApprovedOn):
		return no(isms.ReasonDateInFuture, "The approval is dated in the future.")
	}
	return approvedContent(d)
}

// approvedContent compares the digest of the approval with that of the content, as far as the content is known. What
// stands at a URL is never fetched, so its digest is a declaration.
func approvedContent(d *isms.Document) judgement {
	approved, present := d.Spec.Approval.Digest, contentDigest(d)
	switch {
	case approved != "" && present != "" && approved != present:
		return no(isms.ReasonChangedSinceApproval, "The content is not the one that was approved: the digests differ.")
	case d.Spec.Source.URL != "":
		return yes(isms.ReasonDigestNotVerified, "Approved; the content is not fetched, so its digest rests on a declaration.")
	case d.Spec.Source.Computed != "" && present == "":
		return unknown(isms.ReasonNotYetAssessed, "The scope has no digest of the computed content yet.")
	case present == "":
		return unknown(isms.ReasonSourceNotReadable, "The content has not been read, so it cannot be compared with the approved one.")
	case approved == "":
		return no(isms.ReasonNotApproved, "The approval names no digest, so it does not show which content was approved.")
	}
	return yes(isms.ReasonApproved, "")
}

// contentDigest is the digest of the document as it is now: declared for a URL, otherwise what the operator computed
// when it last looked.
func contentDigest(d *isms.Document) isms.Digest {
	if d.Spec.Source.URL != "" {
		return d.Spec.Source.Digest
	}
	return d.Status.Digest
}

// review judges whether the document was approved or reviewed within its interval, and by when it must be again. A
// review that found a revision necessary does not prolong the interval: only the revision does.
func review(d *isms.Document, clock *Clock) (judgement, isms.Date) {
	var last isms.Date
	if a := d.Spec.Approval; a != nil && clock.Come(a.ApprovedOn) {
		last = a.ApprovedOn
	}
	for _, r := range d.Spec.Reviews {
		if clock.Come(r.ReviewedOn) && r.Outcome != isms.ReviewRevisionNeeded {
			last = max(last, r.ReviewedOn) // full-dates sort as text
		}
	}
	if last == "" {
		return unknown(isms.ReasonNotApproved, "The time to the next review begins with an approval or a review."), ""
	}
	due := addDays(last, cmp.Or(d.Spec.ReviewIntervalDays, defaultReviewDays))
	if clock.Over(due) {
		return no(isms.ReasonExpired, "The review is overdue."), due
	}
	return yes(isms.ReasonReviewCurrent, ""), due
}

// completeness judges a register that is kept elsewhere: in place of a review, an Attestation that names it says, within
// its interval, that it is complete.
func completeness(d *isms.Document, in DocumentInput, clock *Clock) (judgement, isms.Date) {
	records := Records(in.Attestations, string(d.Spec.ScopeRef.Name), clock, func(t *isms.Attestation) bool {
		return t.Spec.DocumentRef != nil && string(t.Spec.DocumentRef.Name) == d.Name
	})
	if len(records) == 0 {
		return no(isms.ReasonMissing, "No Attestation says that the register is complete: record one that names it in documentRef."), ""
	}
	last := records[len(records)-1]
	due := addDays(speaksUntil(last), cmp.Or(d.Spec.ReviewIntervalDays, defaultReviewDays))
	said := attestedOutcome(last, in.Scope, in.Findings)
	switch {
	case said.Status == metav1.ConditionFalse:
		return no(said.Reason, fmt.Sprintf("Attestation %s: %s", last.Name, said.Message)), due
	case clock.Over(due):
		return no(isms.ReasonExpired, "The last Attestation that the register is complete is too old."), due
	case said.Status != metav1.ConditionTrue:
		return unknown(said.Reason, fmt.Sprintf("Attestation %s: %s", last.Name, said.Message)), due
	}
	return yes(isms.ReasonReviewCurrent, fmt.Sprintf("Attestation %s says that the register is complete.", last.Name)), due
}

// reviewState is review, for whoever does not have the Attestations at hand: of a register it takes what the Document's
// own assessment said of this generation.
func reviewState(d *isms.Document, clock *Clock) (judgement, isms.Date) {
	if d.Spec.Class != isms.ClassRegister {
		return review(d, clock)
	}
	c := conditions.Get(d.Status.Conditions, isms.ConditionReviewCurrent)
	if c == nil || c.ObservedGeneration != d.Generation {
		return unknown(isms.ReasonNotYetAssessed, "Whether the register is attested to be complete is not assessed yet."), ""
	}
	return judgement{Status: c.Status, Reason: c.Reason, Message: c.Message}, d.Status.ReviewDueOn
}

// Standing is the state of the best document of a type.
type Standing struct {
	Result isms.EvidenceResult
	Reason string
	// Message says what is wrong; for a passing document it names the document and its version.
	Message string
	// DueOn is the last day for the next review; empty where there is no document in force.
	DueOn isms.Date
}

// DocumentStanding judges the documents of a scope whose type is accepted. One that is approved and in review is
// enough, whatever else there is; otherwise Unknown comes before Fail, as what is unknown may be enough. No document
// is Missing, which fails.
func DocumentStanding(documents []isms.Document, scope string, accepts func(isms.TypeName) bool, clock *Clock) Standing {
	var candidates []namedStanding
	for i := range documents {
		d := &documents[i]
		if string(d.Spec.ScopeRef.Name) == scope && accepts(d.Spec.Type) {
			candidates = append(candidates, namedStanding{d.Name, standing(d, clock)})
		}
	}
	if len(candidates) == 0 {
		return Standing{Result: isms.EvidenceFail, Reason: isms.ReasonMissing, Message: "There is no such Document."}
	}
	best := slices.MinFunc(candidates, func(a, b namedStanding) int {
		return cmp.Or(
			cmp.Compare(preference[a.Result], preference[b.Result]),
			-cmp.Compare(a.DueOn, b.DueOn),
			cmp.Compare(a.name, b.name))
	})
	return best.Standing
}

type namedStanding struct {
	name string
	Standing
}

var preference = map[isms.EvidenceResult]int{isms.EvidencePass: 0, isms.EvidenceUnknown: 1, isms.EvidenceFail: 2}

func standing(d *isms.Document, clock *Clock) Standing {
	approved := approval(d, clock)
	reviewed, due := reviewState(d, clock)
	j := worst(approved, reviewed)
	if Suspended(d) {
		j = unknown(isms.ReasonSuspended, SuspendedMessage)
	}
	s := Standing{Result: evidenceResult(j.Status), Reason: j.Reason, DueOn: due}
	if s.Result == isms.EvidencePass {
		s.Message = fmt.Sprintf("Document %s, version %s.", d.Name, d.Spec.Version)
	} else {
		s.Message = fmt.Sprintf("Document %s: %s", d.Name, j.Message)
	}
	return s
}

// document judges an item that asks for an approved document in review.
func (a *assessment) document(item isms.EvidenceItem) isms.EvidenceStatus {
	wanted := item.Document.Type
	s := DocumentStanding(a.in.Documents, a.scopeName(), func(t isms.TypeName) bool { return t == wanted }, a.clock)
	if s.Reason == isms.ReasonMissing {
		s.Message = fmt.Sprintf("There is no Document of type %s.", wanted)
	}
	return isms.EvidenceStatus{
		Name: string(item.Name), Result: s.Result, Reason: s.Reason, Message: s.Message, DueOn: s.DueOn,
	}
}
