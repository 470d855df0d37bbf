// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"strings"
	"testing"
)

// conjuncts are the conditions that an expression joins by && at its top, or the expression itself.
func conjuncts(expression string) []string {
	var out []string
	depth, from, quote := 0, 0, byte(0)
	for i := range len(expression) {
		c := expression[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth == 0 && strings.HasPrefix(expression[i:], "||"):
			return []string{expression}
		case depth == 0 && strings.HasPrefix(expression[i:], "&&"):
			out = append(out, strings.TrimSpace(expression[from:i]))
			from = i + len("&&")
		}
	}
	return append(out, strings.TrimSpace(expression[from:]))
}

// without gives the expression without each of its conditions in turn; the last one can't be left out.
func withoutEach(expression string) map[string]string {
	out := map[string]string{}
	all := conjuncts(expression)
	for i, c := range all {
		if len(all) > 1 {
			out[c] = strings.Join(append(append([]string{}, all[:i]...), all[i+1:]...), " && ")
		}
	}
	return out
}

// TestEachConditionCounts: a check that lacks one of its conditions judges some object of its example otherwise. So the
// examples show what each condition is for, and no condition is there for nothing.
func TestEachConditionCounts(t *testing.T) {
	for _, k := range Checks() {
		e := readExample(t, k.Name)
		for condition, rest := range withoutEach(k.Resources.Expect) {
			weaker := k
			weaker.Resources.Expect = rest
			mustDiffer(t, e, weaker, "expect: "+condition)
		}
		for condition, rest := range withoutEach(k.Resources.Where) {
			weaker := k
			weaker.Resources.Where = rest
			mustDiffer(t, e, weaker, "where: "+condition)
		}
		if k.Resources.Where != "" {
			weaker := k
			weaker.Resources.Where = ""
			mustDiffer(t, e, weaker, "where")
		}
		if k.Resources.LabelSelector != nil {
			weaker := k
			weaker.Resources.LabelSelector = nil
			mustDiffer(t, e, weaker, "labelSelector")
		}
	}
}

func mustDiffer(t *testing.T, e example, weaker Check, condition string) {
	t.Helper()
	if len(e.wrong(t, weaker)) == 0 {
		t.Errorf("%s: no object shows what this is for: %s", weaker.Name, condition)
	}
}
