// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"slices"
	"strings"

	"github.com/isms-operator/isms-operator/internal/register"
)

const (
	gap = 3 // between two columns, as kubectl has it
	// minWidth is the least that is left for a paragraph.
	minWidth = 12
	// longWord is broken where a column gives way; a shorter one stays whole.
	longWord = 30
)

// Text lays tables and paragraphs out for people.
type Text struct {
	// Width of the lines, in columns of the terminal; 0: lines are as long as they are.
	Width int
	// Paint colours text; nil: no colours.
	Paint func(Tone, string) string
}

// Table writes a table with its header. Where the lines would be wider than Width, headers are broken between words, then
// the widest columns of text give way, and their cells are broken between words too. Characters that would control a
// terminal are shown as a replacement.
func (x Text) Table(w io.Writer, t register.Table) error {
	rows := make([][]string, 0, len(t.Rows)+1)
	rows = append(rows, nil)
	for _, c := range t.Columns {
		rows[0] = append(rows[0], strings.ToUpper(c.Name))
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = visible(cell)
		}
		rows = append(rows, cells)
	}
	widths := x.widths(t.Columns, rows)
	var out strings.Builder
	for i, row := range rows {
		x.row(&out, t.Columns, widths, row, i == 0)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// widths are those of the columns, after they have given way.
func (x Text) widths(columns []register.Column, rows [][]string) []int {
	widths, cells, least := make([]int, len(columns)), make([]int, len(columns)), make([]int, len(columns))
	for i, c := range columns {
		for _, row := range rows[1:] {
			cells[i] = max(cells[i], width(row[i]))
			if givesWay(c.Kind) {
				least[i] = max(least[i], min(longest(row[i]), longWord))
			}
		}
		widths[i] = max(cells[i], width(rows[0][i]))
		cells[i] = max(cells[i], longest(rows[0][i]))
		if least[i] = max(least[i], longest(rows[0][i])); !givesWay(c.Kind) {
			least[i] = cells[i]
		}
	}
	if x.Width > 0 {
		narrow(widths, cells, x.Width) // Only headers are broken.
		narrow(widths, least, x.Width)
	}
	return widths
}

// narrow takes from the widest column, one by one, until all fit, but leaves each its least.
func narrow(widths, least []int, limit int) {
	total := gap * (len(widths) - 1)
	for _, n := range widths {
		total += n
	}
	for ; total > limit; total-- {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// longest is the width of the longest word.
func longest(text string) int {
	n := 0
	for _, word := range strings.Fields(text) {
		n = max(n, width(word))
	}
	return n
}

func givesWay(kind register.Kind) bool {
	return slices.Contains([]register.Kind{register.Text, register.Prose, register.List}, kind)
}

// row writes one row, which takes as many lines as its highest cell.
func (x Text) row(out *strings.Builder, columns []register.Column, widths []int, row []string, header bool) {
	cells, height := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = wrap(cell, widths[i])
		height = max(height, len(cells[i]))
	}
	for line := range height {
		pending := 0 // blanks that are written only if something follows
		for i := range cells {
			text := ""
			if line < len(cells[i]) {
				text = cells[i][line]
			}
			if text != "" {
				out.WriteString(strings.Repeat(" ", pending))
				out.WriteString(x.cell(columns[i].Kind, text, header))
				pending = 0
			}
			pending += widths[i] - width(text) + gap
		}
		out.WriteByte('\n')
	}
}

func (x Text) cell(kind register.Kind, text string, header bool) string {
	switch {
	case x.Paint == nil:
		return text
	case header:
		return x.Paint(Strong, text)
	case kind == register.State:
		return x.Paint(ToneOf(text), text)
	}
	return text
}

// Tint colours text, where there are colours.
func (x Text) Tint(tone Tone, text string) string {
	if x.Paint == nil {
		return text
	}
	return x.Paint(tone, text)
}

// Fact writes a label and what there is to say, broken into lines that stand below each other. The label takes the width
// that is given, the indent included; a tone colours the first word.
func (x Text) Fact(w io.Writer, indent, labelled int, label, text string, tone Tone) error {
	lines := []string{visible(text)}
	if x.Width > 0 {
		lines = wrap(lines[0], max(x.Width-labelled, minWidth))
	}
	if word, rest, _ := strings.Cut(lines[0], " "); tone != Plain {
		lines[0] = strings.TrimSuffix(x.Tint(tone, word)+" "+rest, " ")
	}
	label = strings.Repeat(" ", indent) + visible(label)
	label += strings.Repeat(" ", max(labelled-width(label), 1))
	_, err := io.WriteString(w, label+strings.Join(lines, "\n"+strings.Repeat(" ", labelled))+"\n")
	return err
}

// wrap breaks a line between words; a word that is too long by itself is cut.
func wrap(text string, limit int) []string {
	if width(text) <= limit {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= limit:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
		for width(line) > limit {
			head := cut(line, limit)
			lines, line = append(lines, head), line[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
