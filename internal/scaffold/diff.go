// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"slices"
	"strings"
)

// Lines of context around a change, and the number of pairs of lines up to which a diff looks for what is common. Above
// it, which no manifest reaches, everything counts as changed.
const (
	around   = 3
	maxPairs = 1 << 24
)

// Diff is the unified diff from what is there to what would be rendered; empty where they are equal.
func (c Change) Diff() string {
	from, to := "a/"+c.Path, "b/"+c.Path
	if c.Have == nil {
		from = "/dev/null"
	}
	if c.Want == nil {
		to = "/dev/null"
	}
	return unified(from, to, string(c.Have), string(c.Want))
}

// edit is one line of a diff: kept (' '), taken away ('-') or added ('+').
type edit struct {
	op   byte
	line string
}

func unified(from, to, a, b string) string {
	if a == b {
		return ""
	}
	edits := compareLines(lines(a), lines(b))
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", from, to)
	for start := 0; start < len(edits); {
		first := next(edits, start)
		if first < 0 {
			break
		}
		end := first
		for following := next(edits, end); following >= 0 && following-end <= 2*around; following = next(edits, end) {
			end = following + 1
		}
		writeHunk(&out, edits, max(first-around, start), min(end+around, len(edits)))
		start = min(end+around, len(edits))
	}
	return out.String()
}

// next is the index of the first change from here on, or -1.
func next(edits []edit, from int) int {
	for i := from; i < len(edits); i++ {
		if edits[i].op != ' ' {
			return i
		}
	}
	return -1
}

func writeHunk(out *strings.Builder, edits []edit, from, to int) {
	aLine, bLine := position(edits[:from])
	aSize, bSize := position(edits[from:to])
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(aLine, aSize), span(bLine, bSize))
	for _, e := range edits[from:to] {
		out.WriteByte(e.op)
		out.WriteString(e.line)
		if !strings.HasSuffix(e.line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// position counts the lines of both sides.
func position(edits []edit) (a, b int) {
	for _, e := range edits {
		if e.op != '+' {
			a++
		}
		if e.op != '-' {
			b++
		}
	}
	return a, b
}

// span is the range of a hunk: its first line counts from 1, but an empty range names the line before it.
func span(before, size int) string {
	switch size {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprintf("%d", before+1)
	}
	return fmt.Sprintf("%d,%d", before+1, size)
}

// lines splits a text behind each newline.
func lines(s string) []string {
	list := strings.SplitAfter(s, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// compareLines turns a into b, keeping a longest common subsequence of lines.
func compareLines(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	edits := slices.Concat(head, middle(a, b))
	for i := len(tail) - 1; i >= 0; i-- {
		edits = append(edits, tail[i])
	}
	return edits
}

func middle(a, b []string) []edit {
	var edits []edit
	common := commonLengths(a, b)
	i, j := 0, 0
	for i < len(a) && j < len(b) && common != nil {
		switch {
		case a[i] == b[j]:
			edits = append(edits, edit{' ', a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			edits = append(edits, edit{'-', a[i]})
			i++
		default:
			edits = append(edits, edit{'+', b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		edits = append(edits, edit{'-', a[i]})
	}
	for ; j < len(b); j++ {
		edits = append(edits, edit{'+', b[j]})
	}
	return edits
}

// commonLengths are the lengths of the longest common subsequences of a[i:] and b[j:]; nil where there are too many.
func commonLengths(a, b []string) [][]int32 {
	if (len(a)+1)*(len(b)+1) > maxPairs {
		return nil
	}
	lengths := make([][]int32, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}
