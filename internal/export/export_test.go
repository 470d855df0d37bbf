// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/internal/register"
)

func table(rows ...[]string) register.Table {
	return register.Table{Name: "gap-register", Columns: []register.Column{
		{Name: "ID"},
		{Name: "Title", Kind: register.Prose},
		{Name: "Effort (days)", Kind: register.Number},
		{Name: "Controls", Kind: register.List},
		{Name: "Review due", Kind: register.Date},
		{Name: "On time", Kind: register.State},
	}, Rows: rows}
}

var sample = table(
	[]string{"A.8.22", "Segregation of <networks> & more", "3", "A.8.20, A.8.21", "2027-01-31", "False, Overdue"},
	[]string{"9.2", "", "", "", "", "True, OnTime"},
)

func text(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFormats(t *testing.T) {
	want := `[{"id":"A.8.22","title":"Segregation of <networks> & more","effortDays":3,"controls":["A.8.20","A.8.21"],` +
		`"reviewDue":"2027-01-31","onTime":"False, Overdue"},` +
		`{"id":"9.2","title":"","effortDays":null,"controls":[],"reviewDue":"","onTime":"True, OnTime"}]`
	var compact bytes.Buffer
	asJSON := text(t, func(w *bytes.Buffer) error { return JSON(w, Records(sample)) })
	if err := json.Compact(&compact, []byte(asJSON)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, compact.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var fromJSON, fromYAML any
	if err := json.Unmarshal([]byte(asJSON), &fromJSON); err != nil {
		t.Fatal(err)
	}
	asYAML := text(t, func(w *bytes.Buffer) error { return YAML(w, Records(sample)) })
	if err := yaml.Unmarshal([]byte(asYAML), &fromYAML); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("YAML says something else than JSON (-JSON +YAML):\n%s", diff)
	}
	wantCSV := "ID,Title,Effort (days),Controls,Review due,On time\n" +
		"A.8.22,Segregation of <networks> & more,3,\"A.8.20, A.8.21\",2027-01-31,\"False, Overdue\"\n" +
		"9.2,,,,,\"True, OnTime\"\n"
	if diff := cmp.Diff(wantCSV, text(t, func(w *bytes.Buffer) error { return CSV(w, sample) })); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	if got := text(t, func(w *bytes.Buffer) error { return JSON(w, Records(table())) }); got != "[]\n" {
		t.Errorf("a table without rows is %q", got)
	}
}

// TestCSVRunsNothing: no cell begins as a formula does, and each reads as it was but for the apostrophe.
func TestCSVRunsNothing(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1 day", "-2+3", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A0"} {
		rows, err := csv.NewReader(strings.NewReader(text(t, func(w *bytes.Buffer) error {
			return CSV(w, table([]string{"x", cell, "-3", "", "", ""}))
		}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][1]; got != "'"+cell {
			t.Errorf("%q is written as %q", cell, got)
		}
		if got := rows[1][2]; got != "-3" {
			t.Errorf("the number -3 is written as %q", got)
		}
	}
}

func TestTable(t *testing.T) {
	want := `ID       TITLE                              EFFORT (DAYS)   CONTROLS         REVIEW DUE   ON TIME
A.8.22   Segregation of <networks> & more   3               A.8.20, A.8.21   2027-01-31   False, Overdue
9.2                                                                                       True, OnTime
`
	if diff := cmp.Diff(want, text(t, func(w *bytes.Buffer) error { return Text{}.Table(w, sample) })); diff != "" {
		t.Errorf("as wide as it is (-want +got):\n%s", diff)
	}
	want = `ID       TITLE           EFFORT   CONTROLS         REVIEW DUE   ON TIME
                         (DAYS)
A.8.22   Segregation     3        A.8.20, A.8.21   2027-01-31   False, Overdue
         of <networks>
         & more
9.2                                                             True, OnTime
`
	if diff := cmp.Diff(want, text(t, func(w *bytes.Buffer) error { return Text{Width: 78}.Table(w, sample) })); diff != "" {
		t.Errorf("in 78 columns (-want +got):\n%s", diff)
	}
	coloured := text(t, func(w *bytes.Buffer) error { return Text{Paint: ANSI}.Table(w, sample) })
	for _, part := range []string{"\x1b[1mTITLE\x1b[0m", "\x1b[31mFalse, Overdue\x1b[0m", "\x1b[32mTrue, OnTime\x1b[0m"} {
		if !strings.Contains(coloured, part) {
			t.Errorf("in colours there is no %q:\n%s", part, coloured)
		}
	}
}

// TestTableOfAnything: whatever the cells hold, a table in a width has no line wider than that, loses no letter, and
// sends nothing to the terminal but text and line feeds.
func TestTableOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.String().Draw(t, "cell")
		limit := rapid.IntRange(100, 140).Draw(t, "width")
		var out bytes.Buffer
		err := Text{Width: limit}.Table(&out, table([]string{"x", cell, "", cell, "", ""}))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if width(line) > limit {
				t.Fatalf("%d columns in %d: %q", width(line), limit, line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Fatalf("a control character: %q", line)
			}
		}
		for _, word := range strings.Fields(visible(cell)) {
			for _, r := range word {
				if !strings.ContainsRune(out.String(), r) {
					t.Fatalf("%q is lost of %q:\n%s", r, cell, out.String())
				}
			}
		}
	})
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "Prüfung": 7, "情報": 4, "e\u0301": 1} {
		if got := width(text); got != want {
			t.Errorf("%q is %d columns wide, want %d", text, got, want)
		}
	}
	if got := visible("a\x1b[31mb\nc\u202ed\x00"); got != "a\ufffd[31mb c\ufffdd\ufffd" {
		t.Errorf("%q", got)
	}
}

