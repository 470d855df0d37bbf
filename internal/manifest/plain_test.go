// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// ordinary are documents that must be read without the full parser.
var ordinary = map[string]string{
	"nothing":            "# only a comment\n\n",
	"scalars":            "a: b\nc: 1\nd: -5\ne: true\nf: yes\ng: ~\nh:\ni: 10.0.0.1\nj: 100m\nk: 1.10\nl: 0x1F\nm: 0777\nnn: 1_000\no: 2026-11-21\np: 2026-11-21T00:00:00Z\n",
	"text that is not":   "a: yesterday\nb: nullable\nc: 1.2.3\nd: 5d9c7b8f6\ne: 1e3x\nf: off-by-one\ng: -flag\nh: --flag=x\ni: a#b\nj: http://x:80/\nk: <none>\n",
	"quoted":             `a: "x \"y\" \\ \n z"` + "\nb: 'it''s'\nc: \"\"\nd: ''\n\"e f\": 1\n'g': 2\n",
	"nested":             "a:\n  b:\n    c: d\n  e: f\ng: h\n",
	"sequence":           "a:\n- b\n- c: d\n  e: f\n-   g: h\n    i: j\n- - k\n  - l\n-\n  m: n\n-\n",
	"sequence, then key": "a:\n- b\n- c: d\n  e:\n  - f\n  g: h\ni: j\n",
	"deeper sequence":    "a:\n  - b\n  - c\nd: e\n",
	"comments":           "# first\na: b # why\n  # within\nc: # also\n  d: e\n\n# last\n",
	"flow":               "a: {}\nb: []\nc: [x, 1, 'y z', \"w\"]\nd: {e: f, g: [h], i: {j: 2}}\n",
	"literal":            "a: |\n  x\n    y\n\n  z: \"q\" \\\nb: |-\n  x\nc: |+\n  x\n\nd:\n- |\n  in a list\n- e\n",
	"folded":             "a: >-\n  x\n  y\n\n  z\n    deeper\n  back\nb: >\n  x\n\nc: >+\n  x\n\nd: e\n",
	"flow with signs":    "a: [b@c, d>e, 'f', g|h]\n",
	"letters beyond":     "a: Größe\nü: ☃\n",
	"without last break": "a: b",
	"an item":            "- apiVersion: v1\n  kind: Pod\n",
	"indented":           "  a: b\n  c:\n  - d\n",
}

// unusual are documents for the full parser, most of them in error.
var unusual = map[string]string{
	"anchor": "a: &x 1\nb: *x\n", "tag": "a: !!str 1\n", "merge": "a: {b: 1}\n<<: {c: 2}\n", "explicit depth": "a: >1\n  b\n  c\n",
	"tab": "a:\tb\n", "carriage return": "a: b\r\n", "two lines": "a: b\n  c\n", "open quote": "a: \"b\n  c\"\n", "flow over lines": "a: [b,\n  c]\n",
	"duplicate": "a: 1\na: 2\n", "duplicate in flow": "a: {b: 1, b: 2}\n", "duplicate in quotes": "a: 1\n\"a\": 2\n", "number as key": "1: a\n", "word as key": "on: a\n",
	"complex key": "? a\n: b\n", "null": "a: \x00\n", "not text": "a: \xff\n", "next line": "a: b\u0085c\n", "directive": "%YAML 1.2\n", "reserved": "a: @b\n",
	"colon within": "a: b: c\n", "sequence with a key": "- a\nb: c\n", "deeper with a key": "a:\n  - b\n  c: d\n", "misplaced": "a:\n    b: c\n  d: e\n", "a scalar": "hello\n", "depth given": "a: |2\n   b\n", "infinite": "a: .inf\n", "minus infinite": "a: -.inf\n",
	"deep": strings.Repeat("- ", 300) + "a\n", "too much behind": "a: 'b' c\n", "escape": `a: "\u0041\/"` + "\n", "colon in flow": "a: {b:c}\n", "empty in flow": "a: {b: }\n",
	"end of document": "a: b\n...\nc: d\n", "less deep": "a: |\n   x\n  y\nb: c\n", "blank too deep": "a: |\n     \n  x\nb: c\n", "equals": "=: a\n",
}

func TestPlainDocuments(t *testing.T) {
	for name, text := range ordinary {
		if !agrees(t, []byte(text)) {
			t.Errorf("%s: left to the full parser:\n%s", name, text)
		}
	}
	for name, text := range unusual {
		if agrees(t, []byte(text)) {
			t.Errorf("%s: read without the full parser:\n%s", name, text)
		}
	}
}

// agrees says whether a document is plain, and fails where it then reads other than the full parser reads it.
func agrees(t *testing.T, text []byte) bool {
	t.Helper()
	var p plain
	before := []byte("before")
	got, ok := p.transcode(text, before)
	if !bytes.HasPrefix(got, before) || !ok && len(got) != len(before) {
		t.Errorf("what stood before is changed: %q", got)
	}
	if !ok {
		return false
	}
	got = got[len(before):]
	want, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Errorf("the full parser refuses it: %v\n%s", err, text)
		return true
	}
	if len(got) == 0 {
		got = []byte("null")
	}
	if !sameJSON(t, got, want) {
		t.Errorf("%s\nread as  %s\nfully as %s", text, got, want)
	}
	return true
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	for text, v := range map[*[]byte]*any{&a: &x, &b: &y} {
		d := json.NewDecoder(bytes.NewReader(*text))
		d.UseNumber()
		if err := d.Decode(v); err != nil {
			t.Errorf("%v: %s", err, *text)
		}
	}
	return reflect.DeepEqual(x, y)
}

// The manifests of this repository are read alike, and nearly all without the full parser.
func TestManifestsOfTheRepository(t *testing.T) {
	plainly, all := 0, 0
	for _, folder := range []string{"../../config", "../../hack/demo"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for part := range bytes.SplitSeq(text, []byte("\n---")) {
				all++
				if agrees(t, append(part, '\n')) {
					plainly++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d documents are plain", plainly, all)
	if all == 0 || plainly*2 < all {
		t.Errorf("only %d of %d documents are plain", plainly, all)
	}
}

func FuzzPlain(f *testing.F) {
	for _, all := range []map[string]string{ordinary, unusual} {
		for _, text := range all {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 1<<12 {
			agrees(t, text)
		}
	})
}
