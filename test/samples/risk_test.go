// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// Each Risk of the docs that is shown with a status has that status: what is documented is computed here, with the scope of
// the same block. Fields that the page leaves out are not compared; of a list, its beginning.
func TestDocumentedRisksAreComputed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "risk.md"))
	if err != nil {
		t.Fatal(err)
	}
	methods := map[isms.RiskMethod]bool{}
	for _, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		objects := parse(t, "docs/risk.md", []byte(block[1]))
		scopes, risks := decode[isms.ISMSScope](t, objects), decode[isms.Risk](t, objects)
		for i := range risks {
			want := risks[i].Status
			if want.ReviewDueOn == "" || len(scopes) != 1 {
				continue
			}
			methods[scopes[0].Spec.RiskManagement.Method] = true
			risks[i].Status = isms.RiskStatus{}
			got := assess.Risk(assess.RiskInput{Risk: &risks[i], Scope: &scopes[0], Now: asOf}).Status
			got.Conditions, got.ObservedGeneration = nil, 0
			for _, pair := range [][2]*isms.AnnualLoss{{want.AnnualLoss, got.AnnualLoss}, {want.ResidualAnnualLoss, got.ResidualAnnualLoss}} {
				if pair[0] != nil && pair[1] != nil {
					pair[1].InputsDigest = ""
					pair[1].LossExceedance = pair[1].LossExceedance[:len(pair[0].LossExceedance)]
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-docs +computed):\n%s", risks[i].Name, diff)
			}
		}
	}
	if len(methods) != 4 {
		t.Errorf("worked examples of %d methods, want 4", len(methods))
	}
}

// Each risk of the samples names controls and an asset that are there, and is complete: with its controls satisfied, all of
// its conditions are True on the day of which the samples are meant.
func TestSampleRisksAreInOrder(t *testing.T) {
	samples := manifests(t, "config/samples")
	scopes, risks, controls := decode[isms.ISMSScope](t, samples), decode[isms.Risk](t, samples), decode[isms.Control](t, samples)
	entries := map[string]*isms.RegisterEntry{}
	for _, e := range decode[isms.RegisterEntry](t, samples) {
		entries[e.Name] = &e
	}
	satisfied(controls)
	if len(scopes) != 1 || len(risks) < 5 {
		t.Fatalf("%d scopes, %d risks", len(scopes), len(risks))
	}
	for i := range risks {
		in := assess.RiskInput{Risk: &risks[i], Scope: &scopes[0], Controls: controls, Now: asOf}
		if ref := risks[i].Spec.AssetRef; ref != nil {
			in.Asset = entries[string(ref.Name)]
		}
		for _, c := range assess.Risk(in).Status.Conditions {
			if c.Status != metav1.ConditionTrue {
				t.Errorf("%s: %s %s, %s: %s", risks[i].Name, c.Type, c.Status, c.Reason, c.Message)
			}
		}
	}
}

// satisfied says of each control what the operator says of it in the demo.
func satisfied(controls []isms.Control) {
	for i := range controls {
		if controls[i].Spec.Applicability.Decision == isms.DecisionApplicable {
			controls[i].Status.Conditions = []metav1.Condition{{Type: isms.ConditionSatisfied, Status: metav1.ConditionTrue}}
		}
	}
}