// TestICS: lines are at most 75 octets, text is escaped, and unfolding gives it back.
func TestICS(t *testing.T) {
	events := []DayEvent{
		{On: "2026-12-04", Summary: "Prüfung; " + strings.Repeat("größer, ", 20), Description: "a\nEND:VEVENT", Key: "x"},
		{On: "no day", Summary: "left out"},
	}
	got := text(t, func(w *bytes.Buffer) error {
		return ICS(w, "isms/acme", events, time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	})
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(got, "\r\n ", "")
	for _, want := range []string{
		"\r\nDTSTART;VALUE=DATE:20261204\r\nDTEND;VALUE=DATE:20261205\r\n", "\r\nDTSTAMP:20261121T100000Z\r\n",
		"\r\nSUMMARY:Prüfung\\; größer\\, größer\\, ", "\r\nDESCRIPTION:a END:VEVENT\r\n",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %q in\n%s", want, whole)
		}
	}
	if strings.Contains(whole, "left out") || strings.Count(whole, "\r\nEND:VEVENT\r\n") != 1 {
		t.Errorf("%s", whole)
	}
}

// TestMarkdownOfWhatPeopleWrote: no text of an object is markup, wherever it stands in a paper.
func TestMarkdownOfWhatPeopleWrote(t *testing.T) {
	for text, want := range map[string]string{
		"Acme GmbH":                  "Acme GmbH",
		"a|b `c` *d* [e](f) <g>":     "a\\|b \\`c\\` \\*d\\* \\[e\\](f) &lt;g>",
		"_all_ of max_age and __x__": `\_all\_ of max_age and \_\_x\_\_`,
		"R&D, &copy; and &#60;":      "R&D, &amp;copy; and &amp;#60;",
		"# Title":                    `\# Title`,
		"> said":                     `\> said`,
		"- one":                      `\- one`,
		"--- ":                       `--\-`,
		"12. one":                    `12\. one`,
		"-1 and 2.5":                 "-1 and 2.5",
		"ISO/IEC 27001, 9.2.2":       "ISO/IEC 27001, 9.2.2",
	} {
		var out strings.Builder
		if err := Markdown(&out, Paper{Title: "T", Lead: []string{text}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(out.String(), "# T\n\n"); got != want+"\n" {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}
