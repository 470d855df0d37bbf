// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestApprovedStatementOfApplicability: a document approves what the Controls declare, by its digest; what changes
// afterwards is named, coverage apart from wording, until it is approved again.
func TestApprovedStatementOfApplicability(t *testing.T) {
	w := newWorld(t)
	soa := w.document("soa", "StatementOfApplicability", w.day(-1), 365)
	soa.Spec.Source = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}
	scope, policies, roles := w.scope(), w.control("A.5.1"), w.control("A.5.2")
	w.create(scope, soa, policies, roles)
	w.want(scope, "StatementOfApplicabilityApproved False NotApproved")

	w.approveStatement(scope, soa, "1.0")
	w.wantApproval(scope, "1.0 [] []")

	w.merge(policies, `{"spec":{"applicability":{"justification":"Another."}}}`)
	w.want(scope, "StatementOfApplicabilityApproved False ChangedSinceApproval")
	w.want(soa, "Approved False ChangedSinceApproval")
	w.wantApproval(scope, "1.0 [A.5.1] []")
	w.create(w.excluded("A.7.1"))
	w.delete(roles)
	w.wantApproval(scope, "1.0 [A.5.1 A.5.2 A.7.1] [A.5.2 A.7.1]")
	if got, want := message(scope, isms.ConditionStatementOfApplicabilityApproved),
		"Coverage has changed, so tell the certification body: A.5.2, A.7.1. Declared otherwise: A.5.1."; got != want {
		t.Errorf("says %q, want %q", got, want)
	}

	w.approveStatement(scope, soa, "2.0")
	w.wantApproval(scope, "2.0 [] []")
	w.settle()
}

// approveStatement approves what the scope declares now as a version, and waits until scope and document say so.
func (w *world) approveStatement(scope *isms.ISMSScope, soa *isms.Document, version string) {
	w.Helper()
	w.settle()
	w.refresh(scope)
	w.merge(soa, fmt.Sprintf(`{"spec":{"version":%q,"approval":{"version":%q,"digest":%q}}}`,
		version, version, scope.Status.StatementOfApplicability.Digest))
	w.want(scope, "StatementOfApplicabilityApproved True Approved")
	w.want(soa, "Approved True Approved")
}

// wantApproval waits for the approved version, what changed since, and what of it is coverage.
func (w *world) wantApproval(scope *isms.ISMSScope, want string) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(scope)
		s := scope.Status.StatementOfApplicability
		return cmp.Diff(want, fmt.Sprintf("%s %v %v", s.ApprovedVersion, s.ChangedSinceApproval, s.CoverageChanged))
	})
}
