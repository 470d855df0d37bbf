// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// The texts in which little differs, each at the path that it has in the directory, with an ending.
//
//go:embed all:files
var fixed embed.FS

const (
	fixedRoot   = "files"
	fixedEnding = ".tmpl"
)

// values are what the texts read.
type values struct {
	Answers      Answers
	Operator     Account
	Repository   Repository
	Keep         []string
	Kinds        []string
	Reader       string
	Companions   string
	Attestations []due
	LeftOut      []leftOut
	Local        []string
	Controls     int
	Rules        int
	Documents    int
	Label        string
}

func (r *rendering) values() values {
	a := r.in.Answers
	v := values{
		Answers: a, Operator: r.in.Cluster.Operator, Attestations: r.toAttest(), LeftOut: r.leftOut(), Controls: len(r.written),
		Documents: len(starter.Documents()),
		Repository: Repository{
			URL:    cmp.Or(a.Repository.URL, starter.Blank("https address of the repository")),
			Branch: cmp.Or(a.Repository.Branch, "main"), Path: cmp.Or(a.Repository.Path, "."),
		},
		// Those that people write, but for records of the past the operator has its own.
		Kinds: []string{"ISMSScope", "Control", "AuditCycle", "Risk", "Document", "RegisterEntry", "Attestation", "Finding"},
	}
	v.Reader, v.Companions = clusterRoles(a)
	if len(a.Namespaces) == 0 {
		key, value := a.ScopeLabel()
		v.Label = key + "=" + value
	}
	for _, key := range slices.Sorted(maps.Keys(keep)) {
		v.Keep = append(v.Keep, fmt.Sprintf("%s: %s", key, scalar(keep[key])))
	}
	for _, p := range starter.Parameters() {
		if p.Local == isms.Yes {
			v.Local = append(v.Local, p.Name)
		}
	}
	for _, c := range r.written {
		for _, e := range c.Spec.Evidence {
			if e.Resources != nil {
				v.Rules++
			}
		}
	}
	return v
}

// fixed adds the rest of the directory.
func (r *rendering) fixed() error {
	v := r.values()
	return fs.WalkDir(fixed, fixedRoot, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fixed.ReadFile(name)
		if err != nil {
			return err
		}
		file := strings.TrimSuffix(strings.TrimPrefix(name, fixedRoot+"/"), fixedEnding)
		t, err := template.New(path.Base(name)).Option("missingkey=error").Funcs(template.FuncMap{
			"scalar": func(s any) string { return scalar(fmt.Sprint(s)) }, "join": strings.Join, "blank": starter.Blank,
		}).Parse(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		var out bytes.Buffer
		if err := t.Execute(&out, v); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.files[file] = out.Bytes()
		return nil
	})
}
