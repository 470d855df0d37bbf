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
	// minWidth is what is left of a column that gives way, if it had as much.
	minWidth = 12
)

// Text lays tables and paragraphs out for people.
type Text struct {
	// Width of the lines, in columns of the terminal; 0: lines are as long as they are.
	Width int
	// Paint colours text; nil: no colours.
	Paint func(Tone, string) string
}

// Table writes a table with its header. Where the lines would be wider than Width, the widest columns of text give way,
// and their cells are broken between words. Characters that would control a terminal are shown as a replacement.
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

// widths are those of the columns, after the widest have given way.
func (x Text) widths(columns []register.Column, rows [][]string) []int {
	widths := make([]int, len(columns))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	if x.Width <= 0 {
		return widths
	}
	total := gap * (len(columns) - 1)
	for _, n := range widths {
		total += n
	}
	for total > x.Width {
		widest := -1
		for i, c := range columns {
			if givesWay(c.Kind) && widths[i] > max(minWidth, width(c.Name)) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func givesWay(kind register.Kind) bool {
	return slices.Contains([]register.Kind{register.Text, register.Prose, register.List}, kind)
}

// row writes one row, which takes as many lines as its highest cell.
func (x Text) row(out *strings.Builder, columns []register.Column, widths []int, row []string, header bool) {
	cells, height := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = []string{cell}
		if !header && givesWay(columns[i].Kind) {
			cells[i] = wrap(cell, widths[i])
		}
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
