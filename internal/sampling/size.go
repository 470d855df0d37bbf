// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sampling

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// sizes are how many of the runs of a control in a period are looked at, by how often it runs. No standard prescribes them
// (ISO 19011 leaves the size to judgement); they are what audits of controls over financial reporting made usual: of each
// range the lower end, and of 20 to 40 for a daily control the usual 25.
var sizes = map[isms.SampleFrequency]int{
	isms.FrequencyAnnual:     1,
	isms.FrequencyQuarterly:  2,
	isms.FrequencyMonthly:    2,
	isms.FrequencyWeekly:     5,
	isms.FrequencyDaily:      25,
	isms.FrequencyManyPerDay: 25,
}

// Bounds of a sample of runs that follow no calendar: all of few, some of some, a tenth of many.
const (
	adHocFew     = 5  // fewer than so many are all looked at
	adHocSome    = 50 // of fewer than so many, adHocFew
	adHocAtMost  = 25
	adHocPortion = 10 // one in so many
)

// SizeByFrequency is the size of a sample of a population by how often its control runs; never more than the population. Of
// an automated control one run of each configuration is enough, while changes are controlled: there the population is the
// number of configurations.
func SizeByFrequency(frequency isms.SampleFrequency, population int) int {
	switch {
	case frequency == isms.FrequencyAutomated:
		return population
	case frequency != isms.FrequencyAdHoc:
		return min(sizes[frequency], population)
	case population < adHocFew:
		return population
	case population < adHocSome:
		return adHocFew
	}
	return min((population+adHocPortion-1)/adHocPortion, adHocAtMost)
}

// SizeByConfidence is the smallest sample that, where it shows no deviation, tells with the given confidence that fewer than
// a tolerable share of the population deviates (attribute sampling). Both are percentages, between 1 and 99. The draw is
// without replacement, so that the distribution is hypergeometric, and small populations need less. It is never more than
// the population.
func SizeByConfidence(confidence, tolerable, population int) int {
	deviating := (tolerable*population + 99) / 100 // the smallest number that is not tolerable any more
	risk := float64(100-confidence) / 100
	missed := 1.0 // the probability that none of the sample deviates
	for n := range population {
		if missed <= risk {
			return n
		}
		missed *= float64(max(population-deviating-n, 0)) / float64(population-n)
	}
	return population
}
