// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/explain"
	"github.com/isms-operator/isms-operator/internal/rule"
)

// pageSize bounds one answer of the API server.
const pageSize = 500

// observer reads objects of any kind, with the rights of the caller.
type observer struct {
	mapper   meta.RESTMapper
	dynamic  dynamic.Interface
	metadata metadata.Interface
}

func (s *session) newObserver() (*observer, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return newObserver(config, httpClient)
}

func newObserver(config *rest.Config, httpClient *http.Client) (*observer, error) {
	mapper, err := apiutil.NewDynamicRESTMapper(config, httpClient)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	objects, err := dynamic.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	only, err := metadata.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &observer{mapper, objects, only}, nil
}

// served says whether the cluster serves a rule's kind.
func (o *observer) served(r *isms.ResourceRule) bool {
	kind := schema.FromAPIVersionAndKind(r.APIVersion, r.Kind)
	_, err := o.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	return !meta.IsNoMatchError(err)
}

// each hands on every object of a rule's kind: of the whole cluster where that is allowed, else of the namespaces, one by
// one. What it returns says why that could not be done; empty where it could.
func (o *observer) each(ctx context.Context, r *isms.ResourceRule, namespaces []string, take func(*unstructured.Unstructured)) string {
	kind := schema.FromAPIVersionAndKind(r.APIVersion, r.Kind)
	mapping, err := o.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return fmt.Sprintf("the cluster does not say whether it serves %s %s: %v", r.APIVersion, r.Kind, err)
	}
	options := metav1.ListOptions{Limit: pageSize}
	if r.SecretType != "" {
		options.FieldSelector = fields.OneTermEqualSelector("type", r.SecretType).String()
	}
	read := func(namespace string) error {
		return o.pages(ctx, mapping.Resource, namespace, options, rule.MetadataOnly(kind), take)
	}
	if err = read(metav1.NamespaceAll); apierrors.IsForbidden(err) && mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return o.oneByOne(mapping.Resource, namespaces, read)
	}
	return whyNot(mapping.Resource, err)
}

// oneByOne reads namespaces that may be read by themselves. One that may not be is named: what is not seen is not judged.
func (o *observer) oneByOne(resource schema.GroupVersionResource, namespaces []string, read func(string) error) string {
	var forbidden []string
	for _, n := range namespaces {
		err := read(n)
		switch {
		case apierrors.IsForbidden(err):
			forbidden = append(forbidden, n)
		case err != nil:
			return whyNot(resource, err)
		}
	}
	if len(forbidden) > 0 {
		return fmt.Sprintf("you may not list %s in %s", plural(resource.Resource, resource.Group), conditions.Names(forbidden))
	}
	return ""
}

func whyNot(resource schema.GroupVersionResource, err error) string {
	name := plural(resource.Resource, resource.Group)
	switch {
	case err == nil:
		return ""
	case apierrors.IsForbidden(err):
		return "you may not list " + name
	}
	return fmt.Sprintf("list %s: %v", name, err)
}

// pages reads a list page by page.
func (o *observer) pages(
	ctx context.Context, resource schema.GroupVersionResource, namespace string, options metav1.ListOptions, only bool,
	take func(*unstructured.Unstructured),
) error {
	for {
		list, err := o.page(ctx, resource, namespace, options, only)
		if err != nil {
			return err
		}
		for i := range list.Items {
			list.Items[i].SetManagedFields(nil) // which no rule reads
			take(&list.Items[i])
		}
		if options.Continue = list.GetContinue(); options.Continue == "" {
			return nil
		}
	}
}

// page reads one page. Of kinds whose contents are secret nothing but metadata is asked for.
func (o *observer) page(
	ctx context.Context, resource schema.GroupVersionResource, namespace string, options metav1.ListOptions, only bool,
) (*unstructured.UnstructuredList, error) {
	if !only {
		return o.dynamic.Resource(resource).Namespace(namespace).List(ctx, options)
	}
	found, err := o.metadata.Resource(resource).Namespace(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	list := &unstructured.UnstructuredList{}
	list.SetContinue(found.Continue)
	for i := range found.Items {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&found.Items[i])
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, *explain.Metadata(&unstructured.Unstructured{Object: content}))
	}
	return list, nil
}

func sortNamespaces(list []rule.Namespace) {
	slices.SortFunc(list, func(a, b rule.Namespace) int { return cmp.Compare(a.Name, b.Name) })
}
