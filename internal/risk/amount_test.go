// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"math"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func TestAmount(t *testing.T) {
	for value, want := range map[float64]isms.Amount{
		0: "0", -1: "0", math.NaN(): "0", 1: "1", 0.127: "0.127", 0.1269: "0.127", 0.5: "0.5", 34.16: "34.2", 100: "100",
		999.4: "999", 999.5: "1k", 1000: "1k", 34166.67: "34.2k", 107000: "107k", 1613333333: "1.61G", 2e12: "2T", 5.556e15: "5.56P",
		123e18: "123E", 8.46e37: "8.46e+37", 1e-3: "0.001", 0.00012345: "0.000123", 10: "10", 99.95: "100", 1e6: "1M",
	} {
		got := Amount(value)
		if got != want {
			t.Errorf("%g: %s, want %s", value, got, want)
		}
		if _, err := resource.ParseQuantity(string(got)); err != nil {
			t.Errorf("%s is no quantity: %v", got, err)
		}
	}
}

func TestAmountIsAQuantityNearTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := math.Pow(10, rapid.Float64Range(-6, 18).Draw(t, "exponent"))
		text := Amount(value)
		if _, err := resource.ParseQuantity(string(text)); err != nil || len(text) > 20 {
			t.Fatalf("%g is written %q: %v", value, text, err)
		}
		read, ok := Value(text)
		if !ok || math.Abs(read-value) > 0.0051*value {
			t.Fatalf("%g is written %q and read %g", value, text, read)
		}
		if Amount(read) != text {
			t.Fatalf("%q is read %g and written %q", text, read, Amount(read))
		}
	})
}

func TestValue(t *testing.T) {
	for text, want := range map[isms.Amount]float64{"0.5": 0.5, "20k": 20e3, "1M": 1e6, "500m": 0.5, "1e3": 1000, "0": 0, "1Ki": 1024} {
		if got, ok := Value(text); !ok || got != want {
			t.Errorf("%s: %g, want %g", text, got, want)
		}
	}
	for _, text := range []isms.Amount{"", "-1", "much", "1.2.3"} {
		if got, ok := Value(text); ok {
			t.Errorf("%q is read as %g", text, got)
		}
	}
}
