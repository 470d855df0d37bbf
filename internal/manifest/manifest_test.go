// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// read lists what a stream holds, a line each: the place of an object with its kind and name, of what is no object, and
// of what can't be read.
func read(t *testing.T, in io.Reader) []string {
	t.Helper()
	var mu sync.Mutex
	type found struct {
		Place
		text string
	}
	var all []found
	note := func(p Place, format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, found{p, fmt.Sprintf("%d/%d:%d ", p.Document, p.Item, p.Line) + fmt.Sprintf(format, args...)})
	}
	r := Reader{
		Workers: 3,
		Object:  func(_ int, o *Object) { note(o.Place, "%s %s %s", o.APIVersion, o.Kind, named(o.JSON)) },
		Other:   func(_ int, p Place) { note(p, "other") },
		Failed:  func(_ int, err *Error) { note(err.Place, "error %s", err.Message) },
	}
	err := r.Read(context.Background(), []Source{{Name: "file", Open: func() (io.ReadCloser, error) { return io.NopCloser(in), nil }}})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b found) int {
		if a.Before(b.Place) {
			return -1
		}
		return 1
	})
	var out []string
	for _, f := range all {
		out = append(out, f.text)
	}
	return out
}

func named(text []byte) string {
	var o struct{ Metadata struct{ Name string } }
	if err := json.Unmarshal(text, &o); err != nil {
		return err.Error()
	}
	return o.Metadata.Name
}

const podYAML = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\n"

func pod(name string) string { return fmt.Sprintf(podYAML, name) }

func TestRead(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"nothing":                           {"", nil},
		"documents":                         {"# top\n---\n" + pod("a") + "---\n# only a comment\n---\n\n# b\n" + pod("b") + "--- # more\n" + pod("c"), []string{"1/0:3 v1 Pod a", "2/0:12 v1 Pod b", "3/0:17 v1 Pod c"}},
		"carriage returns, byte order mark": {"\xef\xbb\xbf" + strings.ReplaceAll(pod("a")+"---\n"+pod("b"), "\n", "\r\n"), []string{"1/0:1 v1 Pod a", "2/0:6 v1 Pod b"}},
		"end markers and directives":        {"%YAML 1.1\n---\n" + pod("a") + "...\n---\n" + pod("b"), []string{"1/0:3 v1 Pod a", "2/0:9 v1 Pod b"}},
		"list": {
			"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n# why\n- kind: Pod\n  apiVersion: v1\n  metadata: {name: b}\nkind: List\n---\n" + pod("c"),
			[]string{"1/1:3 v1 Pod a", "1/2:7 v1 Pod b", "2/0:12 v1 Pod c"},
		},
		"indented list": {
			"apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n",
			[]string{"1/1:4 v1 Pod a", "1/2:7 v1 Pod b"},
		},
		"list in flow":                 {"{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}\n", []string{"1/1:1 v1 Pod a"}},
		"items without kind":           {"apiVersion: v1\nkind: List\nitems:\n- a: b\n", []string{"1/1:4 error needs both apiVersion and kind"}},
		"items that are no list":       {"apiVersion: v1\nkind: Shop\nmetadata: {name: x}\nitems:\n- a\n", []string{"1/0:1 v1 Shop x"}},
		"no object":                    {"a: b\n---\n- a\n---\nhello\n", []string{"1/0:1 other", "2/0:3 error is no object but a list or a single value", "3/0:5 error is no object but a list or a single value"}},
		"half an object":               {"kind: Pod\n", []string{"1/0:1 error needs both apiVersion and kind"}},
		"errors":                       {pod("a") + "  bad: [\n---\n" + pod("b") + "---\na: 1\na: 2\n---\na: @x\n", []string{"1/0:5 error did not find expected node content", "2/0:7 v1 Pod b", `3/0:13 error key "a" already set in map`, "4/0:15 error found character that cannot start any token"}},
		"json":                         {`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}` + "\n---\n" + `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"}b"}}`, []string{"1/0:1 v1 Pod a", "2/0:3 v1 Pod }b"}},
		"json list":                    {"{\"apiVersion\": \"v1\",\n\"items\": [\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}},\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}\n],\n\"kind\": \"List\"}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"}}", []string{"1/1:3 v1 Pod a", "1/2:4 v1 Pod b", "2/0:7 v1 Pod c"}},
		"json that is no list":         {`{"apiVersion":"v1","items":[{"a":1}],"kind":"Shop"}`, []string{`1/0:1 error has items, but its kind "Shop" is no List`, "1/1:1 error needs both apiVersion and kind"}},
		"json with a key twice":        {`{"apiVersion":"v1","kind":"Pod","kind":"Secret"}`, []string{`1/0:1 error duplicate field "kind"`}},
		"json that ends early":         {`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a`, []string{"1/0:1 error found unexpected end of stream"}},
		"other encodings":              {"\xff\xfea\x00", []string{"0/0:1 error is not UTF-8 but UTF-16: save it as UTF-8"}},
		"binary":                       {"\x7fELF\x00\x01", []string{"1/0:1 error is no text: it has a zero byte"}},
		"a kind that is no text":       {"apiVersion: v1\nkind: 1\n", []string{"1/0:1 error needs both apiVersion and kind"}},
		"aliases that explode":         {bomb(), []string{"1/0:1 error is larger than 4 MiB with its aliases in place"}},
		"aliases":                      {"a: &x {apiVersion: v1}\n<<: *x\nkind: Pod\nmetadata: {name: z}\n", []string{"1/0:1 v1 Pod z"}},
		"an alias of itself":           {"a: &x [*x]\n", []string{"1/0:1 error is larger than 4 MiB with its aliases in place"}},
		"deep nesting":                 {strings.Repeat("[", 20000), []string{"1/0:1 error exceeded max depth of 10000"}},
		"deep json":                    {strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000), []string{"1/0:1 error exceeded max depth of 10000"}},
		"very many values":             {"a: [" + strings.Repeat(",", 400000) + "]\n---\n" + pod("b"), []string{"1/0:1 error has too many values for one object, more than about 300000", "2/0:3 v1 Pod b"}},
		"a document that is too large": {"a: " + strings.Repeat("x", MaxDocument*2) + "\n---\n" + pod("b"), []string{"1/0:1 error is larger than 4 MiB, more than an API server accepts", "2/0:3 v1 Pod b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, read(t, strings.NewReader(tt.text))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(tt.text) < 1<<16 {
				if d := cmp.Diff(tt.want, read(t, iotest.OneByteReader(strings.NewReader(tt.text)))); d != "" {
					t.Errorf("a byte at a time (-want +got):\n%s", d)
				}
			}
		})
	}
}

