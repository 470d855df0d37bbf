// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// stringConstants maps the names of a file's string constants to their values.
func stringConstants(t *testing.T, file *ast.File) map[string]string {
	t.Helper()
	constants := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			literal, ok := spec.Values[i].(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s is not a literal", name.Name)
			}
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			constants[name.Name] = value
		}
		return false
	})
	return constants
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestConstantsAreNamedAfterTheirValue(t *testing.T) {
	for file, prefix := range map[string]string{"conditions.go": "Condition", "reasons.go": "Reason"} {
		for name, value := range stringConstants(t, parse(t, file)) {
			if name != prefix+value {
				t.Errorf("%s: %s = %q", file, name, value)
			}
		}
	}
}

var (
	statusList = regexp.MustCompile(`(?:True|False|Unknown): ([^.]*)\.`)
	reasonWord = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
)

// TestReasonsOfConditionsExist reads the comments of the conditions: each lists reasons by status, and each of those
// must have a constant.
func TestReasonsOfConditionsExist(t *testing.T) {
	known := map[string]bool{}
	for _, value := range stringConstants(t, parse(t, "reasons.go")) {
		known[value] = true
	}
	listed := 0
	for _, comment := range parse(t, "conditions.go").Comments {
		text := strings.Join(strings.Fields(comment.Text()), " ")
		for _, match := range statusList.FindAllStringSubmatch(text, -1) {
			for _, word := range strings.Split(match[1], ", ") {
				if !reasonWord.MatchString(word) {
					continue
				}
				listed++
				if !known[word] {
					t.Errorf("%s is listed in a comment, and is no constant in reasons.go", word)
				}
			}
		}
	}
	if listed < 100 {
		t.Errorf("%d reasons are listed with the conditions, want at least 100", listed)
	}
}

// TestReasonsAreExplained: docs/troubleshooting.md has each reason once, and none that is not there.
func TestReasonsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]int{}
	for line := range strings.Lines(string(page)) {
		text := line
		if strings.HasPrefix(line, "|") {
			text = strings.SplitN(line, "|", 3)[1] // the column of the reasons
		} else if !strings.HasPrefix(line, "- **") && !strings.HasPrefix(line, "  `") {
			continue
		}
		for _, name := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(text, -1) {
			explained[name[1]]++
		}
	}
	for _, reason := range stringConstants(t, parse(t, "reasons.go")) {
		if explained[reason] != 1 {
			t.Errorf("the page has %s %d times, want once", reason, explained[reason])
		}
		delete(explained, reason)
	}
	for name := range explained {
		t.Errorf("the page explains %s, which is no reason", name)
	}
}
