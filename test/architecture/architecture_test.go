// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package architecture holds tests of the repository's shape: which package may import which, which packages are pure,
// and what each Go file looks like.
package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modulePath = "github.com/isms-operator/isms-operator"
	maxLines   = 450
	header     = "// Copyright 2026 The isms-operator Authors.\n// SPDX-License-Identifier: Apache-2.0\n"
)

// mayImport names what each package may import of this module, besides itself. A package that is not named here may
// import nothing of it: a new one is written down here first. `*` allows whatever is not forbidden to all.
var mayImport = map[string][]string{
	"api/v1alpha1":        {},
	"internal/catalogue":  {"api/v1alpha1"},
	"internal/check":      {"api/v1alpha1", "internal/wire"},
	"internal/wire":       {},
	"internal/conditions": {"api/v1alpha1"},
	"internal/ledger":     {"api/v1alpha1"},
	"internal/operation":  {"api/v1alpha1", "internal/ledger"},
	"internal/risk":       {"api/v1alpha1"},
	"internal/sampling":   {"api/v1alpha1"},
	"internal/tally":      {"api/v1alpha1", "internal/check"},
	"internal/assess": {
		"api/v1alpha1", "internal/catalogue", "internal/check", "internal/conditions", "internal/risk", "internal/tally",
	},
	"internal/readiness": {
		"api/v1alpha1", "internal/catalogue", "internal/check", "internal/conditions", "internal/tally", "internal/assess",
		"internal/operation", "internal/sampling",
	},
	"internal/register": {"api/v1alpha1", "internal/assess", "internal/catalogue", "internal/conditions", "internal/readiness"},
	"internal/brief": {
		"api/v1alpha1", "internal/assess", "internal/catalogue", "internal/conditions", "internal/export", "internal/readiness",
		"internal/register",
	},
	"internal/explain": {
		"api/v1alpha1", "internal/assess", "internal/catalogue", "internal/check", "internal/conditions", "internal/export",
		"internal/readiness", "internal/rule", "internal/tally",
	},
	"internal/export":  {"internal/register"},
	"internal/starter": {"api/v1alpha1", "internal/catalogue"},
	"internal/guard":   {},
	"internal/watch":   {"api/v1alpha1", "internal/check", "internal/wire"},
	"internal/rule":    {"api/v1alpha1", "internal/check", "internal/guard", "internal/tally"},
	"internal/engine": {
		"api/v1alpha1", "internal/check", "internal/guard", "internal/rule", "internal/tally", "internal/watch",
	},
	"internal/kube":    {"api/v1alpha1", "internal/conditions"},
	"internal/metrics": {"api/v1alpha1", "internal/engine", "internal/ledger", "internal/ledgerstore"},
	"internal/ledgerstore": {
		"api/v1alpha1", "internal/ledger",
	},
	"cmd/kubectl-isms": {
		"api/v1alpha1", "internal/brief", "internal/conditions", "internal/explain", "internal/export", "internal/filecheck",
		"internal/filereport",
		"internal/ledger", "internal/manifest", "internal/readiness", "internal/register", "internal/rule",
		"internal/tally",
		"internal/scaffold", "internal/starter", "internal/workdir",
	},
	"internal/manifest": {},
	"internal/filecheck": {
		"api/v1alpha1", "internal/assess", "internal/catalogue", "internal/check", "internal/conditions", "internal/manifest",
		"internal/rule", "internal/tally",
	},
	"internal/filereport": {
		"api/v1alpha1", "internal/conditions", "internal/export", "internal/filecheck", "internal/manifest", "internal/register",
	},
	"internal/scaffold": {"api/v1alpha1", "internal/catalogue", "internal/conditions", "internal/starter"},
	"internal/workdir":  {},
	"controllers":       {"*"},
	".":                 {"*", "controllers", "internal/engine"},
}

// Only these wire everything together.
var notForControllers = []string{"internal/engine", "internal/testenv"}

// pure packages decide; they are handed everything and reach for nothing.
var pure = []string{
	"internal/sampling",
	"internal/catalogue", "internal/check", "internal/tally", "internal/conditions", "internal/risk", "internal/assess",
	"internal/readiness", "internal/register", "internal/export", "internal/ledger", "internal/rule", "internal/starter",
	"internal/operation", "internal/brief", "internal/explain", "internal/scaffold", "internal/manifest",
	"internal/wire",
}

// A pure package imports none of these packages, and nothing of these modules, directly.
var (
	impurePackages = []string{
		"os", "os/exec", "os/signal", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand",
	}
	impureModules = []string{"k8s.io/client-go", "sigs.k8s.io/controller-runtime"}
)

