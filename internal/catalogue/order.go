// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// CompareIDs orders identifiers as the standard does: A.5.9 before A.5.10, clauses before Annex A. It is a total order
// on all strings, so that free identifiers of other sources sort predictably too.
func CompareIDs(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if order := comparePart(as[i], bs[i]); order != 0 {
			return order
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), strings.Compare(a, b))
}

// SortIDs returns the distinct identifiers in the order of CompareIDs.
func SortIDs(ids []string) []string {
	sorted := slices.SortedFunc(slices.Values(ids), CompareIDs)
	return slices.Compact(sorted)
}

// comparePart orders numbers by value and before words; equal numbers with different leading zeros are left to the
// caller's last comparison.
func comparePart(a, b string) int {
	aNumber, bNumber := isNumber(a), isNumber(b)
	switch {
	case aNumber && bNumber:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
