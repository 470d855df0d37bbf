// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/filereport"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/scaffold"
)

// unread is the exit code where a file, or a document of one, could not be read, so that the verdicts are not about all.
const unread = 3

// Values of -o of check.
const (
	formatJUnit  = "junit"
	formatSARIF  = "sarif"
	formatGitHub = "github"
)

// checkFlags are those of check.
type checkFlags struct {
	session               *session
	format, failOn        choice
	controls              []string
	complete, objectsOnly bool
	noPodTemplates        bool
}

func newCheck(s *session) *cobra.Command {
	f := &checkFlags{
		session: s, format: choice{formatTable, []string{formatTable, formatWide, formatJSON, formatJUnit, formatSARIF, formatGitHub}},
		failOn: choice{string(filereport.Fail), filereport.Thresholds},
	}
	c := &cobra.Command{
		Use:   "check DIR|FILE|-...",
		Short: "Evaluate Controls on manifests before they are merged, without a cluster",
		Long: "check evaluates the Controls that it finds on the objects that it finds, as the operator would in a cluster: the same\n" +
			"rules, exceptions, scopes and verdicts. It reads YAML and JSON, Lists, and what kustomize or helm print; of a directory\n" +
			"the files below it that end in .yaml, .yml or .json, of - standard input. Nothing is asked of a cluster, so rights are\n" +
			"not checked, and what is not among the files is Unknown, unless --complete says that there is nothing else.\n\n" +
			"It ends with 0, with 1 when a verdict reaches --fail-on, with 2 when it is called in a way that it does not know, and\n" +
			"with 3 when something could not be read, or no Control is there. The rest is evaluated all the same.",
		Example: "  # Everything in a repository\n" +
			"  kubectl isms check .\n\n" +
			"  # What a chart makes, against the Controls of the ISMS\n" +
			"  helm template shop ./chart -n shop | kubectl isms check -n shop --controls isms/ --objects-only -\n\n" +
			"  # In a pipeline\n" +
			"  kustomize build overlays/prod | kubectl isms check --controls isms/ -o sarif - > isms.sarif",
		Args: arguments(cobra.MinimumNArgs(1), "files, directories, or - for standard input"),
		RunE: func(c *cobra.Command, paths []string) error { return f.run(c, paths) },
	}
	bindChoice(c, &f.format, "output", "o", "Format. wide names all objects, junit, sarif and github are for pipelines.")
	bindChoice(c, &f.failOn, "fail-on", "", "From which verdict on it ends with 1: an evidence item that fails, one that is unknown, too, "+
		"or a Control that is not Satisfied for any reason.")
	c.Flags().StringArrayVar(&f.controls, "controls", nil, "Read Controls and the rest of the ISMS from here, too; may be repeated. "+
		"Other objects in it are not evaluated.")
	c.Flags().BoolVar(&f.complete, "complete", false, "The files hold all there is: what they do not hold does not exist.")
	c.Flags().BoolVar(&f.objectsOnly, "objects-only", false, "Leave documents and attestations out.")
	c.Flags().BoolVar(&f.noPodTemplates, "no-pod-templates", false, "Evaluate rules on Pods on Pods alone, not on those that workloads "+
		"among the files make.")
	return c
}

func (f *checkFlags) run(c *cobra.Command, paths []string) error {
	input := &spool{in: c.InOrStdin(), seen: map[string]bool{}}
	defer input.remove()
	var sources filecheck.Sources
	for _, each := range []struct {
		names []string
		into  *[]manifest.Source
	}{{paths, &sources.Objects}, {f.controls, &sources.Controls}} {
		for _, name := range each.names {
			found, err := input.sources(name)
			if err != nil {
				return err
			}
			*each.into = append(*each.into, slices.DeleteFunc(found, input.known)...)
		}
	}
	report, err := filecheck.Run(c.Context(), sources, filecheck.Options{
		Namespace: f.session.namespace(), Complete: f.complete, ObjectsOnly: f.objectsOnly,
		NoPodTemplates: f.noPodTemplates, Now: f.session.now(),
	})
	if err != nil {
		return err
	}
	if err := f.show(c.OutOrStdout(), report); err != nil {
		return err
	}
	reached := filereport.Reached(report, filereport.Threshold(f.failOn.value))
	switch {
	case len(report.Errors) > 0:
		return exit{unread, fmt.Sprintf("could not read: %d", len(report.Errors))}
	case len(report.Controls) == 0:
		return exit{unread, "no Control was evaluated: read those of the ISMS with --controls"}
	case reached != "":
		return unmet(reached)
	}
	return nil
}

