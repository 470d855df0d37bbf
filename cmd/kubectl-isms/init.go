// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/starter"
	"github.com/isms-operator/isms-operator/internal/workdir"
)

const defaultNamespace = "isms"

// initFlags are the answers that were given on the command line, and what to do with the result.
type initFlags struct {
	organization, statement, scope, stage2On  string
	people, namespaces, companions, overwrite []string
	repository                                scaffold.Repository
	offline, update, dryRun                   bool
}

func newInit(s *session) *cobra.Command {
	var f initFlags
	command := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write the manifests and texts that a new ISMS begins with",
		Long: "Write a directory of manifests and texts that a new ISMS begins with: the scope, a Control for each of the 93 controls of\n" +
			"Annex A with the evidence that your cluster can give today, documents with texts to fill in, forms for records, the\n" +
			"certification cycle, the rights of the account that reads evidence, and samples for Argo CD and Flux. Nothing in it\n" +
			"says that anything is done.\n\n" +
			"It looks at the cluster, and changes nothing there: which kinds are served, which namespaces there are, where the operator\n" +
			"runs. On a terminal it asks for the few things that it can't see; flags answer them too.\n\n" +
			"Run again, it shows how the directory differs from what it would write now, and writes nothing unless --update or\n" +
			"--overwrite say so. Answers and what was seen are kept in " + scaffold.StateFile + ".",
		Example: "  kubectl isms init isms\n" +
			"  kubectl isms init isms --organization 'Acme GmbH' --person 'SecurityOfficer=R. Roe <r.roe@example.com>'\n" +
			"  kubectl isms init isms --update",
		Args: arguments(cobra.MaximumNArgs(1), "one directory"),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return initialize(c, s, &f, dir, len(args) == 1)
		},
	}
	f.bind(command)
	return command
}

func (f *initFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.organization, "organization", "", "Name of the organization that runs the ISMS.")
	flags.StringVar(&f.statement, "statement", "", "Scope as it is to stand on the certificate: what is done, where, for whom.")
	flags.StringVar(&f.scope, "scope", "",
		"Name of the ISMSScope; by default made of the organization's. Its namespace is that of -n, or "+defaultNamespace+".")
	flags.StringArrayVar(&f.people, "person", nil,
		"Who holds a role, as ROLE=NAME or 'ROLE=NAME <ADDRESS>'; may be repeated. Roles: "+strings.Join(roleNames(), ", ")+".")
	flags.StringSliceVar(&f.namespaces, "in-scope", nil,
		"Namespaces that are in scope; by default those that are there, but for the system's, the operator's and the ISMS's own.")
	flags.StringVar(&f.stage2On, "stage2-on", "", "Day that is wished for Stage 2, YYYY-MM-DD: writes a plan that ends with it.")
	flags.StringVar(&f.repository.URL, "repository", "",
		"Address of the Git repository, for the samples; by default the remote origin of the directory's.")
	flags.StringVar(&f.repository.Branch, "branch", "", "Branch of the repository; by default the one that is checked out.")
	flags.StringVar(&f.repository.Path, "repository-path", "", "Path of the directory in the repository.")
	flags.StringSliceVar(&f.companions, "companion", nil,
		"With --offline: a project whose kinds the cluster serves; may be repeated. One of: "+strings.Join(scaffold.Companions(), ", ")+".")
	flags.BoolVar(&f.offline, "offline", false, "Look at no cluster: take what was seen last, or the kinds of Kubernetes itself.")
	flags.BoolVar(&f.update, "update", false, "Take what has changed into files that nobody has edited, and write new ones.")
	flags.StringArrayVar(&f.overwrite, "overwrite", nil,
		"Write this file of the directory anew though it was edited or removed; or a pattern such as 'controls/*'; may be repeated.")
	flags.BoolVar(&f.dryRun, "dry-run", false, "Write nothing; show what would be.")
}

func roleNames() []string {
	var names []string
	for _, r := range starter.Roles() {
		names = append(names, r.Name)
	}
	return names
}

