// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func files(pairs ...string) Files {
	f := Files{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = []byte(pairs[i+1])
	}
	return f
}

func digests(f Files) map[string]string {
	d := map[string]string{}
	for p, content := range f {
		d[p] = Digest(content)
	}
	return d
}

func TestCompare(t *testing.T) {
	want := files("edited", "1", "edited-moved", "2", "new", "1", "outdated", "2", "removed", "1", "same", "1", "foreign", "1")
	have := files("edited", "x", "edited-moved", "x", "outdated", "1", "same", "1", "obsolete", "1", "foreign", "x")
	written := digests(files("edited", "1", "edited-moved", "1", "outdated", "1", "removed", "1", "same", "1", "obsolete", "1", "gone", "1"))
	got := map[string]Status{}
	var moved []string
	changes := Compare(want, have, written)
	for _, c := range changes {
		got[c.Path] = c.Status
		if c.Moved {
			moved = append(moved, c.Path)
		}
	}
	if diff := cmp.Diff(map[string]Status{
		"edited": Edited, "edited-moved": Edited, "foreign": Edited, "new": New, "obsolete": Obsolete, "outdated": Outdated, "removed": Removed,
		"same": Same,
	}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"edited-moved", "outdated"}, moved); diff != "" {
		t.Error(diff)
	}
	for name, tc := range map[string]struct {
		choice Choice
		takes  string
	}{
		"nothing asked": {Choice{}, ""},
		"first":         {Choice{First: true}, "new"},
		"update":        {Choice{Update: true}, "new outdated"},
		"overwrite":     {Choice{Overwrite: func(p string) bool { return p != "new" }}, "edited edited-moved foreign outdated removed"},
	} {
		var takes []string
		for _, c := range changes {
			if tc.choice.Takes(c) {
				takes = append(takes, c.Path)
			}
		}
		if got := strings.Join(takes, " "); got != tc.takes {
			t.Errorf("%s takes %q, want %q", name, got, tc.takes)
		}
	}
}

// Whatever people do between two runs, the second takes nothing of theirs unasked, and a third run after it sees what the
// second left.
func TestNothingIsLost(t *testing.T) {
	names := []string{"a", "b", "c"}
	some := rapid.Custom(func(t *rapid.T) Files {
		f := Files{}
		for _, n := range names {
			if v := rapid.IntRange(0, 3).Draw(t, n); v > 0 {
				f[n] = []byte{byte('0' + v)}
			}
		}
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		first, have, second := some.Draw(t, "first"), some.Draw(t, "have"), some.Draw(t, "second")
		written := digests(first)
		choice := Choice{Update: rapid.Bool().Draw(t, "update")}
		changes := Compare(second, have, written)
		after := Files{}
		for p, content := range have {
			after[p] = content
		}
		for _, c := range changes {
			if !choice.Takes(c) {
				continue
			}
			if before, there := have[c.Path]; there && Digest(before) != written[c.Path] {
				t.Fatalf("%s was edited, and is overwritten", c.Path)
			}
			if _, there := have[c.Path]; !there && written[c.Path] != "" {
				t.Fatalf("%s was removed, and comes back", c.Path)
			}
			after[c.Path] = c.Want
		}
		for _, c := range Compare(second, after, Written(changes, choice, written)) {
			if choice.Takes(c) {
				t.Fatalf("the next run takes %s, which is %s", c.Path, c.Status)
			}
		}
	})
}

func TestStateReadsBack(t *testing.T) {
	state := State{Input: acme(), Files: map[string]string{"a.yaml": Digest(nil)}}
	text, err := state.Text()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadState(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state, got); diff != "" {
		t.Error(diff)
	}
	if _, err := ReadState([]byte("answers: {unheardOf: 1}")); err == nil {
		t.Error("a field that is not known is read")
	}
}

func TestDiff(t *testing.T) {
	c := Change{Path: "a.yaml", Have: []byte("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), Want: []byte("1\n2\n3\n4\nfive\n6\n7\n8\n9")}
	want := `--- a/a.yaml
+++ b/a.yaml
@@ -2,8 +2,8 @@
 2
 3
 4
-5
+five
 6
 7
 8
-9
+9
\ No newline at end of file
`
	if diff := cmp.Diff(want, c.Diff()); diff != "" {
		t.Error(diff)
	}
	if got := (Change{Path: "a", Want: []byte("x\n")}).Diff(); got != "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n" {
		t.Errorf("a new file is\n%s", got)
	}
	if got := (Change{Path: "a", Have: []byte("x"), Want: []byte("x")}).Diff(); got != "" {
		t.Errorf("equal files differ:\n%s", got)
	}
}

// Patch makes the one file of the other by every diff.
func TestDiffIsAPatch(t *testing.T) {
	patch, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no patch on this machine")
	}
	dir := t.TempDir()
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "", "d e"}), 1, 30), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(rt *rapid.T) {
		a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
		c := Change{Path: "f", Have: []byte(a), Want: []byte(b)}
		if a == b || a == "" || b == "" {
			return
		}
		file := filepath.Join(dir, "f")
		if err := os.WriteFile(file, []byte(a), 0o600); err != nil {
			rt.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), patch, "-s", "--no-backup-if-mismatch", file)
		command.Stdin = strings.NewReader(c.Diff())
		if out, err := command.CombinedOutput(); err != nil {
			rt.Fatalf("%v: %s\n%s", err, out, c.Diff())
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != b {
			rt.Fatalf("it becomes %q, want %q (%v)\n%s", got, b, err, c.Diff())
		}
	})
}
