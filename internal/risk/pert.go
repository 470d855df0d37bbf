// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// pertWeight is the weight of the most likely value. Four is the PERT distribution; other weights make it flatter or steeper.
const pertWeight = 4

// PERT is a distribution of three points: a beta distribution over [Min, Max] with
//
//	alpha = 1 + 4 (Mode-Min)/(Max-Min), beta = 1 + 4 (Max-Mode)/(Max-Min)
//
// so that the mean is (Min + 4 Mode + Max)/6. This is the form of Vose (Risk Analysis, 2000) and of rpert in the R
// package mc2d. Another form in use, that of pyfair, has the same mean and sets the standard deviation to a sixth of the
// range. A distribution whose points are equal is that one value.
type PERT struct{ Min, Mode, Max float64 }

func (p PERT) width() float64 { return p.Max - p.Min }

func (p PERT) alpha() float64 { return 1 + pertWeight*(p.Mode-p.Min)/p.width() }

func (p PERT) beta() float64 { return 1 + pertWeight*(p.Max-p.Mode)/p.width() }

// certain says that nothing is spread.
func (p PERT) certain() bool { return !(p.width() > 0) }

// Mean of the distribution.
func (p PERT) Mean() float64 { return (p.Min + pertWeight*p.Mode + p.Max) / (pertWeight + 2) }

// StdDev is the standard deviation.
func (p PERT) StdDev() float64 {
	mean := p.Mean()
	return math.Sqrt((mean - p.Min) * (p.Max - mean) / (pertWeight + 3))
}

// Skewness is the third standardized moment; it lies between -1.2 and 1.2.
func (p PERT) Skewness() float64 {
	if p.certain() {
		return 0
	}
	a, b := p.alpha(), p.beta()
	return 2 * (b - a) * math.Sqrt(a+b+1) / ((a + b + 2) * math.Sqrt(a*b))
}

// Quantile is the value that is not exceeded with the given probability.
func (p PERT) Quantile(probability float64) float64 {
	if p.certain() {
		return p.Mode
	}
	return p.Min + float64(p.width()*mathext.InvRegIncBeta(p.alpha(), p.beta(), probability))
}

// knots of a sampler: the error of a quantile in between is below 1e-4 of the range.
const knots = 512

// sampler gives quantiles fast, by interpolation between knots that are dense at both ends, where the curve is steep: the
// probability at t in [0, 1] is (1 - cos(pi t))/2.
type sampler [knots + 1]float64

func (p PERT) sampler() *sampler {
	var s sampler
	for i := range s {
		s[i] = p.Quantile((1 - math.Cos(math.Pi*float64(i)/knots)) / 2)
	}
	return &s
}

func (s *sampler) at(probability float64) float64 {
	t := math.Acos(1-2*probability) / math.Pi * knots
	i := min(int(t), knots-1)
	return s[i] + float64((s[i+1]-s[i])*(t-float64(i)))
}
