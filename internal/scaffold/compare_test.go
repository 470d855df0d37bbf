// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
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

// TestDiffIsAPatch: every diff makes the one file of the other, for whoever takes it by the letter as patch and git do:
// each hunk stands at its line, what it keeps and takes away is there, and its sizes are right.
// Source: IEEE Std 1003.1-2024, diff, "Diff -u Output Format".
func TestDiffIsAPatch(t *testing.T) {
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "", "d e"}), 0, 30), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		c := Change{Path: "f", Have: []byte(a), Want: []byte(b)}
		diff := c.Diff()
		if a == b {
			if diff != "" {
				t.Fatalf("there is a diff between equal files:\n%s", diff)
			}
			return
		}
		got, err := patched(a, diff)
		if err != nil || got != b {
			t.Fatalf("%q becomes %q, want %q (%v)\n%s", a, got, b, err, diff)
		}
	})
}

// patched applies a unified diff of one file.
func patched(text, diff string) (string, error) {
	from, rest := lines(text), lines(diff)
	if len(rest) < 2 || rest[0] != "--- a/f\n" || rest[1] != "+++ b/f\n" {
		return "", errors.New("no header")
	}
	var out []string
	at := 0 // of what is taken over
	for rest = rest[2:]; len(rest) > 0; {
		h, err := hunkOf(rest[0])
		if err != nil {
			return "", err
		}
		if h.from < at || h.from > len(from) {
			return "", fmt.Errorf("%s at line %d of %d", rest[0], at, len(from))
		}
		out = append(out, from[at:h.from]...)
		at = h.from
		if len(out) != h.to {
			return "", fmt.Errorf("%s is at line %d of what it makes", rest[0], len(out))
		}
		kept, made := 0, 0
		for rest = rest[1:]; len(rest) > 0 && rest[0][0] != '@'; rest = rest[1:] {
			line := rest[0][1:]
			if len(rest) > 1 && rest[1][0] == '\\' {
				line = strings.TrimSuffix(line, "\n")
			}
			switch op := rest[0][0]; {
			case op == '\\':
				continue
			case op != '+' && (at == len(from) || from[at] != line):
				return "", fmt.Errorf("%q is not at line %d", line, at)
			case op != '+':
				at, kept = at+1, kept+1
			}
			if rest[0][0] != '-' {
				out, made = append(out, line), made+1
			}
		}
		if kept != h.fromSize || made != h.toSize {
			return "", fmt.Errorf("a hunk of %d and %d lines says that it has %d and %d", kept, made, h.fromSize, h.toSize)
		}
	}
	return strings.Join(append(out, from[at:]...), ""), nil
}

// hunk is the header of one: how many lines stand before it in the one and the other file, and how many it has of them.
type hunk struct{ from, fromSize, to, toSize int }

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$`)

func hunkOf(line string) (hunk, error) {
	m := hunkHeader.FindStringSubmatch(line)
	if m == nil {
		return hunk{}, fmt.Errorf("%q is no header of a hunk", line)
	}
	number := func(text string, absent int) int {
		if text == "" {
			return absent
		}
		n, _ := strconv.Atoi(text)
		return n
	}
	h := hunk{number(m[1], 0), number(m[2], 1), number(m[3], 0), number(m[4], 1)}
	if h.fromSize > 0 {
		h.from--
	}
	if h.toSize > 0 {
		h.to--
	}
	return h, nil
}
