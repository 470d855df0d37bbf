// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"strings"

	"github.com/isms-operator/isms-operator/internal/register"
)

// Paper is a text with headings and tables, to be read, printed or filled in.
type Paper struct {
	Title    string    `json:"title"`
	Lead     []string  `json:"lead,omitempty"`
	Sections []Section `json:"sections"`
}

// Section is a part of a paper: paragraphs, then a table. A table without rows is left out.
type Section struct {
	Title string   `json:"title"`
	Text  []string `json:"text,omitempty"`
	// Rows are those of the table, as Records.
	Rows Records `json:"rows"`
	// Code is text in another language, such as YAML, that is to be copied.
	Code string `json:"code,omitempty"`
}

// Markdown writes a paper as GitHub Flavored Markdown. What stands in a cell is text alone: nothing in it is markup.
func Markdown(w io.Writer, p Paper) error {
	var out strings.Builder
	out.WriteString("# " + inMarkdown(p.Title) + "\n")
	for _, line := range p.Lead {
		out.WriteString("\n" + inMarkdown(line) + "\n")
	}
	for _, s := range p.Sections {
		out.WriteString("\n## " + inMarkdown(s.Title) + "\n")
		for _, line := range s.Text {
			out.WriteString("\n" + inMarkdown(line) + "\n")
		}
		if len(s.Rows.Rows) > 0 {
			out.WriteByte('\n')
			markdownTable(&out, register.Table(s.Rows))
		}
		if s.Code != "" {
			out.WriteString("\n```yaml\n" + s.Code + "```\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func markdownTable(out *strings.Builder, t register.Table) {
	names, rule := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i], rule[i] = c.Name, "---"
		if c.Kind == register.Number {
			rule[i] = "--:"
		}
	}
	for _, row := range append([][]string{names, rule}, t.Rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inMarkdown(cell)
		}
		out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
}

// inMarkdown is a text on one line of which nothing is markup.
func inMarkdown(text string) string {
	const markup = "\\|`*[]~"
	var out strings.Builder
	for _, r := range visible(text) {
		switch {
		case r == '<':
			out.WriteString("&lt;")
			continue
		case strings.ContainsRune(markup, r):
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
