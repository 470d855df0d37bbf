// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

const (
	home    = "isms"            // the namespace of the ISMS
	account = "evidence-reader" // the service account for which rules are evaluated
	inScope = "scope"           // the label of namespaces in scope
)

// creators create at the same time.
const creators = 32

// newClient has every right, no limit, and speaks protobuf about built-in kinds.
func newClient(config *rest.Config) (client.WithWatch, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, isms.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("scheme: %w", err)
		}
	}
	c, err := client.NewWithWatch(unlimited(config), client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return c, nil
}

// startCluster starts a control plane with a kind of custom resources, namespaces in scope, and the account that may read all.
func startCluster(ctx context.Context, namespaces int) (*testenv.Env, error) {
	env, err := testenv.New(testenv.WithCRDs("hack/bench/widgets.yaml"))
	if err != nil {
		return nil, err
	}
	c, err := newClient(env.Config)
	if err == nil {
		err = frame(ctx, c, namespaces)
	}
	if err != nil {
		_ = env.Stop()
		return nil, err
	}
	return env, nil
}

func frame(ctx context.Context, c client.Client, namespaces int) error {
	objects := []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: account}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: account}, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"", widgetResource.Group}, Resources: []string{"pods", "namespaces", widgetResource.Resource},
			Verbs: []string{"get", "list", "watch"},
		}}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: account},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: account},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: home, Name: account}},
		},
	}
	for i := range namespaces {
		objects = append(objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: namespaceName(i), Labels: map[string]string{inScope: "yes", "group": fmt.Sprint("g", i%10)},
		}})
	}
	for _, o := range objects {
		if err := c.Create(ctx, o); err != nil {
			return fmt.Errorf("create %s: %w", o.GetName(), err)
		}
	}
	return nil
}

func namespaceName(i int) string { return fmt.Sprintf("team-%03d", i) }

// each calls f for the numbers from one to another, many at a time.
func each(ctx context.Context, from, to int, f func(context.Context, int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(creators)
	for i := from; i < to && ctx.Err() == nil; i++ {
		g.Go(func() error { return f(ctx, i) })
	}
	return g.Wait()
}

// pods makes sure that there are so many pods.
func (b *bench) pods(ctx context.Context, n int) error {
	if n <= b.created {
		return nil
	}
	b.say("pods up to %d", n)
	if err := b.storePods(ctx, b.created, n); err != nil {
		return err
	}
	b.created = n
	return b.rest(ctx)
}

// rest lets the API server and etcd end what writing many objects has begun.
func (b *bench) rest(ctx context.Context) error { return wait(ctx, min(2*time.Second, b.storm)) }

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
