// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"strings"
	"unicode"

	eastasian "golang.org/x/text/width"
)

// width is the number of columns that a text takes on a terminal (Unicode Standard Annex 11).
func width(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut is the longest beginning of a text that fits, at least one character.
func cut(text string, limit int) string {
	n := 0
	for i, r := range text {
		if n += runeWidth(r); n > limit && i > 0 {
			return text[:i]
		}
	}
	return text
}

// visible is a text on one line in which nothing can move the cursor, colour what follows or turn its direction: line
// breaks are blanks, all other control and format characters a replacement character.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.TrimSpace(text))
}
