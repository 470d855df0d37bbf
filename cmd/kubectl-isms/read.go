// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// objects are those of an ISMS, as lists of the API.
type objects struct {
	scopes       isms.ISMSScopeList
	cycles       isms.AuditCycleList
	controls     isms.ControlList
	risks        isms.RiskList
	documents    isms.DocumentList
	attestations isms.AttestationList
	entries      isms.RegisterEntryList
	findings     isms.FindingList
}

// kinds are the lists by resource.
func (o *objects) kinds() map[string]client.ObjectList {
	return map[string]client.ObjectList{
		"ismsscopes": &o.scopes, "auditcycles": &o.cycles, "controls": &o.controls, "risks": &o.risks, "documents": &o.documents,
		"attestations": &o.attestations, "registerentries": &o.entries, "findings": &o.findings,
	}
}

// reader finds a scope and its objects, in a cluster or in an export.
type reader struct {
	session *session
	files   []string
	scope   string
	cycle   string
	// resources are those that the command needs besides scopes.
	resources []string
}

// everything are the resources of an ISMS besides its scopes.
var everything = []string{"auditcycles", "controls", "risks", "documents", "attestations", "registerentries", "findings"}

// newReader adds the flags by which a scope is found to a command that needs these resources besides the scopes.
func newReader(s *session, c *cobra.Command, resources ...string) *reader {
	r := &reader{session: s, resources: resources}
	c.Flags().StringArrayVarP(&r.files, "filename", "f", nil,
		exportUsage)
	c.Flags().StringVar(&r.scope, "scope", "", "Name of the ISMSScope; needed where there are several.")
	completeScope(c, s, &r.files)
	return r
}

// completeScope lets the shell complete --scope with the names of the scopes that there are.
func completeScope(c *cobra.Command, s *session, files *[]string) {
	completeFlag(c, "scope", func() []string {
		scopes := &reader{session: s, files: *files}
		o, err := scopes.objects(c)
		if o == nil || err != nil && len(o.scopes.Items) == 0 { // that there are several is what the names are for
			return nil
		}
		var names []string
		for _, scope := range o.scopes.Items {
			if n := s.namespace(); n == "" || n == scope.Namespace {
				names = append(names, scope.Name+"\t"+scope.Namespace+", "+string(scope.Spec.Organization))
			}
		}
		return names
	})
}

// completeFlag lets the shell complete a flag of a command; what can't be read has no names.
func completeFlag(c *cobra.Command, flag string, names func() []string) {
	err := c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return names(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // The flag was added by whoever calls this.
	}
}

// read finds the scope that the flags name, or the only one there is.
func (r *reader) read(c *cobra.Command) (readiness.ScopeInput, error) {
	// Which namespaces there are is known to the operator alone, which says it in the status of the scope.
	found := readiness.ScopeInput{Now: r.session.now(), Namespaces: tally.Namespaces{Reason: isms.ReasonNotSynced}}
	o, err := r.objects(c)
	if err != nil {
		return found, err
	}
	scope, err := r.choose(o.scopes.Items)
	if err != nil {
		return found, err
	}
	in := scope.Namespace
	found.Scope = scope
	found.Cycles = within(o.cycles.Items, in, func(x *isms.AuditCycle) string { return x.Namespace })
	found.Controls = within(o.controls.Items, in, func(x *isms.Control) string { return x.Namespace })
	found.Risks = within(o.risks.Items, in, func(x *isms.Risk) string { return x.Namespace })
	found.Documents = within(o.documents.Items, in, func(x *isms.Document) string { return x.Namespace })
	found.Attestations = within(o.attestations.Items, in, func(x *isms.Attestation) string { return x.Namespace })
	found.Entries = within(o.entries.Items, in, func(x *isms.RegisterEntry) string { return x.Namespace })
	found.Findings = within(o.findings.Items, in, func(x *isms.Finding) string { return x.Namespace })
	return found, nil
}

func within[T any](list []T, namespace string, of func(*T) string) []T {
	return slices.DeleteFunc(list, func(x T) bool { return of(&x) != namespace })
}

// choose is the scope of the flags, or the only one.
func (r *reader) choose(scopes []isms.ISMSScope) (*isms.ISMSScope, error) {
	var names []string
	var found []*isms.ISMSScope
	for i := range scopes {
		s := &scopes[i]
		if n := r.session.namespace(); n != "" && n != s.Namespace {
			continue
		}
		names = append(names, s.Namespace+"/"+s.Name)
		if r.scope == "" || r.scope == s.Name {
			found = append(found, s)
		}
	}
	slices.Sort(names)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(names) == 0:
		return nil, fmt.Errorf("there is no ISMSScope %s%s", r.place(), r.elsewhere(scopes))
	case len(found) == 0:
		return nil, fmt.Errorf("there is no ISMSScope %s %s; there is %s", r.scope, r.place(), strings.Join(names, ", "))
	}
	return nil, usageError{fmt.Errorf("there are several ISMSScopes: choose one with --scope and -n: %s", strings.Join(names, ", "))}
}

// place is where a scope was looked for.
func (r *reader) place() string {
	var places []string
	if n := r.session.namespace(); n != "" {
		places = append(places, "in namespace "+n)
	}
	if len(r.files) > 0 {
		places = append(places, "in "+strings.Join(r.files, ", "))
	}
	if len(places) == 0 {
		return "in the cluster"
	}
	return strings.Join(places, " ")
}

