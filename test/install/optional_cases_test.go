// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

var (
	somebody = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}
	another  = isms.Person{Name: "A. Smith", Email: "a.smith@example.com"}
	acme     = isms.LocalRef{Name: "acme"}
)

// TestImpersonation: who names an account in a scope may impersonate it.
func TestImpersonation(t *testing.T) {
	o := newOffice(t)
	o.create(
		&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: "reader"},
			Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{""}, Resources: []string{"serviceaccounts"}, ResourceNames: []string{"reader", "other"}, Verbs: []string{"impersonate"},
			}},
		},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: "reader"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "trusted"}},
		},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: "reader"}},
	)
	scope := func(account isms.ObjectName) func() *isms.ISMSScope {
		return func() *isms.ISMSScope {
			s := &isms.ISMSScope{Spec: isms.ISMSScopeSpec{
				Organization: "Acme GmbH", Statement: "Operation of the platform.", Framework: isms.FrameworkISO27001,
			}}
			if account != "" {
				s.Spec.Evidence = &isms.ScopeEvidence{ServiceAccountName: account, Namespaces: []isms.NamespaceName{"shop"}}
			}
			return s
		}
	}
	const says = "impersonate on it granted"
	steps := []step{
		{name: "create a scope without an account", try: creating(o, scope("")), free: true},
		{name: "create a scope with an account", try: creating(o, scope("reader")), says: says},
		{name: "name another account", try: editing(o, scope("reader"), func(s *isms.ISMSScope) {
			s.Spec.Evidence.ServiceAccountName = "other"
		}), says: says},
		{name: "edit a scope and leave its account", try: editing(o, scope("reader"), func(s *isms.ISMSScope) {
			s.Spec.Statement = "Another."
		}), free: true},
		{name: "take the account out", try: editing(o, scope("reader"), func(s *isms.ISMSScope) { s.Spec.Evidence = nil }), free: true},
	}
	o.wantFree(steps, "without the policy")
	o.switchOn("impersonation")
	o.wantGuarded(steps)
}

// control is one with a rule, of a control of an organization's own.
func (o *office) control(exceptions ...isms.Exception) func() *isms.Control {
	return func() *isms.Control {
		return &isms.Control{Spec: isms.ControlSpec{
			ScopeRef: acme, Source: isms.SourceAnnexA, ID: "A.8.22", Owner: somebody,
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionBestPractice}, Justification: "Needed.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In place."},
			Evidence: []isms.EvidenceItem{{
				Name: "rule", Strength: isms.StrengthSubstantial,
				Resources: &isms.ResourceRule{APIVersion: "v1", Kind: "Pod", Quantifier: isms.QuantifierEvery, Expect: "has(object.spec)"},
			}},
			Exceptions: exceptions,
		}}
	}
}