// Nor may these be among its dependencies. The CEL libraries of k8s.io/apiserver, which internal/check uses, come with
// packages that know net/http; a client is what they must not bring.
var impureDependencies = []string{
	"k8s.io/client-go/kubernetes", "k8s.io/client-go/dynamic", "k8s.io/client-go/discovery", "k8s.io/client-go/informers",
	"sigs.k8s.io/controller-runtime",
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// name is the package's path below the module root; "." is the root.
func (p goPackage) name() string { return short(p.ImportPath) }

func short(importPath string) string {
	if importPath == modulePath {
		return "."
	}
	return strings.TrimPrefix(importPath, modulePath+"/")
}

func ours(importPath string) bool {
	return importPath == modulePath || strings.HasPrefix(importPath, modulePath+"/")
}

// ownImports are the imports of this module's packages, shortened.
func (p goPackage) ownImports() []string {
	var own []string
	for _, path := range p.Imports {
		if ours(path) {
			own = append(own, short(path))
		}
	}
	return own
}

func TestImportDirections(t *testing.T) {
	for _, p := range shipped(t) {
		for _, imported := range p.ownImports() {
			if !allowed(p.name(), imported) {
				t.Errorf("%s must not import %s", p.name(), imported)
			}
		}
	}
}

func allowed(importer, imported string) bool {
	list := mayImport[importer]
	if slices.Contains(list, imported) {
		return true
	}
	return slices.Contains(list, "*") && imported != "controllers" && !slices.Contains(notForControllers, imported)
}

func TestAllowed(t *testing.T) {
	tests := map[[2]string]bool{
		{"internal/assess", "internal/tally"}:     true,
		{"internal/tally", "internal/assess"}:     false,
		{"internal/assess", "internal/engine"}:    false,
		{"internal/unheard-of", "api/v1alpha1"}:   false,
		{"controllers", "internal/assess"}:        true,
		{"controllers", "internal/engine"}:        false,
		{".", "controllers"}:                      true,
		{".", "internal/engine"}:                  true,
		{"internal/kube", "controllers"}:          false,
		{"api/v1alpha1", "internal/conditions"}:   false,
		{".", "internal/testenv"}:                 false,
		{"internal/readiness", "internal/assess"}: true,
	}
	for pair, want := range tests {
		if got := allowed(pair[0], pair[1]); got != want {
			t.Errorf("%s imports %s: allowed is %t, want %t", pair[0], pair[1], got, want)
		}
	}
}

func TestPurity(t *testing.T) {
	for _, p := range shipped(t) {
		if !slices.Contains(pure, p.name()) {
			continue
		}
		for _, path := range p.Imports {
			if slices.Contains(impurePackages, path) || under(path, impureModules) {
				t.Errorf("%s is pure and must not import %s", p.name(), path)
			}
		}
		for _, path := range p.Deps {
			if under(path, impureDependencies) {
				t.Errorf("%s is pure and must not depend on %s", p.name(), path)
			}
		}
	}
}

// under tells whether the import path is one of the prefixes or lies below one.
func under(path string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	})
}

func TestAPIImportsApimachineryOnly(t *testing.T) {
	for _, p := range shipped(t) {
		if !strings.HasPrefix(p.name(), "api/") {
			continue
		}
		for _, path := range p.Imports {
			standard := !strings.Contains(strings.SplitN(path, "/", 2)[0], ".")
			if !standard && !strings.HasPrefix(path, "k8s.io/apimachinery/") {
				t.Errorf("%s must not import %s", p.name(), path)
			}
		}
	}
}

func TestNoPackageForWhatBelongsNowhere(t *testing.T) {
	for _, p := range list(t, "./...") {
		switch filepath.Base(p.name()) {
		case "utils", "util", "helpers", "common", "misc":
			t.Errorf("%s: name a package after what it provides", p.name())
		}
	}
}

func TestFiles(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(root(t), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "bin" || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		checked++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		checkFile(t, path, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Fatal("no Go file found")
	}
}

func checkFile(t *testing.T, path string, text []byte) {
	t.Helper()
	generated := bytes.Contains(text, []byte("\n// Code generated by "))
	if !bytes.Contains(text[:min(len(text), 200)], []byte(header)) {
		t.Errorf("%s does not begin with the licence header of hack/boilerplate.go.txt", path)
	}
	if lines := codeLines(text); !generated && lines > maxLines {
		t.Errorf("%s has %d lines of code, more than %d: split it", path, lines, maxLines)
	}
}

// codeLines counts neither blank lines nor comments: documentation makes no file too long.
func codeLines(text []byte) int {
	count := 0
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			count++
		}
	}
	return count
}

// shipped are the packages of the operator itself, without test helpers and developers' programs.
func shipped(t *testing.T) []goPackage {
	t.Helper()
	var packages []goPackage
	for _, p := range list(t, "./...") {
		top, _, _ := strings.Cut(p.name(), "/")
		if top != "hack" && top != "test" && p.name() != "internal/testenv" {
			packages = append(packages, p)
		}
	}
	if len(packages) == 0 {
		t.Fatal("no packages found")
	}
	return packages
}

func list(t *testing.T, patterns ...string) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, patterns...)...)
	command.Dir = root(t)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
