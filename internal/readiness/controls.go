// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// defaultGraceDays is how long an unhandled failure of a control does not block: practice.
const defaultGraceDays = 7

// controlJudgement sorts the applicable controls of a scope by what the cycle makes of them. Each list holds ids in
// the order of the standard, all but notImplemented and satisfiedIDs with a reason.
type controlJudgement struct {
	applicable     int
	notImplemented []string
	satisfiedIDs   []string
	handled        []string
	withinGrace    []string
	blocking       []string
	unclear        []string
}

func (c *cycleAssessment) judgeControls() controlJudgement {
	controls := slices.SortedFunc(slices.Values(c.controls), func(a, b *isms.Control) int {
		if order := catalogue.CompareIDs(string(a.Spec.ID), string(b.Spec.ID)); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	var j controlJudgement
	for _, control := range controls {
		if control.Spec.Applicability.Decision == isms.DecisionApplicable {
			j.applicable++
			c.judgeControl(control, &j)
		}
	}
	return j
}

// judgeControl sorts one control. One that is not implemented blocks at once, like one of which nothing is known, and a
// failure when its grace days have run out; unless the deviation is handled. What is Unknown nobody can handle.
func (c *cycleAssessment) judgeControl(control *isms.Control, j *controlJudgement) {
	id := string(control.Spec.ID)
	known := conditions.Get(control.Status.Conditions, isms.ConditionSatisfied)
	named := func(reason string) string { return fmt.Sprintf("%s (%s)", id, reason) }
	i := control.Spec.Implementation
	implemented := i != nil && i.State == isms.StateImplemented
	if !implemented {
		j.notImplemented = append(j.notImplemented, id)
	}
	switch handledBy := c.handledBy(control); {
	case implemented && known == nil:
		j.unclear = append(j.unclear, named(isms.ReasonNotYetAssessed))
	case implemented && known.Status == metav1.ConditionTrue:
		j.satisfiedIDs = append(j.satisfiedIDs, id)
	case implemented && known.Status != metav1.ConditionFalse:
		j.unclear = append(j.unclear, named(known.Reason))
	case handledBy != "":
		j.handled = append(j.handled, named(handledBy))
	case !implemented:
		j.blocking = append(j.blocking, named(string(isms.ResultNotImplemented)))
	case c.clock.Reached(known.LastTransitionTime.Add(c.grace())):
		j.blocking = append(j.blocking, named(known.Reason))
	default:
		j.withinGrace = append(j.withinGrace, named(known.Reason))
	}
}

func (c *cycleAssessment) grace() time.Duration {
	days := int32(defaultGraceDays)
	if d := c.cycle.Spec.DeviationGraceDays; d != nil {
		days = *d
	}
	return time.Duration(days) * 24 * time.Hour
}

func (j controlJudgement) implemented() conditions.Summary {
	switch {
	case j.applicable == 0:
		return unknown(isms.ReasonNothingDeclared, "The scope has no applicable control.")
	case len(j.notImplemented) > 0:
		return no(isms.ReasonControlsNotImplemented, "Not implemented: "+conditions.Names(j.notImplemented)+".")
	}
	return yes(isms.ReasonControlsImplemented, "")
}

func (j controlJudgement) satisfied() conditions.Summary {
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{
		{"Not satisfied", j.blocking},
		{"Not known", j.unclear},
		{"Within the grace days", j.withinGrace},
		{"Handled", j.handled},
	} {
		if len(p.names) > 0 {
			parts = append(parts, p.what+": "+conditions.Names(p.names)+".")
		}
	}
	message := strings.Join(parts, " ")
	switch {
	case j.applicable == 0:
		return unknown(isms.ReasonNothingDeclared, "The scope has no applicable control.")
	case len(j.blocking) > 0:
		return no(isms.ReasonControlsNotSatisfied, message)
	case len(j.unclear) > 0:
		return unknown(isms.ReasonControlsUnknown, message)
	case len(j.withinGrace) > 0:
		return yes(isms.ReasonDeviationsWithinGrace, message)
	case len(j.handled) > 0:
		return yes(isms.ReasonDeviationsHandled, message)
	}
	return yes(isms.ReasonControlsSatisfied, "")
}

func (j controlJudgement) counts() *isms.CycleControls {
	return &isms.CycleControls{
		Applicable: count(j.applicable), Satisfied: count(len(j.satisfiedIDs)),
		DeviationsHandled: count(len(j.handled)), WithinGrace: count(len(j.withinGrace)),
		Blocking: count(len(j.blocking)), Unknown: count(len(j.unclear)),
		SatisfiedOfApplicable: fmt.Sprintf("%d/%d", len(j.satisfiedIDs), j.applicable),
	}
}