// bomb doubles a text thirty times.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	return b.String()
}

// Streams that are larger than any buffer are read whole, however they are written.
func TestLargeStreams(t *testing.T) {
	const n = 3000
	filler := strings.Repeat("y", 900)
	forms := map[string]func(b *strings.Builder){
		"documents": func(b *strings.Builder) {
			for i := range n {
				fmt.Fprintf(b, podYAML+"spec:\n  x: %s\n---\n", fmt.Sprintf("p%d", i), filler)
			}
		},
		"list": func(b *strings.Builder) {
			b.WriteString("apiVersion: v1\nitems:\n")
			for i := range n {
				fmt.Fprintf(b, "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p%d\n  spec:\n    x: %s\n", i, filler)
			}
			b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
		},
		"json list": func(b *strings.Builder) {
			b.WriteString(`{"apiVersion": "v1", "items": [`)
			for i := range n {
				fmt.Fprintf(b, `%s{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d"},"spec":{"x":%q}}`, strings.Repeat(",\n", min(i, 1)), i, filler)
			}
			b.WriteString(`], "kind": "List"}`)
		},
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			form(&b)
			got := read(t, strings.NewReader(b.String()))
			if len(got) != n {
				t.Fatalf("%d objects, want %d; the first: %v", len(got), n, got[:min(3, len(got))])
			}
			for i, g := range got {
				if !strings.HasSuffix(g, fmt.Sprintf(" v1 Pod p%d", i)) {
					t.Fatalf("object %d is %s", i, g)
				}
			}
		})
	}
	t.Run("a large list that is none", func(t *testing.T) {
		var b strings.Builder
		forms["list"](&b)
		text := strings.Replace(b.String(), "kind: List", "kind: Shop", 1)
		got := read(t, strings.NewReader(text))
		if len(got) != n+1 || got[0] != `1/0:18003 error has items, but its kind "Shop" is no List` {
			t.Errorf("%d, the first %v", len(got), got[:1])
		}
	})
}

// A stream that breaks off is an error of its own, and the next goes on.
func TestStreamsThatFail(t *testing.T) {
	sources := []Source{
		{"absent", func() (io.ReadCloser, error) {
			return nil, &fs.PathError{Op: "open", Path: "absent", Err: errors.New("no such file")}
		}},
		{"broken", func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(pod("a")), iotest.ErrReader(errors.New("disk gone")))), nil
		}},
		{"good", func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(pod("b"))), nil }},
	}
	var mu sync.Mutex
	var got []string
	note := func(s string) { mu.Lock(); defer mu.Unlock(); got = append(got, s) }
	r := Reader{
		Workers: 1, Object: func(_ int, o *Object) { note(o.Place.String()) }, Other: func(int, Place) {},
		Failed: func(_ int, err *Error) { note(err.Error()) },
	}
	if err := r.Read(context.Background(), sources); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := []string{"absent: can't be read: no such file", "broken:1: can't be read: disk gone", "good:1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// FuzzRead holds that nothing makes the reader fail, and that a stream reads the same however it arrives.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n---\na: b\n...\n", `{"items":[{"a":1}],"kind":"List"}`, "--- |\n  x\n---\n",
		bomb(), "\xef\xbb\xbf%YAML 1.1\n---\na: b", "items:\n  - a\n - b\nkind: List\napiVersion: v1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 {
			return
		}
		whole := read(t, bytes.NewReader(text))
		if d := cmp.Diff(whole, read(t, iotest.OneByteReader(bytes.NewReader(text)))); d != "" {
			t.Errorf("(-whole +a byte at a time):\n%s", d)
		}
	})
}