// TestExceptions: who changes the exceptions of a Control has the right to.
func TestExceptions(t *testing.T) {
	o := newOffice(t)
	exception := isms.Exception{
		Name: "legacy", Evidence: []isms.ItemName{"rule"}, Objects: []isms.ExceptionObject{{Namespace: "billing"}},
		Reason: "Migration.", RequestedBy: somebody, ApprovedBy: another, ExpiresOn: "2027-01-31",
	}
	const says = "the right to update controls/exceptions"
	steps := []step{
		{name: "create a Control without exceptions", try: creating(o, o.control()), free: true},
		{name: "create a Control with one", try: creating(o, o.control(exception)), says: says},
		{name: "add one", try: editing(o, o.control(), func(c *isms.Control) { c.Spec.Exceptions = []isms.Exception{exception} }), says: says},
		{name: "extend one", try: editing(o, o.control(exception), func(c *isms.Control) { c.Spec.Exceptions[0].ExpiresOn = "2027-03-31" }), says: says},
		{name: "remove one", try: editing(o, o.control(exception), func(c *isms.Control) { c.Spec.Exceptions = nil }), says: says},
		{name: "edit a Control and leave its exceptions", try: editing(o, o.control(exception), func(c *isms.Control) {
			c.Spec.Owner = another
		}), free: true},
	}
	o.wantFree(steps, "without the policy")
	o.switchOn("exceptions")
	o.wantGuarded(steps)
	t.Run("the operator writes statuses", func(t *testing.T) {
		c := o.control(exception)()
		c.Namespace, c.Name = officeHome, "assessed"
		o.create(c)
		c.Status.ObservedGeneration = 1
		if err := testenv.Client(t, o.env.As(operatorUser, "system:masters")).Status().Update(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
}

// TestDecisions: who approves, accepts, verifies or records has the right to, kind by kind.
func TestDecisions(t *testing.T) {
	o := newOffice(t)
	steps := o.decisions()
	o.wantFree(steps, "without the policy")
	o.switchOn("decisions")
	o.wantGuarded(steps)
	t.Run("a right of one type of Attestation", o.recordsOneType)
}

func (o *office) decisions() []step {
	approved := isms.Approval{ApprovedBy: another, ApprovedOn: "2026-11-01"}
	approve := func(d *isms.Document) { d.Spec.Approval = &isms.DocumentApproval{Version: "1.0", Approval: approved} }
	const documents, risks = "the right to update documents/approval", "the right to update risks/acceptance"
	const findings, entries = "the right to update findings/verification", "the right to update registerentries/approval"
	const cycles = "the right to update auditcycles/certification"
	return []step{
		{name: "write a Document", try: creating(o, newDocument), free: true},
		{name: "edit a Document", try: editing(o, newDocument, func(d *isms.Document) { d.Spec.Version = "1.1" }), free: true},
		{name: "edit an approved Document", try: editing(o, with(newDocument, approve), func(d *isms.Document) { d.Spec.Title = "Another" }), free: true},
		{name: "create an approved Document", try: creating(o, with(newDocument, approve)), says: documents},
		{name: "approve a Document", try: editing(o, newDocument, approve), says: documents},
		{name: "withdraw an approval", try: editing(o, with(newDocument, approve), func(d *isms.Document) { d.Spec.Approval = nil }), says: documents},
		{name: "review a Document", try: editing(o, newDocument, func(d *isms.Document) {
			d.Spec.Reviews = []isms.DocumentReview{{ReviewedOn: "2026-11-01", By: another, Outcome: isms.ReviewNoChange}}
		}), says: documents},
		{name: "edit a Risk", try: editing(o, newRisk, func(r *isms.Risk) { r.Spec.Title = "Another" }), free: true},
		{name: "accept a Risk", try: editing(o, newRisk, func(r *isms.Risk) {
			r.Spec.Acceptance = &isms.RiskAcceptance{AcceptedBy: another, AcceptedOn: "2026-11-02", AcceptedLevel: "Low"}
		}), says: risks},
		{name: "approve a treatment", try: editing(o, newRisk, func(r *isms.Risk) { r.Spec.Treatment.Approval = &approved }), says: risks},
		{name: "raise and answer a Finding", try: editing(o, newFinding, func(f *isms.Finding) { f.Spec.Correction = "Tested." }), free: true},
		{name: "verify a Finding", try: editing(o, newFinding, func(f *isms.Finding) {
			f.Spec.EffectivenessReview = &isms.EffectivenessReview{ReviewedOn: "2026-11-20", By: another, Outcome: isms.ActionEffective}
		}), says: findings},
		{name: "regrade a Finding", try: editing(o, newFinding, func(f *isms.Finding) {
			f.Spec.Severity = isms.SeverityObservation
			f.Spec.Regrading = []isms.Regrading{{From: isms.SeverityMinor, To: isms.SeverityObservation, RegradedOn: "2026-11-03", By: another, Reason: "Tested."}}
		}), says: findings},
		{name: "plan a change", try: editing(o, newChange, func(e *isms.RegisterEntry) { e.Spec.Title = "Another" }), free: true},
		{name: "approve a change", try: editing(o, newChange, func(e *isms.RegisterEntry) { e.Spec.Change.Approval = &approved }), says: entries},
		{name: "plan an audit", try: editing(o, newCycle, func(c *isms.AuditCycle) { c.Spec.Audits[0].LastDayOn = "2026-11-06" }), free: true},
		{name: "record the outcome of an audit", try: editing(o, newCycle, func(c *isms.AuditCycle) {
			c.Spec.Audits[0].Outcome = isms.OutcomeReadyForStage2
		}), says: cycles},
		{name: "record a review", try: creating(o, newAttestation), says: "have the right to create attestations/record"},
	}
}

// with is an object with a further field.
func with[T any](blank func() *T, change func(*T)) func() *T {
	return func() *T {
		object := blank()
		change(object)
		return object
	}
}

// recordsOneType: resourceNames of the right are types.
func (o *office) recordsOneType(t *testing.T) {
	o.create(&rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: "firewall"},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{ismsGroup}, Resources: []string{"attestations/record"}, ResourceNames: []string{"FirewallReview"}, Verbs: []string{"create"},
		}},
	}, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: "firewall"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "firewall"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "manager"}},
	})
	record := creating(o, newAttestation)
	if err := o.eventually(func() error { return record(t.Context(), o.manager) }, nothing); err != nil {
		t.Errorf("who may record firewall reviews may not: %v", err)
	}
	training := creating(o, with(newAttestation, func(a *isms.Attestation) { a.Spec.Type = "AwarenessTraining" }))
	if err := training(t.Context(), o.manager); err == nil {
		t.Error("who may record firewall reviews records a training")
	}
}