// elsewhere says what to do where no scope was found.
func (r *reader) elsewhere(scopes []isms.ISMSScope) string {
	switch {
	case len(scopes) > 0: // of an export, which was read whole
		return ": leave out -n, or name the namespace of one that is there, such as " + scopes[0].Namespace
	case r.session.namespace() != "":
		return ": without -n all namespaces are searched"
	case len(r.files) > 0:
		return ": export with kubectl get isms -n NAMESPACE -o yaml"
	}
	return ": kubectl isms init writes one to apply"
}

func (r *reader) objects(c *cobra.Command) (*objects, error) {
	if len(r.files) == 0 {
		return r.fromCluster(c.Context())
	}
	if r.session.connects(c) {
		return nil, usageError{errors.New("give either files or a cluster, not both")}
	}
	return readExport(r.files, c.InOrStdin())
}

// fromCluster looks for scopes where --namespace says, else in the namespace of the context, else in all; then for the
// rest in the namespace of the scope.
func (r *reader) fromCluster(ctx context.Context) (*objects, error) {
	c, err := r.session.client()
	if err != nil {
		return nil, err
	}
	o := &objects{}
	namespace, err := r.findScopes(ctx, c, &o.scopes)
	if err != nil || len(o.scopes.Items) == 0 {
		return o, err
	}
	lists := o.kinds()
	all, ctx := errgroup.WithContext(ctx)
	for _, resource := range r.resources {
		all.Go(func() error { return list(ctx, c, resource, lists[resource], namespace) })
	}
	return o, all.Wait()
}

// findScopes lists the scopes, and returns the namespace of the one that will be chosen.
func (r *reader) findScopes(ctx context.Context, c client.Client, scopes *isms.ISMSScopeList) (string, error) {
	namespace := r.session.namespace()
	if namespace == "" {
		current, _, err := r.session.loader().Namespace()
		if err != nil {
			return "", fmt.Errorf("kubeconfig: %w", err)
		}
		if err := list(ctx, c, "ismsscopes", scopes, current); err == nil && len(scopes.Items) > 0 {
			return current, nil
		} else if err != nil && !apierrors.IsForbidden(err) {
			return "", err
		}
	}
	if err := list(ctx, c, "ismsscopes", scopes, namespace); err != nil || len(scopes.Items) == 0 {
		if apierrors.IsForbidden(err) && namespace == "" {
			return "", fmt.Errorf("name the namespace of the ISMS with -n: %w", err)
		}
		return "", err
	}
	scope, err := r.choose(scopes.Items)
	if err != nil {
		return "", err
	}
	return scope.Namespace, nil
}

func list(ctx context.Context, c client.Client, resource string, into client.ObjectList, namespace string) error {
	if err := c.List(ctx, into, client.InNamespace(namespace)); err != nil {
		return refused(err, resource, namespace)
	}
	return nil
}

// bindCycle adds the flag by which a cycle is found.
func (r *reader) bindCycle(c *cobra.Command) {
	c.Flags().StringVar(&r.cycle, "cycle", "", "Name of the AuditCycle; by default the last one, which no other continues.")
	completeFlag(c, "cycle", func() []string {
		cycles := &reader{session: r.session, files: r.files, scope: r.scope, resources: []string{"auditcycles"}}
		in, err := cycles.read(c)
		if err != nil {
			return nil
		}
		var names []string
		for _, cycle := range in.Cycles {
			if string(cycle.Spec.ScopeRef.Name) == in.Scope.Name {
				names = append(names, cycle.Name+"\t"+string(cycle.Status.Stage))
			}
		}
		return names
	})
}

// current is the cycle that the flags name, or the only one of the scope that no other continues; nil where it has none.
func (r *reader) current(in readiness.ScopeInput) (*isms.AuditCycle, error) {
	continued := map[string]bool{}
	for _, c := range in.Cycles {
		if p := c.Spec.PreviousCycleRef; p != nil {
			continued[string(p.Name)] = true
		}
	}
	var found []*isms.AuditCycle
	var names []string
	for i := range in.Cycles {
		c := &in.Cycles[i]
		if string(c.Spec.ScopeRef.Name) == in.Scope.Name && (r.cycle == c.Name || r.cycle == "" && !continued[c.Name]) {
			found, names = append(found, c), append(names, c.Name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		slices.Sort(names)
		return nil, usageError{fmt.Errorf("there are several AuditCycles: choose one with --cycle: %s", strings.Join(names, ", "))}
	case r.cycle != "":
		return nil, fmt.Errorf("the scope %s has no AuditCycle %s", in.Scope.Name, r.cycle)
	}
	return nil, nil //nolint:nilnil // that there is none yet is no error
}

// readCycle is read for commands that are about a cycle.
func (r *reader) readCycle(c *cobra.Command) (readiness.ScopeInput, *isms.AuditCycle, error) {
	in, err := r.read(c)
	if err != nil {
		return in, nil, err
	}
	cycle, err := r.current(in)
	if err == nil && cycle == nil {
		err = fmt.Errorf("the scope %s has no AuditCycle yet", in.Scope.Name)
	}
	return in, cycle, err
}
