// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/workdir"
)

// gather finds the input: flags first, then what was answered earlier, then what can be seen, and only then questions. What
// is in scope may be one of these, so what is there in the scope is looked at last.
func (f *initFlags) gather(c *cobra.Command, s *session, before *scaffold.State, dir string, ask *questions) (scaffold.Input, error) {
	var in scaffold.Input
	if before != nil {
		in = before.Input
	}
	if err := f.into(&in.Answers, s); err != nil {
		return in, usageError{err}
	}
	l, candidates, err := f.surroundings(c, s, &in)
	if err != nil {
		return in, err
	}
	if before == nil {
		if err := complete(ask, &in.Answers, candidates); err != nil {
			return in, err
		}
	}
	if l != nil {
		inScope := in.Answers.Namespaces
		if len(inScope) == 0 {
			inScope = candidates
		}
		if in.Cluster.Present, err = l.present(c.Context(), in.Cluster.Kinds, inScope); err != nil {
			return in, err
		}
	}
	in.Cluster.Others = slices.DeleteFunc(in.Cluster.Others, func(n isms.NamespaceName) bool {
		return slices.Contains(in.Answers.Namespaces, n)
	})
	checkout, err := workdir.FindCheckout(dir)
	if err != nil {
		return in, err
	}
	r := &in.Answers.Repository
	r.URL, r.Branch, r.Path = cmp.Or(r.URL, checkout.URL), cmp.Or(r.Branch, checkout.Branch), cmp.Or(r.Path, checkout.Path)
	return in, nil
}

// into puts what the flags say in the place of what was answered earlier.
func (f *initFlags) into(a *scaffold.Answers, s *session) error {
	people, err := f.parsePeople()
	if err != nil {
		return err
	}
	if a.People == nil && len(people) > 0 {
		a.People = map[string]isms.Person{}
	}
	maps.Copy(a.People, people)
	a.Organization = cmp.Or(isms.ShortText(f.organization), a.Organization)
	a.Statement = cmp.Or(isms.Text(f.statement), a.Statement)
	a.Scope = cmp.Or(isms.ObjectName(f.scope), a.Scope)
	a.Namespace = cmp.Or(isms.NamespaceName(s.namespace()), a.Namespace, defaultNamespace)
	a.Stage2On = cmp.Or(isms.Date(f.stage2On), a.Stage2On)
	a.Repository.URL = cmp.Or(f.repository.URL, a.Repository.URL)
	a.Repository.Branch = cmp.Or(f.repository.Branch, a.Repository.Branch)
	a.Repository.Path = cmp.Or(f.repository.Path, a.Repository.Path)
	if len(f.namespaces) > 0 {
		a.Namespaces = nil
		for _, n := range f.namespaces {
			a.Namespaces = append(a.Namespaces, isms.NamespaceName(n))
		}
		slices.Sort(a.Namespaces)
		a.Namespaces = slices.Compact(a.Namespaces)
	}
	return nil
}

// complete asks for what is missing, where there is a terminal, and takes what follows from the rest.
func complete(ask *questions, a *scaffold.Answers, candidates []isms.NamespaceName) error {
	if err := ask.all(a, candidates); err != nil {
		return err
	}
	if a.Organization == "" {
		return usageError{errors.New("name the organization with --organization")}
	}
	if a.Scope == "" {
		a.Scope = isms.ObjectName(scopeName(string(a.Organization)))
	}
	if len(a.Namespaces) == 0 {
		a.Namespaces = candidates
	}
	return nil
}

// questions asks on a terminal. Nil asks nothing.
type questions struct {
	in  *bufio.Reader
	out io.Writer
}

// onTerminal asks where there is a terminal.
func onTerminal(c *cobra.Command) *questions {
	if file, ok := c.InOrStdin().(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return &questions{in: bufio.NewReader(c.InOrStdin()), out: c.ErrOrStderr()}
}

func (q *questions) all(a *scaffold.Answers, candidates []isms.NamespaceName) error {
	if q == nil {
		return nil
	}
	if a.Organization == "" {
		text, err := q.ask("Organization that runs the ISMS: ")
		if err != nil {
			return err
		}
		a.Organization = isms.ShortText(text)
	}
	if a.Statement == "" {
		text, err := q.ask("Scope as it is to stand on the certificate (Enter leaves a blank to fill): ")
		if err != nil {
			return err
		}
		a.Statement = isms.Text(text)
	}
	for _, role := range []struct{ name, question string }{
		{"SecurityOfficer", "ISMS manager, as NAME <ADDRESS> (Enter: nobody yet): "},
		{"Management", "Sponsor in top management, as NAME <ADDRESS> (Enter: nobody yet): "},
	} {
		if err := q.person(a, role.name, role.question); err != nil {
			return err
		}
	}
	return q.namespaces(a, candidates)
}

func (q *questions) person(a *scaffold.Answers, role, question string) error {
	if _, known := a.People[role]; known {
		return nil
	}
	for {
		text, err := q.ask(question)
		if text == "" || err != nil {
			return err
		}
		p, err := parsePerson(text)
		if err != nil {
			fmt.Fprintf(q.out, "%v\n", err)
			continue
		}
		if a.People == nil {
			a.People = map[string]isms.Person{}
		}
		a.People[role] = p
		return nil
	}
}

func (q *questions) namespaces(a *scaffold.Answers, candidates []isms.NamespaceName) error {
	if len(a.Namespaces) > 0 || len(candidates) == 0 {
		return nil
	}
	names := make([]string, len(candidates))
	for i, n := range candidates {
		names[i] = string(n)
	}
	text, err := q.ask(fmt.Sprintf("Namespaces in scope [%s] (Enter takes these): ", strings.Join(names, ",")))
	for _, n := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		a.Namespaces = append(a.Namespaces, isms.NamespaceName(n))
	}
	slices.Sort(a.Namespaces)
	return err
}

// ask returns the answer without the spaces around it. The end of the input is an empty one.
func (q *questions) ask(question string) (string, error) {
	fmt.Fprint(q.out, question)
	line, err := q.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}