func newDocument() *isms.Document {
	return &isms.Document{Spec: isms.DocumentSpec{
		ScopeRef: acme, Type: "InformationSecurityPolicy", Title: "Policy", Version: "1.0", Owner: somebody,
		Source: isms.DocumentSource{URL: "https://git.example.com/isms/policy.md"},
	}}
}

func newRisk() *isms.Risk {
	return &isms.Risk{Spec: isms.RiskSpec{
		ScopeRef: acme, Approach: isms.ApproachEventBased, Title: "Loss of the cluster", Threat: "Outage of the provider", Owner: somebody,
		Properties: []isms.SecurityProperty{"Availability"},
		Assessment: &isms.RiskAssessment{AssessedOn: "2026-10-01", Likelihood: "Likely", Consequence: "Critical"},
		Treatment:  &isms.RiskTreatment{Option: isms.TreatmentRetain},
	}}
}

func newFinding() *isms.Finding {
	return &isms.Finding{Spec: isms.FindingSpec{
		ScopeRef: acme, Severity: isms.SeverityMinor, Source: isms.FindingFromOperation, Requirement: "A.8.13",
		RaisedOn: "2026-11-01", Statement: "Restores were not tested.", ObjectiveEvidence: "The log has no entry.",
		RootCause: "Nobody had to.", CorrectiveAction: &isms.CorrectiveAction{
			Description: "An owner for the job.", Owner: somebody, DueDate: "2026-11-10", CompletedOn: "2026-11-09", PerformedBy: &somebody,
		},
	}}
}

func newChange() *isms.RegisterEntry {
	return &isms.RegisterEntry{Spec: isms.RegisterEntrySpec{
		ScopeRef: acme, Register: isms.RegisterChange, Title: "Another region", Owner: somebody,
		Change: &isms.ChangeEntry{Purpose: "Nearer to customers.", PlannedOn: "2026-12-01"},
	}}
}

func newCycle() *isms.AuditCycle {
	return &isms.AuditCycle{Spec: isms.AuditCycleSpec{
		ScopeRef: acme, Origin: isms.OriginInitial,
		Audits: []isms.Audit{{Name: "stage-1", Type: isms.AuditStage1, PlannedOn: "2026-11-04", LastDayOn: "2026-11-05"}},
	}}
}

func newAttestation() *isms.Attestation {
	return &isms.Attestation{Spec: isms.AttestationSpec{
		ScopeRef: acme, Type: "FirewallReview", Outcome: isms.OutcomePass, PerformedOn: "2026-11-01", PerformedBy: somebody, Summary: "Reviewed.",
	}}
}
