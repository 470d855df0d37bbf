// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// Occasion is what is prepared for.
type Occasion string

// Occasions.
const (
	InternalAudit    Occasion = "internal-audit"
	ManagementReview Occasion = "management-review"
	Stage1           Occasion = "stage1"
	Stage2           Occasion = "stage2"
	Surveillance     Occasion = "surveillance"
)

// Occasions are all of them, in the order of the process.
func Occasions() []string {
	return []string{string(InternalAudit), string(ManagementReview), string(Stage1), string(Stage2), string(Surveillance)}
}

// preparation is what its sections are made of.
type preparation struct {
	in    readiness.ScopeInput
	cycle *isms.AuditCycle
	clock *assess.Clock
}

// Prepare writes what to have at hand for an occasion: what is asked for and whether it is there, checklists, records and
// samples, and whom to speak to. It is a help to prepare, and no audit.
func Prepare(in readiness.ScopeInput, cycle *isms.AuditCycle, occasion Occasion) export.Paper {
	p := &preparation{in: in, cycle: cycle, clock: assess.NewClock(in.Now)}
	lead := []string{
		fmt.Sprintf("%s, scope %s/%s, cycle %s. As of %s, from what the operator has assessed.", in.Scope.Spec.Organization,
			in.Scope.Namespace, in.Scope.Name, cycle.Name, in.Now.UTC().Format(time.RFC3339)),
	}
	switch occasion {
	case InternalAudit:
		return export.Paper{Title: "Internal audit (clause 9.2)", Lead: lead, Sections: []export.Section{
			p.audits(), p.independence(), p.people(), p.clauses(), p.controls(), p.findings("Findings to follow up", true), p.samples(),
			p.populations(), p.documents("Records the audit will ask for", ""),
		}}
	case ManagementReview:
		return export.Paper{Title: "Management review (clause 9.3)", Lead: lead, Sections: p.review()}
	case Stage1:
		return export.Paper{Title: "Stage 1 audit", Lead: append(lead, p.next(isms.AuditStage1)...), Sections: []export.Section{
			p.demands(isms.AuditStage1), p.statement(), p.documents("Documents that are reviewed", "Stage1"), p.clauses(), p.people(),
			p.findings("Open findings", true),
		}}
	case Stage2:
		return export.Paper{Title: "Stage 2 audit", Lead: append(lead, p.next(isms.AuditStage2)...), Sections: []export.Section{
			p.demands(isms.AuditStage2), p.requests(), p.statement(), p.operation(), p.controls(), p.samples(), p.populations(),
			p.documents("Documents and records", ""), p.people(), p.findings("Open findings", true),
		}}
	case Surveillance:
	}
	return export.Paper{Title: "Surveillance audit", Lead: append(lead, p.next(isms.AuditSurveillance)...), Sections: []export.Section{
		p.demands(isms.AuditSurveillance), p.requests(), p.changes(), p.complaints(), p.statement(), p.operation(),
		p.findings("Findings and what was done", false), p.controls(), p.samples(), p.populations(),
		p.documents("Documents and records", ""), p.people(),
	}}
}

// next says when an audit of a type is planned.
func (p *preparation) next(auditType isms.AuditType) []string {
	var lines []string
	for _, a := range p.cycle.Spec.Audits {
		if a.Type != auditType || a.Outcome != "" {
			continue
		}
		line := fmt.Sprintf("%s is planned for %s", a.Name, a.PlannedOn)
		if b := p.cycle.Spec.CertificationBody; b != nil {
			line += ", by " + string(b.Name)
		}
		if a.LeadAuditor != nil {
			line += ", led by " + person(*a.LeadAuditor)
		}
		if a.Mode != "" {
			line += " (" + string(a.Mode) + ")"
		}
		lines = append(lines, line+".")
	}
	if len(lines) == 0 {
		lines = append(lines, "None is planned in this cycle.")
	}
	return lines
}

// ours says whether an object belongs to the scope.
func (p *preparation) ours(ref isms.LocalRef) bool { return string(ref.Name) == p.in.Scope.Name }

// applicable are the applicable controls of the scope, in the order of the standard.
func (p *preparation) applicable() []*isms.Control {
	var found []*isms.Control
	for i := range p.in.Controls {
		c := &p.in.Controls[i]
		if p.ours(c.Spec.ScopeRef) && c.Spec.Applicability.Decision == isms.DecisionApplicable {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, compareControls)
	return found
}
