// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/explain"
	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/internal/rule"
)

// explainFlags are those of explain.
type explainFlags struct {
	session        *session
	reader         *reader
	format         choice
	failing, asked bool
}

func newExplain(s *session) *cobra.Command {
	f := &explainFlags{session: s, format: choice{formatTable, []string{formatTable, formatJSON, formatYAML}}}
	command := &cobra.Command{
		Use:   "explain [CONTROL]",
		Short: "Why a control is as it is: each piece of evidence, each object that fails, what to do",
		Long: "Explain a control, by its id or its name: each piece of evidence with what it asks for and what the status says, then\n" +
			"the rules once more, evaluated now on the objects that you may read yourself, with every object that fails and the\n" +
			"part of the expression that does not hold for it. Of Secrets and ConfigMaps metadata alone is read, and no value of\n" +
			"an object is printed. With -f there are no objects, so that the status alone is explained.\n\n" +
			"--failing leaves out the evidence that passes; without CONTROL it explains each control that is not satisfied.",
		Example: "  kubectl isms explain A.8.22\n  kubectl isms explain a-8-22 -o json\n  kubectl isms explain --failing",
		Args:    arguments(cobra.MaximumNArgs(1), "one control, by its id or name"),
		RunE:    f.run,
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return controlIDs(c, f.reader, args)
		},
	}
	f.reader = newReader(s, command, "controls", "risks", "documents", "attestations", "findings")
	bindChoice(command, &f.format, "output", "o", "Format.")
	command.Flags().BoolVar(&f.failing, "failing", false,
		"Leave out evidence that passes; without CONTROL, explain each control that is not satisfied.")
	exitCode(command, &f.asked, "unless the control is satisfied, by its status and by every rule as it is evaluated now")
	return command
}

func (f *explainFlags) run(c *cobra.Command, args []string) error {
	if len(args) == 0 && !f.failing {
		return usageError{errors.New("name a control, or give --failing")}
	}
	in, err := f.reader.read(c)
	if err != nil {
		return err
	}
	controls, err := f.controls(in, args)
	if err != nil {
		return err
	}
	explanations := []explain.Explanation{}
	var unsatisfied []string
	for _, control := range controls {
		x := explain.Of(in, control)
		if len(f.reader.files) > 0 {
			x.NotEvaluated("an export holds no objects to evaluate the rule on")
		} else if err := f.session.evaluate(c.Context(), in, control, &x); err != nil {
			return err
		}
		if !x.Satisfied() {
			unsatisfied = append(unsatisfied, x.ID)
		}
		if f.failing {
			x = x.Failing()
		}
		explanations = append(explanations, x)
	}
	if err := f.show(c, explanations, len(args) == 0); err != nil {
		return err
	}
	if f.asked && len(unsatisfied) > 0 {
		return unmet("not satisfied: " + conditions.Names(unsatisfied))
	}
	return nil
}

// controls are the one that is named, or those that are not satisfied by their status, in the order of the standard.
func (f *explainFlags) controls(in readiness.ScopeInput, args []string) ([]*isms.Control, error) {
	if len(args) == 0 {
		return explain.Unsatisfied(in), nil
	}
	control, found := explain.Find(in, args[0])
	if !found {
		return nil, fmt.Errorf("the scope %s has no control %s: kubectl isms soa lists those that it has", in.Scope.Name, args[0])
	}
	return []*isms.Control{control}, nil
}

// show writes explanations: one as such, several as a list.
func (f *explainFlags) show(c *cobra.Command, list []explain.Explanation, several bool) error {
	var value any = list
	if !several {
		value = list[0]
	}
	switch out := c.OutOrStdout(); {
	case f.format.value == formatJSON:
		return export.JSON(out, value)
	case f.format.value == formatYAML:
		return export.YAML(out, value)
	case len(list) == 0:
		fmt.Fprintln(c.ErrOrStderr(), "All controls are satisfied.")
	default:
		for i, x := range list {
			if i > 0 {
				fmt.Fprintln(out)
			}
			if err := x.Text(out, f.session.text(out)); err != nil {
				return err
			}
		}
	}
	return nil
}

// controlIDs are what the shell offers.
func controlIDs(c *cobra.Command, r *reader, args []string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	in, err := r.read(c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, control := range in.Controls {
		if string(control.Spec.ScopeRef.Name) == in.Scope.Name {
			ids = append(ids, string(control.Spec.ID)+"\t"+control.Status.Title)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// evaluate evaluates the rules of a control on the objects of the cluster, with the rights of the caller.
func (s *session) evaluate(ctx context.Context, in readiness.ScopeInput, control *isms.Control, x *explain.Explanation) error {
	items := rule.Items(control)
	if len(items) == 0 || in.Scope.Spec.Evidence == nil {
		x.NotEvaluated("the scope names no namespaces to read evidence from")
		return nil
	}
	o, err := s.newObserver()
	if err != nil {
		return err
	}
	world := explain.World{
		Namespaces: map[string]*unstructured.Unstructured{}, Parameters: rule.Parameters(control, in.Scope), Now: in.Now,
	}
	if why := o.namespaces(ctx, *in.Scope.Spec.Evidence, &world); why != "" {
		x.NotEvaluated(why)
		return nil
	}
	for _, item := range items {
		e := explain.New(item, control.Spec.Exceptions, world)
		if e.Invalid() != "" {
			x.Evaluated(string(item.Name), nil, "the rule is not valid: "+e.Invalid())
			continue
		}
		if !o.served(item.Resources) {
			result := explain.NotServed(item)
			x.Evaluated(string(item.Name), &result, "")
			continue
		}
		if why := o.each(ctx, item.Resources, world.InScope, e.Add); why != "" {
			x.Evaluated(string(item.Name), nil, why)
			continue
		}
		result := e.Result()
		x.Evaluated(string(item.Name), &result, "")
	}
	return nil
}

// namespaces finds the namespaces in scope, and says why they are not known; empty where they are.
func (o *observer) namespaces(ctx context.Context, spec isms.ScopeEvidence, world *explain.World) string {
	frame := rule.NewFrame(spec)
	if frame.Invalid != "" {
		return frame.Invalid
	}
	var known []rule.Namespace
	all := &isms.ResourceRule{APIVersion: "v1", Kind: "Namespace"}
	why := o.each(ctx, all, []string{metav1.NamespaceAll}, func(n *unstructured.Unstructured) {
		world.Namespaces[n.GetName()] = n
		known = append(known, rule.Namespace{Name: n.GetName(), Labels: n.GetLabels()})
	})
	switch {
	case why == "":
		sortNamespaces(known)
		world.InScope = frame.Partition(known).InScope
	case frame.Selector == nil:
		world.InScope = frame.Partition(nil).InScope // by name, which needs no right
	default:
		return "which namespaces are in scope is not known: " + why
	}
	return ""
}

func plural(resource, group string) string { return strings.TrimSuffix(resource+"."+group, ".") }
