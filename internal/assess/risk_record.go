// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// assessed judges whether the risk is assessed by the method of the scope (clause 6.1.2 c and d).
func (a *riskAssessment) assessed() judgement {
	s := a.spec.Assessment
	switch {
	case s == nil:
		return no(isms.ReasonMissing, "The risk is not assessed: write spec.assessment.")
	case !a.clock.Come(s.AssessedOn):
		return no(isms.ReasonDateInFuture, "The assessment is dated in the future.")
	case len(a.inherent.missing) > 0:
		return no(isms.ReasonIncomplete, lacking(a.frame.Method, a.inherent.missing))
	case a.spec.AssetRef != nil && !a.assetKnown():
		return no(isms.ReasonAssetNotFound,
			fmt.Sprintf("There is no RegisterEntry %s of register Asset in the scope.", a.spec.AssetRef.Name))
	}
	return yes(isms.ReasonAssessed, "")
}

func lacking(method isms.RiskMethod, fields []string) string {
	return fmt.Sprintf("The method %s needs %s.", method, strings.Join(fields, ", "))
}

func (a *riskAssessment) assetKnown() bool {
	e := a.in.Asset
	return e != nil && e.Name == string(a.spec.AssetRef.Name) && e.Spec.ScopeRef == a.spec.ScopeRef &&
		e.Spec.Register == isms.RegisterAsset
}

// treated judges whether the treatment is decided, approved and done, and whether what it rests on holds (6.1.3, 8.3).
func (a *riskAssessment) treated() judgement {
	if a.spec.Treatment == nil {
		return no(isms.ReasonMissing, "No treatment is decided: write spec.treatment.")
	}
	known, satisfied := a.controls()
	j := worst(a.approved(), known, a.done(), satisfied)
	if j.Status == metav1.ConditionTrue {
		return yes(isms.ReasonTreated, "")
	}
	return j
}

// approved judges the owner's approval of the plan (clause 6.1.3 f). A risk that is retained without a plan has nothing
// to approve but what remains, which is accepted.
func (a *riskAssessment) approved() judgement {
	t := a.spec.Treatment
	switch approval := t.Approval; {
	case approval == nil && t.Option == isms.TreatmentRetain && t.Plan == "":
		return yes(isms.ReasonTreated, "")
	case approval == nil:
		return no(isms.ReasonNotApproved, "The owner has not approved the treatment plan: write spec.treatment.approval.")
	case !a.clock.Come(approval.ApprovedOn):
		return no(isms.ReasonDateInFuture, "The approval of the treatment plan is dated in the future.")
	default:
		return a.byOwner(approval.ApprovedBy, "The treatment plan is approved")
	}
}

// byOwner judges whether a record is by the risk's owner. Names alone show neither that nor the contrary.
func (a *riskAssessment) byOwner(by isms.Person, what string) judgement {
	switch {
	case samePerson(by, a.spec.Owner):
		return yes(isms.ReasonTreated, "")
	case differentPeople(by, a.spec.Owner):
		return no(isms.ReasonNotByOwner, what+" by somebody else than the owner of the risk.")
	}
	return unknown(isms.ReasonOwnerNotVerifiable,
		what+" by a person of whom it is not known whether it is the owner: give both their email or id.")
}

// done judges the work. What is not due yet is in progress; a risk that is retained needs no work, unless it has a day
// by which something is to replace the retention.
func (a *riskAssessment) done() judgement {
	t := a.spec.Treatment
	switch {
	case t.CompletedOn != "" && a.clock.Come(t.CompletedOn):
		return yes(isms.ReasonTreated, "")
	case t.DueDate != "" && a.clock.Over(t.DueDate):
		return no(isms.ReasonOverdue, "The treatment is overdue.")
	case t.CompletedOn != "":
		return no(isms.ReasonDateInFuture, "The completion of the treatment is dated in the future.")
	case t.Option == isms.TreatmentRetain:
		return yes(isms.ReasonTreated, "")
	}
	return no(isms.ReasonInProgress, "The treatment is not done yet.")
}

