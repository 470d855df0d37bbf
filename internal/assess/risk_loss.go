// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/risk"
)

// returnYears are the points of the loss exceedance curve: a loss that is exceeded in one year of so many.
var returnYears = []int32{2, 5, 10, 20, 50, 100, 250}

// losses are the distributions of the loss per year without and with the treatment, as far as they are estimated.
func (a *riskAssessment) losses() (annual, residual *isms.AnnualLoss) {
	return a.loss(a.spec.Quantitative), a.loss(a.spec.ResidualQuantitative)
}

// loss simulates an estimate, unless the earlier status holds the result for the very same inputs.
func (a *riskAssessment) loss(q *isms.QuantitativeRisk) *isms.AnnualLoss {
	if q == nil {
		return nil
	}
	inputs := risk.Inputs(a.in.Risk.Namespace, a.in.Risk.Name, q.LossEventFrequency, q.LossMagnitude)
	for _, known := range []*isms.AnnualLoss{a.in.Risk.Status.AnnualLoss, a.in.Risk.Status.ResidualAnnualLoss, a.status.AnnualLoss} {
		if known != nil && known.InputsDigest == inputs {
			return known.DeepCopy()
		}
	}
	frequency, ok := pert(q.LossEventFrequency)
	magnitude, okay := pert(q.LossMagnitude)
	if !ok || !okay {
		return nil // refused at admission
	}
	l := risk.AnnualLoss(frequency, magnitude, risk.Seed(inputs))
	out := &isms.AnnualLoss{
		Mean: risk.Amount(l.Mean), P50: risk.Amount(l.Percentile(0.5)), P90: risk.Amount(l.Percentile(0.9)),
		P99: risk.Amount(l.Percentile(0.99)), LossProbability: risk.Amount(l.Exceedance(0)), InputsDigest: inputs,
	}
	for _, years := range returnYears {
		loss := risk.Amount(l.Percentile(1 - 1/float64(years)))
		out.LossExceedance = append(out.LossExceedance, isms.LossExceedance{ReturnYears: years, Loss: loss})
	}
	return out
}

func pert(e isms.Estimate) (risk.PERT, bool) {
	low, okLow := risk.Value(e.Min)
	mode, okMode := risk.Value(e.MostLikely)
	high, okHigh := risk.Value(e.Max)
	return risk.PERT{Min: low, Mode: mode, Max: high}, okLow && okMode && okHigh && low <= mode && mode <= high
}

// atMost compares two amounts. What is no number allows nothing.
func atMost(a, limit isms.Amount) bool {
	x, ok := risk.Value(a)
	most, okay := risk.Value(limit)
	return ok && okay && x <= most
}
