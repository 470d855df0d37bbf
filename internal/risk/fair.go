// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/mathext/prng"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Years is how many years are simulated. With 100,000 the 99th percentile has a standard error of about half a percent.
const Years = 100_000

// Loss is a distribution of the loss per year.
type Loss struct {
	// Mean is exact: the mean frequency times the mean magnitude.
	Mean float64
	// years holds the simulated losses, sorted.
	years []float64
}

// edition of the simulation: raised with whatever makes it give other figures, so that older ones are computed again.
const edition = "isms-operator FAIR 1"

// Inputs identifies a simulation by everything that its result depends on: the object's namespace and name and the
// text of its estimates.
func Inputs(namespace, name string, estimates ...isms.Estimate) isms.Digest {
	parts := []string{edition, namespace, name}
	for _, e := range estimates {
		parts = append(parts, string(e.Min), string(e.MostLikely), string(e.Max))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Seed of a simulation, the same on every machine.
func Seed(inputs isms.Digest) uint64 {
	sum := sha256.Sum256([]byte(inputs))
	return binary.BigEndian.Uint64(sum[:])
}

// AnnualLoss simulates the loss per year by FAIR (The Open Group, O-RT 3.0.1 and O-RA 2.0.1: risk is loss event
// frequency times loss magnitude). Each year draws a frequency, a number of events by the Poisson distribution, and a
// magnitude for each event; their sum is the loss of the year. To multiply one frequency by one magnitude instead
// would turn a rare large loss into a certain small one.
//
// The same arguments give the same distribution.
func AnnualLoss(frequency, magnitude PERT, seed uint64) Loss {
	s := simulation{
		draw: uniform{prng.NewXoshiro256plusplus(seed)}, frequency: frequency.sampler(), magnitude: magnitude.sampler(),
		mean: magnitude.Mean(), sd: magnitude.StdDev(), skewness: magnitude.Skewness(), bounds: magnitude,
	}
	years := make([]float64, Years)
	for i := range years {
		years[i] = s.sum(poisson(s.frequency.at(s.draw.next()), s.draw.next()))
	}
	slices.Sort(years)
	return Loss{Mean: frequency.Mean() * magnitude.Mean(), years: years}
}

// uniform draws numbers in (0, 1), neither end included: the middles of 2^52 equal parts.
type uniform struct{ source interface{ Uint64() uint64 } }

func (u uniform) next() float64 { return (float64(u.source.Uint64()>>12) + 0.5) / (1 << 52) }

type simulation struct {
	draw                 uniform
	frequency, magnitude *sampler
	mean, sd, skewness   float64
	bounds               PERT
}

// few is up to how many events of a year are drawn one by one.
const few = 8

// sum is the loss of a year with so many events. The sum of many is approximated by its first three moments (normal
// power approximation: Beard, Pentikäinen, Pesonen, Risk Theory, 3rd ed. 1984). A PERT's skewness is at most 1.2, so
// that of nine events together is at most 0.4, where the approximation is good. It bounds the cost of a simulation.
func (s *simulation) sum(events float64) float64 {
	if events > few {
		z, root := mathext.NormalQuantile(s.draw.next()), math.Sqrt(events)
		total := float64(events*s.mean) + float64(root*s.sd*z) + s.sd*s.skewness*(float64(z*z)-1)/6
		return min(max(total, events*s.bounds.Min), events*s.bounds.Max)
	}
	total := 0.0
	for range int(events) {
		total += s.magnitude.at(s.draw.next())
	}
	return total
}

// summed is up to which frequency the Poisson distribution is summed term by term.
const summed = 30

// poisson is the number of events for a mean and a probability: the quantile of the Poisson distribution, by its terms or,
// for a large mean, by a Cornish-Fisher expansion, which is off by less than one event.
func poisson(mean, probability float64) float64 {
	if mean > summed {
		z := mathext.NormalQuantile(probability)
		return max(math.Round(mean+float64(math.Sqrt(mean)*z)+(float64(z*z)-1)/6), 0)
	}
	term := math.Exp(-mean)
	events, below := 0.0, term
	for below < probability {
		events++
		term = float64(term * (mean / events))
		if below+term == below {
			break // what is left of the distribution is smaller than a rounding error
		}
		below += term
	}
	return events
}

// Percentile is the loss that is not exceeded with the given probability.
func (l Loss) Percentile(probability float64) float64 {
	i := int(math.Ceil(probability*float64(len(l.years)))) - 1
	return l.years[min(max(i, 0), len(l.years)-1)]
}

// Exceedance is the probability that the loss of a year is higher than a value: the loss exceedance curve.
func (l Loss) Exceedance(value float64) float64 {
	i, _ := slices.BinarySearchFunc(l.years, value, func(year, value float64) int {
		if year <= value {
			return -1
		}
		return 1
	})
	return float64(len(l.years)-i) / float64(len(l.years))
}
