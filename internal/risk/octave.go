// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import isms "github.com/isms-operator/isms-operator/api/v1alpha1"

// Impact is the impact of a risk in one area, with the rank of the area by its importance: the most important has the
// highest rank.
type Impact struct {
	Rank  int32
	Value isms.ImpactValue
}

// octaveValue is the number for an impact value (CMU/SEI-2007-TR-012, step 7).
var octaveValue = map[isms.ImpactValue]int32{isms.ImpactHigh: 3, isms.ImpactMedium: 2, isms.ImpactLow: 1}

// OCTAVEScore is the relative risk score of OCTAVE Allegro: the sum over all areas of rank times impact value (Caralli,
// Stevens, Young, Wilson: CMU/SEI-2007-TR-012, step 7). Five areas give 15 to 45.
func OCTAVEScore(impacts []Impact) int32 {
	var score int32
	for _, i := range impacts {
		score += i.Rank * octaveValue[i.Value]
	}
	return score
}

// octaveBand is the column of the relative risk matrix: 0 for 30 to 45, 1 for 16 to 29, 2 for 0 to 15. The bands are
// published for five areas, whose highest score is 45. For another number of areas they are the same thirds of its
// highest score, which is ours: the report leaves it open.
func octaveBand(score int32, areas int) int {
	highest := int32(len(octaveValue)) * int32(areas*(areas+1)/2) //nolint:gosec // at most ten areas
	switch {
	case 3*score >= 2*highest:
		return 0
	case 3*score > highest:
		return 1
	}
	return 2
}

// Pools of OCTAVE Allegro: mitigate; mitigate or defer; defer or accept; accept.
const (
	Pool1 isms.Level = "Pool1"
	Pool2 isms.Level = "Pool2"
	Pool3 isms.Level = "Pool3"
	Pool4 isms.Level = "Pool4"
)

// octavePools is the relative risk matrix (CMU/SEI-2007-TR-012, step 8): rows by probability, columns by band.
var octavePools = map[isms.ImpactValue][3]isms.Level{
	isms.ImpactHigh:   {Pool1, Pool2, Pool2},
	isms.ImpactMedium: {Pool2, Pool2, Pool3},
	isms.ImpactLow:    {Pool3, Pool3, Pool4},
}

// OCTAVEScale holds the pools from the lowest risk, which is accepted, to the highest.
func OCTAVEScale() Scale { return Scale{Pool4, Pool3, Pool2, Pool1} }

// OCTAVEPool is the pool of a relative risk score over so many areas. The probability is optional in the method;
// without one the risk is pooled as if its probability were high, so that leaving it out never makes a risk look smaller.
func OCTAVEPool(score int32, areas int, probability isms.ImpactValue) isms.Level {
	row, ok := octavePools[probability]
	if !ok {
		row = octavePools[isms.ImpactHigh]
	}
	return row[octaveBand(score, areas)]
}