// initialize gathers the input, renders, compares and writes.
func initialize(c *cobra.Command, s *session, f *initFlags, dir string, named bool) error {
	if err := f.check(); err != nil {
		return usageError{err}
	}
	d, state, err := openWork(dir, named, f.dryRun)
	if err != nil {
		return err
	}
	if d != nil {
		defer func() { _ = d.Close() }() // What was written is synced.
	}
	in, err := f.gather(c, s, state, dir, onTerminal(c))
	if err != nil {
		return err
	}
	files, err := scaffold.Render(in)
	if err != nil {
		return usageError{err}
	}
	w := initWork{out: c.OutOrStdout(), dir: dir, work: d, before: state, dryRun: f.dryRun}
	return w.apply(scaffold.State{Input: in}, files, scaffold.Choice{First: state == nil, Update: f.update, Overwrite: matcher(f.overwrite)})
}

// check finds what is wrong with the flags before anything is looked at.
func (f *initFlags) check() error {
	if len(f.companions) > 0 && !f.offline {
		return errors.New("--companion goes with --offline: otherwise the cluster says what it serves")
	}
	for _, name := range f.companions {
		if !slices.Contains(scaffold.Companions(), name) {
			return fmt.Errorf("no rule reads anything of %q: --companion knows %s", name, strings.Join(scaffold.Companions(), ", "))
		}
	}
	for _, pattern := range f.overwrite {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("--overwrite %q: %w", pattern, err)
		}
	}
	_, err := f.parsePeople()
	return err
}

// matcher says which paths the patterns mean.
func matcher(patterns []string) func(string) bool {
	return func(file string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, err := path.Match(strings.TrimPrefix(pattern, "./"), file)
			return ok && err == nil
		})
	}
}

func (f *initFlags) parsePeople() (map[string]isms.Person, error) {
	people := map[string]isms.Person{}
	for _, text := range f.people {
		role, who, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(roleNames(), role) {
			return nil, fmt.Errorf("--person %q: give ROLE=NAME or ROLE=NAME <ADDRESS>, with a role of %s", text, strings.Join(roleNames(), ", "))
		}
		p, err := parsePerson(who)
		if err != nil {
			return nil, fmt.Errorf("--person %q: %w", text, err)
		}
		people[role] = p
	}
	return people, nil
}

// parsePerson reads NAME or NAME <ADDRESS>.
func parsePerson(text string) (isms.Person, error) {
	name, rest, addressed := strings.Cut(text, "<")
	p := isms.Person{Name: isms.ShortText(strings.TrimSpace(name))}
	if p.Name == "" {
		return p, errors.New("it has no name")
	}
	if !addressed {
		return p, nil
	}
	address, closed := strings.CutSuffix(strings.TrimSpace(rest), ">")
	local, domain, _ := strings.Cut(address, "@")
	if !closed || local == "" || domain == "" || strings.ContainsAny(local+domain, " <>@") {
		return p, fmt.Errorf("%q is no address: write NAME <ADDRESS>", rest)
	}
	p.Email = isms.Email(address)
	return p, nil
}

// scopeName makes a name of the organization's: lower-case letters, digits and hyphens.
func scopeName(organization string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(organization) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String()[:min(b.Len(), 40)], "-")
	return cmp.Or(name, defaultNamespace)
}

// openWork opens the directory and reads what the last run left there: nil, where there was none. A dry run makes no
// directory. Without a name the files go into the current directory, so it must be one for an ISMS.
func openWork(dir string, named, dryRun bool) (*workdir.Dir, *scaffold.State, error) {
	d, err := workdir.Open(dir, !dryRun)
	if d == nil || err != nil {
		return nil, nil, err
	}
	found, err := d.Read([]string{scaffold.StateFile})
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	if text, ok := found[scaffold.StateFile]; ok {
		state, err := scaffold.ReadState(text)
		if err != nil {
			return nil, nil, errors.Join(err, d.Close())
		}
		return d, &state, nil
	}
	names, err := d.Visible()
	if err == nil && len(names) > 0 && !named {
		err = usageError{errors.New("the current directory is not empty: name the directory to write to, . for this one")}
	}
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return d, nil, nil
}