func (f *checkFlags) show(out io.Writer, r *filecheck.Report) error {
	switch f.format.value {
	case formatJSON:
		return filereport.JSON(out, r)
	case formatJUnit:
		return filereport.JUnit(out, r, filereport.Threshold(f.failOn.value))
	case formatSARIF:
		return filereport.SARIF(out, r, version())
	case formatGitHub:
		return filereport.GitHub(out, r)
	}
	return filereport.Table(out, r, f.session.text(out), f.format.value == formatWide)
}

// release is the version that the program was built as, of which `make release` tells it: -ldflags "-X main.release=v0.1.0".
var release string

// version is that of the release, or of the module where the program was built as one.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return ""
}

// spool finds the streams of paths. What can be read only once, such as standard input, goes to a file first: files are
// read twice, and held in memory not at all.
type spool struct {
	in    io.Reader
	files []string
	seen  map[string]bool
}

// known says that a file was given before, as such or within a directory: it is read as what it was given for first.
func (s *spool) known(source manifest.Source) bool {
	path, err := filepath.Abs(source.Name)
	if err != nil {
		return false
	}
	before := s.seen[path]
	s.seen[path] = true
	return before
}

func (s *spool) remove() {
	for _, name := range s.files {
		_ = os.Remove(name) // It lies in the system's folder for such files.
	}
}

func (s *spool) sources(path string) ([]manifest.Source, error) {
	if path == "-" {
		kept, err := s.keep(s.in)
		return []manifest.Source{{Name: "stdin", Open: opener(kept)}}, err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return []manifest.Source{{Name: path, Open: opener(path)}}, nil //nolint:nilerr // reported as what can't be read
	case info.IsDir():
		return below(path)
	case !info.Mode().IsRegular():
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // It was only read.
		kept, err := s.keep(file)
		return []manifest.Source{{Name: path, Open: opener(kept)}}, err
	}
	return []manifest.Source{{Name: path, Open: opener(path)}}, nil
}

func (s *spool) keep(in io.Reader) (string, error) {
	file, err := os.CreateTemp("", "kubectl-isms-")
	if err != nil {
		return "", fmt.Errorf("keep standard input: %w", err)
	}
	s.files = append(s.files, file.Name())
	_, err = io.Copy(file, in)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("keep standard input: %w", err)
	}
	return file.Name(), nil
}

func opener(name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return os.Open(name) }
}

// notManifests are files that tools of Kubernetes read, or this one, and that hold no objects.
var notManifests = []string{"kustomization.yaml", "kustomization.yml", "Chart.yaml", "values.yaml", scaffold.StateFile}

// below are the manifests of a directory, in the order of their names. Hidden directories are left out, and what is not
// applied as it stands.
func below(path string) ([]manifest.Source, error) {
	var out []manifest.Source
	err := filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, manifest.Source{Name: name, Open: func() (io.ReadCloser, error) { return nil, err }})
			return nil
		case entry.IsDir():
			if hidden := name != path && entry.Name()[0] == '.'; hidden || notApplied(name) {
				return filepath.SkipDir
			}
			return nil
		case !slices.Contains(exportNames, filepath.Ext(name)), slices.Contains(notManifests, entry.Name()):
			return nil
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			out = append(out, manifest.Source{Name: name, Open: opener(name)})
		}
		return nil
	})
	return out, err
}

// notApplied says that a directory holds what is no manifest yet: the templates of a Helm chart, or the forms and samples
// of an ISMS that init has written.
func notApplied(dir string) bool {
	beside := func(name string) bool {
		_, err := os.Stat(filepath.Join(filepath.Dir(dir), name))
		return err == nil
	}
	switch filepath.Base(dir) {
	case "templates":
		return beside("Chart.yaml") || beside(scaffold.StateFile)
	case "gitops":
		return beside(scaffold.StateFile)
	}
	return false
}