// controls judges the controls that the treatment names: whether the scope has them and applies them, and whether they
// are satisfied, since the residual risk rests on them.
func (a *riskAssessment) controls() (known, satisfied judgement) {
	var missing, excluded, failing, unclear []string
	for _, id := range a.namedControls() {
		c := a.control(id)
		switch {
		case c == nil:
			missing = append(missing, id)
		case c.Spec.Applicability.Decision != isms.DecisionApplicable:
			excluded = append(excluded, id)
		case Satisfaction(c) == metav1.ConditionFalse:
			failing = append(failing, id)
		case Satisfaction(c) != metav1.ConditionTrue:
			unclear = append(unclear, id)
		}
	}
	known, satisfied = yes(isms.ReasonTreated, ""), yes(isms.ReasonTreated, "")
	switch {
	case len(missing) > 0:
		known = no(isms.ReasonControlsMissing, fmt.Sprintf("The scope has no Control for %s.", conditions.Names(missing)))
	case len(excluded) > 0:
		known = no(isms.ReasonControlsNotApplicable,
			fmt.Sprintf("The treatment rests on excluded controls: %s.", conditions.Names(excluded)))
	}
	switch {
	case len(failing) > 0:
		satisfied = no(isms.ReasonControlsNotSatisfied,
			fmt.Sprintf("The residual risk rests on controls that are not satisfied: %s.", conditions.Names(failing)))
	case len(unclear) > 0:
		satisfied = unknown(isms.ReasonControlsUnknown,
			fmt.Sprintf("The residual risk rests on controls of which it is not known whether they are satisfied: %s.", conditions.Names(unclear)))
	}
	return known, satisfied
}

// namedControls are the ids that the treatment names, in the order of the standard.
func (a *riskAssessment) namedControls() []string {
	ids := make([]string, len(a.spec.Treatment.Controls))
	for i, id := range a.spec.Treatment.Controls {
		ids[i] = string(id)
	}
	slices.SortFunc(ids, catalogue.CompareIDs)
	return ids
}

// control finds a Control of the scope. Of several with one id, none of which is satisfied, it is the first by name.
func (a *riskAssessment) control(id string) *isms.Control {
	var found *isms.Control
	for i := range a.in.Controls {
		c := &a.in.Controls[i]
		if c.Spec.ScopeRef == a.spec.ScopeRef && string(c.Spec.ID) == id && (found == nil || c.Name < found.Name) {
			found = c
		}
	}
	return found
}

// Satisfaction is the status of a Control's Satisfied condition; Unknown where it has none.
func Satisfaction(c *isms.Control) metav1.ConditionStatus {
	if known := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied); known != nil {
		return known.Status
	}
	return metav1.ConditionUnknown
}

// accepted judges whether the owner accepted what remains of the risk, as it is now (clause 6.1.3 f).
func (a *riskAssessment) accepted() judgement {
	remaining, field := a.remaining()
	x := a.spec.Acceptance
	switch {
	case remaining == nil:
		return no(isms.ReasonMissing, fmt.Sprintf("The residual risk is not assessed: write %s.", field))
	case !a.clock.Come(remaining.AssessedOn):
		return no(isms.ReasonDateInFuture, "The assessment of the residual risk is dated in the future.")
	case len(a.residual.missing) > 0:
		return no(isms.ReasonIncomplete, lacking(a.frame.Method, a.residual.missing))
	case x == nil:
		return no(isms.ReasonMissing, "The owner has not accepted the residual risk: write spec.acceptance.")
	case !a.clock.Come(x.AcceptedOn):
		return no(isms.ReasonDateInFuture, "The acceptance is dated in the future.")
	}
	if j := a.byOwner(x.AcceptedBy, "The residual risk is accepted"); j.Status != metav1.ConditionTrue {
		return j
	}
	if j := a.stale(remaining); j != nil {
		return *j
	}
	switch {
	case !a.exceeds():
		return yes(isms.ReasonResidualAccepted, "")
	case x.ExceedsCriteria == nil:
		return no(isms.ReasonCriteriaExceeded,
			"The residual risk is above the scope's criteria: treat it further, or justify it in spec.acceptance.exceedsCriteria.")
	}
	return yes(isms.ReasonResidualAccepted, "The residual risk is above the scope's criteria, which is justified.")
}

