// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// The owner of all fields that the demo writes.
const fieldOwner = client.FieldOwner("demo")

// cluster is the API server as the demo's administrator sees it.
type cluster struct {
	client.WithWatch
}

func newCluster(config *rest.Config) (*cluster, error) {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(apiextensionsv1.AddToScheme(scheme))
	utilruntime.Must(isms.AddToScheme(scheme))
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connect to the API server: %w", err)
	}
	return &cluster{c}, nil
}

// applyAll applies the objects wave by wave, each with the status that its manifest has.
func (c *cluster) applyAll(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, wave := range waves(objects) {
		for _, object := range wave {
			if err := c.apply(ctx, object); err != nil {
				return err
			}
		}
		if err := c.awaitKinds(ctx); err != nil {
			return err
		}
	}
	return nil
}

// apply applies one object and, through the subresource, its status.
func (c *cluster) apply(ctx context.Context, object *unstructured.Unstructured) error {
	status := statusOnly(object)
	configuration := client.ApplyConfigurationFromUnstructured(object.DeepCopy())
	if err := c.Apply(ctx, configuration, fieldOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("apply %s %s: %w", object.GetKind(), client.ObjectKeyFromObject(object), err)
	}
	if status == nil {
		return nil
	}
	configuration = client.ApplyConfigurationFromUnstructured(status)
	if err := c.Status().Apply(ctx, configuration, fieldOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("apply the status of %s %s: %w", object.GetKind(), client.ObjectKeyFromObject(object), err)
	}
	return nil
}

// awaitKinds waits until each CRD is served.
func (c *cluster) awaitKinds(ctx context.Context) error {
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		var definitions apiextensionsv1.CustomResourceDefinitionList
		if err := c.List(ctx, &definitions); err != nil {
			return false, fmt.Errorf("list the CRDs: %w", err)
		}
		for i := range definitions.Items {
			if !established(&definitions.Items[i]) {
				return false, nil
			}
		}
		return true, nil
	})
}

func established(definition *apiextensionsv1.CustomResourceDefinition) bool {
	for _, condition := range definition.Status.Conditions {
		if condition.Type == apiextensionsv1.Established {
			return condition.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}

// applyFile applies the objects of one file below the root and returns when the API server has acknowledged them.
func (c *cluster) applyFile(ctx context.Context, root, file string) error {
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return fmt.Errorf("read a manifest: %w", err)
	}
	objects, err := parse(text)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := c.apply(ctx, object); err != nil {
			return err
		}
	}
	return nil
}
