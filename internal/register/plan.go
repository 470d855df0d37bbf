// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package register

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Plan is the project plan of a cycle, as its status has it: the steps of the process, in its order.
func Plan(cycle *isms.AuditCycle) Table {
	t := Table{Name: "plan", Columns: []Column{
		{"Step", Text}, {"State", State}, {"Due", Date}, {"Owner", Text}, {"Depends on", List}, {"Reason", Text}, {"Message", Prose},
	}}
	for _, s := range cycle.Status.Steps {
		var after []isms.Step
		for _, m := range cycle.Spec.Milestones {
			if m.Step == s.Name {
				after = m.DependsOn
			}
		}
		t.add(string(s.Name), string(s.State), string(s.DueDate), s.Owner, list(after), s.Reason, s.Message)
	}
	return t
}
