// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sampling

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func numbered(n int) []Item {
	var list []Item
	for i := range n {
		list = append(list, Item{ID: fmt.Sprintf("review-%d", i), Group: fmt.Sprint(i % 3)})
	}
	return list
}

// recipe is the one of docs/auditcycle.md, from a file with the population on.
const recipe = `LC_ALL=C sort population | sha256sum
while read -r id; do
  printf '%s %s\n' "$(printf '%s\n%s' "$seed" "$id" | sha256sum | cut -d' ' -f1)" "$id"
done < population | LC_ALL=C sort | head -n "$size" | cut -d' ' -f2
`

// TestRecipeIsDocumented: what the test of the recipe runs is what the page says.
func TestRecipeIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/auditcycle.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), recipe) {
		t.Errorf("docs/auditcycle.md does not have the recipe\n%s", recipe)
	}
}

// TestDrawIsRepeatedByHand runs the recipe of the docs, where its tools are installed.
func TestDrawIsRepeatedByHand(t *testing.T) {
	for _, tool := range []string{"sh", "sort", "sha256sum", "head", "cut"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	population := numbered(41)
	var ids []string
	for _, item := range population {
		ids = append(ids, item.ID)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", "cat > population\n"+recipe)
	command.Dir = t.TempDir()
	command.Env = []string{"PATH=/usr/bin:/bin", "seed=acme 2026-Q3", "size=7"}
	command.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	digest := strings.TrimPrefix(string(Digest(population)), "sha256:") + "  -"
	if diff := cmp.Diff(append([]string{digest}, Draw("acme 2026-Q3", population, 7)...), lines); diff != "" {
		t.Errorf("by the code and by hand (-code +hand):\n%s", diff)
	}
}

// TestDrawStays: what a seed draws must be the same in all versions, or nobody can repeat it.
func TestDrawStays(t *testing.T) {
	want := []string{"review-34", "review-23", "review-14"}
	if diff := cmp.Diff(want, Draw("seed", numbered(41), 3)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDrawProperties: a draw has no item twice and none from elsewhere, does not depend on the order of the population, and
// goes on where a shorter one ends.
func TestDrawProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		population := numbered(rapid.IntRange(0, 60).Draw(t, "population"))
		seed, n := rapid.String().Draw(t, "seed"), rapid.IntRange(0, 70).Draw(t, "size")
		drawn := Draw(seed, population, n)
		if len(drawn) != min(n, len(population)) {
			t.Fatalf("%d drawn", len(drawn))
		}
		unique := slices.Compact(slices.Sorted(slices.Values(drawn)))
		known := func(id string) bool { return slices.Contains(population, Item{ID: id, Group: groupOf(population, id)}) }
		if len(unique) != len(drawn) || !slices.Equal(unique, slices.DeleteFunc(slices.Clone(unique), func(id string) bool { return !known(id) })) {
			t.Fatalf("drawn: %v", drawn)
		}
		shuffled := rapid.Permutation(population).Draw(t, "order")
		if !slices.Equal(drawn, Draw(seed, shuffled, n)) || Digest(population) != Digest(shuffled) {
			t.Fatal("the order of the population counts")
		}
		if longer := Draw(seed, population, n+1); !slices.Equal(drawn, longer[:len(drawn)]) {
			t.Fatal("a longer draw begins otherwise")
		}
		each := DrawEach(seed, population, 100)
		if len(each) != Groups(population) {
			t.Fatalf("%d of %d groups", len(each), Groups(population))
		}
	})
}

func groupOf(population []Item, id string) string {
	i := slices.IndexFunc(population, func(x Item) bool { return x.ID == id })
	if i < 0 {
		return "none"
	}
	return population[i].Group
}

// TestDrawIsFair: each item is drawn about as often as any other, within five standard deviations.
func TestDrawIsFair(t *testing.T) {
	const items, size, draws = 20, 5, 4000
	times := map[string]int{}
	for i := range draws {
		for _, id := range Draw(fmt.Sprint("seed ", i), numbered(items), size) {
			times[id]++
		}
	}
	const p = float64(size) / items
	for id, n := range times {
		if math.Abs(float64(n)-draws*p) > 5*math.Sqrt(draws*p*(1-p)) {
			t.Errorf("%s is drawn %d times of %d, want about %.0f", id, n, draws, draws*p)
		}
	}
	if len(times) != items {
		t.Errorf("%d items were drawn at all", len(times))
	}
}

// TestDigestTellsPopulationsApart also where their ids run together.
func TestDigestTellsPopulationsApart(t *testing.T) {
	if Digest([]Item{{ID: "ab"}, {ID: "c"}}) == Digest([]Item{{ID: "a"}, {ID: "bc"}}) {
		t.Error("one digest for two populations")
	}
	const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got := Digest(nil); got != empty {
		t.Errorf("of nothing: %s", got)
	}
}

// TestSizeByFrequency follows the table that docs/auditcycle.md shows.
func TestSizeByFrequency(t *testing.T) {
	for _, tc := range []struct {
		frequency        isms.SampleFrequency
		population, want int
	}{
		{isms.FrequencyAnnual, 1, 1},
		{isms.FrequencyQuarterly, 4, 2},
		{isms.FrequencyMonthly, 12, 2},
		{isms.FrequencyWeekly, 52, 5},
		{isms.FrequencyDaily, 250, 25},
		{isms.FrequencyManyPerDay, 4000, 25},
		{isms.FrequencyAutomated, 3, 3},
		{isms.FrequencyQuarterly, 1, 1},
		{isms.FrequencyDaily, 7, 7},
		{isms.FrequencyWeekly, 0, 0},
		{isms.FrequencyAdHoc, 0, 0},
		{isms.FrequencyAdHoc, 4, 4},
		{isms.FrequencyAdHoc, 5, 5},
		{isms.FrequencyAdHoc, 49, 5},
		{isms.FrequencyAdHoc, 50, 5},
		{isms.FrequencyAdHoc, 51, 6},
		{isms.FrequencyAdHoc, 240, 24},
		{isms.FrequencyAdHoc, 241, 25},
		{isms.FrequencyAdHoc, 9000, 25},
	} {
		if got := SizeByFrequency(tc.frequency, tc.population); got != tc.want {
			t.Errorf("%s of %d: %d, want %d", tc.frequency, tc.population, got, tc.want)
		}
	}
}

// TestSizeByConfidence: the sizes that tables of attribute sampling give, without a deviation, for large populations by the
// binomial distribution, for small ones by the hypergeometric one.
func TestSizeByConfidence(t *testing.T) {
	const large = 10_000_000
	for _, tc := range []struct{ confidence, tolerable, population, want int }{
		{90, 10, large, 22},
		{90, 5, large, 45},
		{95, 10, large, 29},
		{95, 5, large, 59},
		{99, 5, large, 90},
		{90, 10, 12, 8},
		{90, 10, 52, 16},
		{90, 10, 250, 21},
		{95, 5, 1, 1},
		{95, 5, 0, 0},
	} {
		if got := SizeByConfidence(tc.confidence, tc.tolerable, tc.population); got != tc.want {
			t.Errorf("%d %% and %d %% of %d: %d, want %d", tc.confidence, tc.tolerable, tc.population, got, tc.want)
		}
	}
}
