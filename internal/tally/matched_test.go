// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// TestDigestOfASet is what LC_ALL=C sort | sha256sum says of the lines.
func TestDigestOfASet(t *testing.T) {
	names := []Name{{"shop", "web"}, {"shop-2", "web"}, {"", "node-1"}, {"shop", ""}}
	const want = isms.Digest("sha256:3e603e360fdf41e14714c4f26d32884e61b7a480cea8665833f4a0279e94afa2")
	if got := DigestOf(names); got != want {
		t.Errorf("the digest is %s", got)
	}
	slices.Reverse(names)
	if got := DigestOf(names); got != want {
		t.Errorf("in another order the digest is %s", got)
	}
	if got := DigestOf(nil); got != "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the digest of nothing is %s", got)
	}
}

// TestMatchedIsWhatIsCounted: whatever comes and goes, the matched objects are the subjects that are counted, and their digest
// changes just where the set does.
func TestMatchedIsWhatIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, seen := NewTable[string](), map[string]isms.Digest{}
		table.AddColumn("rule")
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			key := Key{
				Namespace: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "namespace"), Name: fmt.Sprint(rapid.IntRange(0, 70).Draw(t, "name")),
			}
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				table.Delete(key)
			} else {
				table.Set("rule", table.Touch(key), Mark{Code: Code(rapid.IntRange(0, 3).Draw(t, "code")), Waives: uint32(rapid.IntRange(0, 1).Draw(t, "waives"))})
			}
			scope := []string{"a", "b"}
			matched := table.Matched("rule", scope)
			if want := table.Count("rule", Query{Namespaces: scope}).Subjects; len(matched) != want {
				t.Fatalf("%d are matched, %d counted", len(matched), want)
			}
			slices.SortFunc(matched, compareNames)
			set := fmt.Sprint(matched)
			if digest, known := seen[set]; known && digest != DigestOf(matched) {
				t.Fatalf("the digest of %s is not what it was", set)
			}
			seen[set] = DigestOf(matched)
		}
		digests := map[isms.Digest]bool{}
		for _, digest := range seen {
			if digests[digest] {
				t.Fatal("two sets have one digest")
			}
			digests[digest] = true
		}
	})
}