// stale says that what was accepted is not what remains: the risk was assessed since, or its level or loss is another.
func (a *riskAssessment) stale(remaining *isms.RiskAssessment) *judgement {
	x := a.spec.Acceptance
	changed := func(message string) *judgement { j := no(isms.ReasonResidualChanged, message); return &j }
	newer := func(s *isms.RiskAssessment) bool {
		return s != nil && s.AssessedOn > x.AcceptedOn && a.clock.Come(s.AssessedOn) // full-dates sort as text
	}
	switch {
	case newer(remaining) || newer(a.spec.Assessment):
		return changed("The risk was assessed again after the acceptance.")
	case x.AcceptedLevel != "" && x.AcceptedLevel != a.residual.level:
		return changed(fmt.Sprintf("The residual level is %s, and %s was accepted.", a.residual.level, x.AcceptedLevel))
	case x.AcceptedAnnualLoss != "" && !atMost(a.residual.loss, x.AcceptedAnnualLoss):
		return changed("The mean annual loss is above the one that was accepted.")
	}
	return nil
}

// exceeds says whether what remains is above the scope's criteria of acceptance.
func (a *riskAssessment) exceeds() bool {
	limit := a.frame.Criteria.Acceptance
	if a.frame.Method == isms.MethodFAIR {
		return !atMost(a.residual.loss, limit.MaxAnnualLoss)
	}
	return wordsOf(a.frame).levels.Above(a.residual.level, limit.MaxLevel)
}

// reviewed judges whether the last assessment is not too long ago, and notes by when the next is due (clause 8.2). A Risk
// may shorten the scope's interval, not prolong it.
func (a *riskAssessment) reviewed() judgement {
	s := a.spec.Assessment
	switch {
	case s == nil:
		return no(isms.ReasonMissing, "The risk is not assessed: write spec.assessment.")
	case !a.clock.Come(s.AssessedOn):
		return no(isms.ReasonDateInFuture, "The assessment is dated in the future.")
	}
	days := a.frame.AssessmentIntervalDays
	if own := a.spec.ReviewIntervalDays; own > 0 {
		days = min(days, own)
	}
	a.status.ReviewDueOn = addDays(s.AssessedOn, days)
	if a.clock.Over(a.status.ReviewDueOn) {
		return no(isms.ReasonExpired, "The risk is to be assessed again: the last assessment is too long ago.")
	}
	return yes(isms.ReasonReviewCurrent, "")
}

// missing names the fields that are still to be written, in the order in which a register is filled.
func (a *riskAssessment) missing() []string {
	var fields []string
	add := func(lacks bool, names ...string) {
		for _, name := range names {
			if lacks && !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	add(a.spec.Assessment == nil, "spec.assessment")
	add(true, a.inherent.missing...)
	add(a.spec.Treatment == nil, "spec.treatment")
	if t := a.spec.Treatment; t != nil {
		add(a.approved().Reason == isms.ReasonNotApproved, "spec.treatment.approval")
	}
	remaining, field := a.remaining()
	add(remaining == nil, field)
	add(true, a.residual.missing...)
	add(a.spec.Acceptance == nil, "spec.acceptance")
	add(a.accepted().Reason == isms.ReasonCriteriaExceeded, "spec.acceptance.exceedsCriteria")
	return fields
}
