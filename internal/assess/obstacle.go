// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// obstacle keeps an object from being assessed.
type obstacle struct {
	reason, message string
	show            func(w *conditions.Writer, reason, message string)
}

// How an obstacle shows in Ready, Stalled and Reconciling.
var (
	stalled     = (*conditions.Writer).Stalled
	reconciling = (*conditions.Writer).Reconciling
	ready       = (*conditions.Writer).Ready
)

// obstacles of a Control, in the order in which they are to be cleared.
var obstacles = []func(*assessment) *obstacle{
	isSuspended,
	hasUnknownID,
	hasDuplicateID,
	hasNoScope,
}

// isSuspended: Ready stays True, so that nobody waits for a suspended object, but nothing counts as satisfied.
func isSuspended(a *assessment) *obstacle { return suspension(a.control) }

// Suspended says whether an annotation suspends an object.
func Suspended(object metav1.Object) bool {
	return object.GetAnnotations()[SuspendAnnotation] == "true"
}

// SuspendedMessage is the message of every condition of a suspended object.
const SuspendedMessage = "An annotation suspends the assessment."

func suspension(object metav1.Object) *obstacle {
	if !Suspended(object) {
		return nil
	}
	return &obstacle{isms.ReasonSuspended, SuspendedMessage, ready}
}

func hasUnknownID(a *assessment) *obstacle {
	id := string(a.control.Spec.ID)
	if a.control.Spec.Source != isms.SourceAnnexA {
		return nil
	}
	if _, known := catalogue.ControlByID(id); known {
		return nil
	}
	return &obstacle{
		isms.ReasonUnknownControlID,
		fmt.Sprintf("%s is not a control of Annex A of ISO/IEC 27001:2022: correct the id, or state another source.", id), stalled,
	}
}

// hasDuplicateID marks all that share the id: nobody can tell which one is meant.
func hasDuplicateID(a *assessment) *obstacle {
	if len(a.in.Duplicates) == 0 {
		return nil
	}
	others := slices.Sorted(slices.Values(a.in.Duplicates))
	message := fmt.Sprintf("The scope has other Controls with the id %s: %s.", a.control.Spec.ID, conditions.Names(others))
	return &obstacle{isms.ReasonDuplicateID, message, stalled}
}

func hasNoScope(a *assessment) *obstacle {
	if a.in.Scope != nil {
		return nil
	}
	return noScope(a.control.Spec.ScopeRef)
}

func noScope(ref isms.LocalRef) *obstacle {
	return &obstacle{isms.ReasonScopeNotFound, fmt.Sprintf("There is no ISMSScope %s in this namespace.", ref.Name), reconciling}
}

// Unrecorded is the outcome for a Control of which something has turned that the evidence log does not take: what is not
// recorded is not shown, and what was shown before may be wrong. problem says why, such as Forbidden.
func Unrecorded(in Input, problem string) Outcome {
	a := &assessment{in: in, control: in.Control, clock: NewClock(in.Now)}
	return a.obstructed(&obstacle{
		isms.ReasonLogNotWritable, "The evidence log can't be written: " + problem + ". What turned is shown once it is recorded.", reconciling,
	})
}

// obstructed writes an obstacle into every condition: nothing is known about the control.
func (a *assessment) obstructed(o *obstacle) Outcome {
	w := conditions.NewWriter(a.control.Status.Conditions, a.control.Generation, a.clock.Now())
	o.show(w, o.reason, o.message)
	for _, t := range controlConditions {
		w.SetTo(t, unknown(o.reason, o.message))
	}
	out := a.outcome(w, isms.ResultUnknown, nil)
	if a.control.Status.Operation == nil {
		out.Status.Operation = nil // not observed yet
	}
	return out
}
