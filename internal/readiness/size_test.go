// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"encoding/json"
	"fmt"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// usual is an ISMS of the usual size.
func usual() ScopeInput {
	in := complete()
	for i := range 40 {
		in.Risks = append(in.Risks, risk(fmt.Sprintf("risk-%d", i)))
	}
	for i := range 60 {
		in.Attestations = append(in.Attestations, attestation(fmt.Sprintf("review-%d", i), "Review", "2026-10-01", func(t *isms.Attestation) {
			t.Spec.Controls = []isms.ControlID{in.Controls[i].Spec.ID}
		}))
	}
	for i := range 15 {
		in.Findings = append(in.Findings, minor(in.Controls[i].Spec.ID))
	}
	soa := document("StatementOfApplicability", "2026-11-01")
	soa.Spec.Source, soa.Spec.Approval.Digest = isms.DocumentSource{Computed: isms.ComputedStatementOfApplicability}, StatementDigest(in)
	in.Documents = append(in.Documents, soa)
	in.Scope.Status = Scope(in).Status
	return in
}

// TestStatusStaysSmall: the worst that a scope of the usual size says of itself, every control decided anew since the
// approval and no requirement evidenced, is still an object of an ordinary size.
func TestStatusStaysSmall(t *testing.T) {
	in := usual()
	for i := range in.Controls {
		excluded(&in.Controls[i])
	}
	in.Risks, in.Documents, in.Cycles, in.Entries, in.Attestations = nil, nil, nil, nil, nil
	in.Scope.Spec = isms.ISMSScopeSpec{}
	out := Scope(in).Status
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(out.StatementOfApplicability.CoverageChanged); n != 93 {
		t.Errorf("%d controls are told as decided anew, want 93", n)
	}
	t.Logf("%d bytes", len(raw))
	if len(raw) > 32<<10 {
		t.Errorf("a status of %d bytes", len(raw))
	}
}

func BenchmarkScope(b *testing.B) {
	in := usual()
	for b.Loop() {
		Scope(in)
	}
}
