// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package explain

import "strings"

// parts splits an expression at the && that join it, so that one can say which of them does not hold. An expression that
// is joined by || or ?: at its outermost is one part, and so is what can't be told apart.
func parts(expression string) []string {
	var found []string
	depth, start := 0, 0
	for i := 0; i < len(expression); {
		rest := expression[i:]
		switch c := rest[0]; {
		case c == '\'' || c == '"':
			n := literal(rest, raw(expression[:i]))
			if n == 0 {
				return []string{strings.TrimSpace(expression)}
			}
			i += n
			continue
		case strings.HasPrefix(rest, "//"):
			return []string{strings.TrimSpace(expression)} // A comment; rare in a manifest.
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case depth == 0 && strings.HasPrefix(rest, "&&"):
			found = append(found, strings.TrimSpace(expression[start:i]))
			start = i + 2
			i++
		case depth == 0 && (strings.HasPrefix(rest, "||") || c == '?' && !optional(expression[:i])):
			return []string{strings.TrimSpace(expression)}
		}
		i++
	}
	return append(found, strings.TrimSpace(expression[start:]))
}

// optional says whether a question mark belongs to a selection such as object.?spec.
func optional(before string) bool { return strings.HasSuffix(before, ".") }

// raw says whether a string literal that begins here is raw: its backslashes escape nothing.
func raw(before string) bool {
	letters := len(before) - len(strings.TrimRight(before, "rRbB"))
	return letters > 0 && strings.ContainsAny(before[len(before)-letters:], "rR")
}

// literal is the length of the string literal with which a text begins; 0 where it does not end.
func literal(text string, raw bool) int {
	quote := text[:1]
	if three := strings.Repeat(quote, 3); strings.HasPrefix(text, three) {
		quote = three
	}
	for i := len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\' && !raw:
			i++
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		}
	}
	return 0
}
