// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// surroundings have the cluster looked at, and return the look and the namespaces that could be in scope. Offline there is
// no look: what was seen last is taken, or what may be assumed.
func (f *initFlags) surroundings(c *cobra.Command, s *session, in *scaffold.Input) (*look, []isms.NamespaceName, error) {
	if f.offline {
		if len(f.companions) > 0 || len(in.Cluster.Kinds) == 0 {
			in.Cluster = scaffold.Assume(f.companions)
		}
		return nil, nil, nil
	}
	config, err := s.config()
	if err != nil {
		return nil, nil, fmt.Errorf("%w; --offline looks at no cluster", err)
	}
	l, err := newLook(c, config)
	if err != nil {
		return nil, nil, err
	}
	var candidates []isms.NamespaceName
	in.Cluster, candidates, err = l.all(c.Context(), in.Answers.Namespace)
	return l, candidates, err
}

// look reads what init needs to know of a cluster: of objects their metadata alone, but for the operator's Deployment.
type look struct {
	discovery *discovery.DiscoveryClient
	objects   metadata.Interface
	apps      *rest.RESTClient
	note      func(format string, args ...any)
}

func newLook(c *cobra.Command, config *rest.Config) (*look, error) {
	l := &look{note: func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), "note: "+format+"\n", args...) }}
	var err error
	if l.discovery, err = discovery.NewDiscoveryClientForConfig(config); err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	if l.objects, err = metadata.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	apps := rest.CopyConfig(config)
	apps.GroupVersion, apps.APIPath, apps.NegotiatedSerializer = &appsv1.SchemeGroupVersion, "/apis", scheme.Codecs.WithoutConversion()
	if l.apps, err = rest.RESTClientFor(apps); err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return l, nil
}

// all is what is seen of the cluster whatever is in scope, and the namespaces that could be. The ISMS's own is home.
func (l *look) all(ctx context.Context, home isms.NamespaceName) (scaffold.Cluster, []isms.NamespaceName, error) {
	kinds, err := l.kinds()
	if err != nil {
		return scaffold.Cluster{}, nil, err
	}
	seen := scaffold.Cluster{Kinds: kinds}
	if seen.Operator, err = l.operator(ctx); err != nil {
		return seen, nil, err
	}
	names, err := l.namespaces(ctx)
	if err != nil {
		return seen, nil, err
	}
	candidates := slices.DeleteFunc(slices.Clone(names), func(n isms.NamespaceName) bool {
		return n == "default" || n == home || n == seen.Operator.Namespace || strings.HasPrefix(string(n), "kube-")
	})
	// The ISMS's own is there once this is applied.
	seen.Others = append([]isms.NamespaceName{home}, names...)
	slices.Sort(seen.Others)
	seen.Others = slices.Compact(seen.Others)
	return seen, candidates, nil
}

// kinds are those of the starter that are served.
func (l *look) kinds() ([]string, error) {
	_, lists, err := l.discovery.ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("ask the cluster for its kinds: %w; --offline looks at no cluster", err)
	}
	if err != nil {
		l.note("not all kinds are known: %v", err)
	}
	served := map[string]bool{}
	for _, list := range lists {
		for _, r := range list.APIResources {
			served[scaffold.KindName(list.GroupVersion, r.Kind)] = true
		}
	}
	var kinds []string
	for _, k := range starter.Kinds() {
		if name := scaffold.KindName(k.APIVersion, k.Kind); served[name] {
			kinds = append(kinds, name)
		}
	}
	return kinds, nil
}

// namespaces lists all, sorted. Without the right to, there are none to choose from.
func (l *look) namespaces(ctx context.Context) ([]isms.NamespaceName, error) {
	resource := schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	list, err := l.objects.Resource(resource).List(ctx, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		l.note("you may not list namespaces, so name those in scope with --in-scope, or label them")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var names []isms.NamespaceName
	for _, n := range list.Items {
		names = append(names, isms.NamespaceName(n.Name))
	}
	slices.Sort(names)
	return names, nil
}

// operator is the account of the operator: that of its Deployment, or the one of config/default where there is none to be
// seen.
func (l *look) operator(ctx context.Context) (scaffold.Account, error) {
	var list appsv1.DeploymentList
	err := l.apps.Get().Resource("deployments").Param("labelSelector", "app.kubernetes.io/name=isms-operator").Do(ctx).Into(&list)
	if apierrors.IsForbidden(err) {
		err = nil
	}
	if err != nil {
		return scaffold.Account{}, fmt.Errorf("look for the operator: %w", err)
	}
	found := scaffold.DefaultOperator
	if len(list.Items) == 0 {
		l.note("the operator's Deployment is not to be seen: taken is %s in %s", found.Name, found.Namespace)
		return found, nil
	}
	first := slices.MinFunc(list.Items, func(a, b appsv1.Deployment) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return scaffold.Account{
		Namespace: isms.NamespaceName(first.Namespace), Name: isms.ObjectName(cmp.Or(first.Spec.Template.Spec.ServiceAccountName, "default")),
	}, nil
}

// present names the checks of starter.WhenPresent for which there is an object.
func (l *look) present(ctx context.Context, kinds []string, inScope []isms.NamespaceName) ([]isms.ItemName, error) {
	var names []isms.ItemName
	for _, c := range starter.Checks() {
		name := scaffold.KindName(c.Resources.APIVersion, c.Resources.Kind)
		i := slices.IndexFunc(starter.Kinds(), func(k starter.Kind) bool { return scaffold.KindName(k.APIVersion, k.Kind) == name })
		if c.When != starter.WhenPresent || i < 0 || !slices.Contains(kinds, name) {
			continue
		}
		some, err := l.any(ctx, starter.Kinds()[i], c.PresenceSelector(), inScope)
		if err != nil {
			return nil, err
		}
		if some {
			names = append(names, c.Name)
		}
	}
	return names, nil
}

// any says whether there is an object of the kind that the selector selects, in the namespaces if there are some. What may
// not be listed is not there for init.
func (l *look) any(ctx context.Context, k starter.Kind, selector string, namespaces []isms.NamespaceName) (bool, error) {
	version, err := schema.ParseGroupVersion(k.APIVersion)
	if err != nil {
		return false, err
	}
	options := metav1.ListOptions{Limit: 1, LabelSelector: selector}
	places := []string{metav1.NamespaceAll}
	if k.Namespaced == isms.Yes && len(namespaces) > 0 {
		places = nil
		for _, n := range namespaces {
			places = append(places, string(n))
		}
	}
	for _, place := range places {
		list, err := l.objects.Resource(version.WithResource(k.Resource)).Namespace(place).List(ctx, options)
		if apierrors.IsForbidden(err) {
			l.note("you may not list %s: rules for them are left out", k.Resource)
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("list %s: %w", k.Resource, err)
		}
		if len(list.Items) > 0 {
			return true, nil
		}
	}
	return false, nil
}
