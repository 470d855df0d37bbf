// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

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
		out.WriteString("\n" + paragraph(line) + "\n")
	}
	for _, s := range p.Sections {
		out.WriteString("\n## " + inMarkdown(s.Title) + "\n")
		for _, line := range s.Text {
			out.WriteString("\n" + paragraph(line) + "\n")
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

// Markup that depends on what stands around it (CommonMark 0.31, 2.5, 4.1, 4.2, 5.1 and 5.2): entities, and what makes a block
// of a line that begins with it. The backslash goes before the last character.
var (
	entity = regexp.MustCompile(`^&#?[0-9A-Za-z]+;`)
	block  = regexp.MustCompile(`^(#|>|[+-] |---|[0-9]{1,9}[.)] )`)
)

// paragraph is a text on a line of its own, which begins no list, heading or the like.
func paragraph(text string) string {
	text = inMarkdown(text)
	if at := len(strings.TrimSpace(block.FindString(text))) - 1; at >= 0 {
		text = text[:at] + `\` + text[at:]
	}
	return text
}

// inMarkdown is a text on one line of which nothing is markup.
func inMarkdown(text string) string {
	const markup = "\\|`*[]~"
	text = visible(text)
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == '<':
			out.WriteString("&lt;")
			continue
		case r == '&' && entity.MatchString(text[i:]):
			out.WriteString("&amp;")
			continue
		case strings.ContainsRune(markup, r), r == '_' && !withinWord(text, i):
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// withinWord says whether a character has letters or digits on both sides: there an underscore emphasizes nothing.
func withinWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i+1:])
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return word(before) && word(after)
}
