// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func impacts(values string) []Impact {
	list := make([]Impact, len(values))
	for i, v := range values {
		list[i] = Impact{
			Rank:  int32(len(values) - i),
			Value: map[rune]isms.ImpactValue{'H': isms.ImpactHigh, 'M': isms.ImpactMedium, 'L': isms.ImpactLow}[v],
		}
	}
	return list
}

// TestOCTAVEScore: the areas stand in the order of their importance, the most important first.
func TestOCTAVEScore(t *testing.T) {
	for values, want := range map[string]int32{
		"HMLLM": 30, // 15 + 8 + 3 + 2 + 2
		"HHHHH": 45, "LLLLL": 15, "MMMMM": 30, "HLLLL": 25, "LLLLH": 17, "H": 3, "ML": 5, "": 0,
	} {
		if got := OCTAVEScore(impacts(values)); got != want {
			t.Errorf("%s: score %d, want %d", values, got, want)
		}
	}
}

func TestOCTAVEPools(t *testing.T) {
	for _, tc := range []struct {
		probability isms.ImpactValue
		// pools for scores 30 to 45, 16 to 29, and up to 15
		high, medium, low isms.Level
	}{
		{isms.ImpactHigh, Pool1, Pool2, Pool2},
		{isms.ImpactMedium, Pool2, Pool2, Pool3},
		{isms.ImpactLow, Pool3, Pool3, Pool4},
		{"", Pool1, Pool2, Pool2},
	} {
		for score := range int32(46) {
			want := tc.low
			switch {
			case score >= 30:
				want = tc.high
			case score >= 16:
				want = tc.medium
			}
			if got := OCTAVEPool(score, 5, tc.probability); got != want {
				t.Errorf("probability %q, score %d: %s, want %s", tc.probability, score, got, want)
			}
		}
	}
}

// TestOCTAVEBandsOfOtherNumbers: thirds of the highest score, which is 3 for one area and 30 for four.
func TestOCTAVEBandsOfOtherNumbers(t *testing.T) {
	for _, tc := range []struct {
		score int32
		areas int
		want  int
	}{{3, 1, 0}, {2, 1, 0}, {1, 1, 2}, {30, 4, 0}, {20, 4, 0}, {19, 4, 1}, {11, 4, 1}, {10, 4, 2}} {
		if got := octaveBand(tc.score, tc.areas); got != tc.want {
			t.Errorf("score %d of %d areas: band %d, want %d", tc.score, tc.areas, got, tc.want)
		}
	}
}
