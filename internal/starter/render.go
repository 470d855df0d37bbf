// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// The annotations of a rendered Control that hold what the API has no field for: neither decides anything.
const (
	AnnotationObjective = "isms-operator.io/objective"
	AnnotationGuidance  = "isms-operator.io/guidance"
)

// Values are what differs from one organization to another in a Control.
type Values struct {
	// Scope is the name of the ISMSScope, Namespace that of both.
	Scope     isms.ObjectName
	Namespace string
	// Owner gives the person or team in a Role, by the Role's name.
	Owner func(role string) isms.Person
	// Include says whether a piece of evidence belongs, also of people's; nil: all of it.
	Include func(Evidence) bool
	// TargetDate is the day by which the control is to be implemented; empty: none.
	TargetDate isms.Date
}

// Name is the name of the Control, such as a-8-22; numbers have two digits, so that names sort as identifiers do.
func (t Template) Name() string {
	parts := strings.Split(strings.ToLower(string(t.ID)), ".")
	last := len(parts) - 1
	parts[last] = fmt.Sprintf("%02s", parts[last])
	return strings.Join(parts, "-")
}

// Control renders the template. The control is applicable and not started: that it is implemented is for its owner to
// say, with a description of how.
func (t Template) Control(v Values) *isms.Control {
	c := &isms.Control{
		TypeMeta: metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "Control"},
		ObjectMeta: metav1.ObjectMeta{
			Name: t.Name(), Namespace: v.Namespace,
			Annotations: map[string]string{AnnotationObjective: string(t.Objective), AnnotationGuidance: string(t.Guidance)},
		},
	}
	c.Spec = isms.ControlSpec{
		ScopeRef: isms.LocalRef{Name: v.Scope},
		Source:   isms.SourceAnnexA,
		ID:       t.ID,
		Owner:    v.Owner(t.Owner),
		Applicability: isms.Applicability{
			Decision: isms.DecisionApplicable, Reasons: slices.Clone(t.Reasons), Justification: t.Justification,
		},
		Implementation: &isms.Implementation{
			State: isms.StateNotStarted, Criticality: t.Criticality, EffortDays: t.EffortDays, TargetDate: v.TargetDate,
		},
	}
	for _, e := range t.Evidence {
		if v.Include == nil || v.Include(e) {
			c.Spec.Evidence = append(c.Spec.Evidence, *e.Item.DeepCopy())
		}
	}
	return c
}
