// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// session is what all commands share: the flags of the connection, which are kubectl's, and the clock.
type session struct {
	now       func() time.Time
	rules     *clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
	color     choice
}

func newSession(now func() time.Time) *session {
	return &session{
		now: now, rules: clientcmd.NewDefaultClientConfigLoadingRules(),
		color: choice{value: colorAuto, of: []string{colorAuto, colorAlways, colorNever}},
	}
}

func (s *session) bind(f *pflag.FlagSet) {
	f.StringVar(&s.rules.ExplicitPath, clientcmd.RecommendedConfigPathFlag, "", "Path to the kubeconfig file to use.")
	clientcmd.BindOverrideFlags(&s.overrides, f, clientcmd.RecommendedConfigOverrideFlags(""))
	f.Var(&s.color, "color", "Colours: auto, which is on a terminal unless NO_COLOR is set, always or never.")
}

// namespace is the one of --namespace; empty without.
func (s *session) namespace() string { return s.overrides.Context.Namespace }

// connects says whether a flag of the connection was given that has no meaning for a file.
func (s *session) connects(c *cobra.Command) bool {
	given := false
	c.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		given = given || f.Changed && f.Name != clientcmd.FlagNamespace && f.Name != "color"
	})
	return given
}

func (s *session) loader() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(s.rules, &s.overrides)
}

func (s *session) config() (*rest.Config, error) {
	config, err := s.loader().ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, errors.New("there is no kubeconfig: set KUBECONFIG or --kubeconfig, or read an export with -f")
	}
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	config.QPS = -1 // The API server's own fairness decides.
	return config, nil
}

// client reads the kinds of the ISMS, and ConfigMaps. It knows where they are, so that it needs no discovery.
func (s *session) client() (client.Client, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(isms.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	for kind := range scheme.KnownTypes(isms.GroupVersion) {
		mapper.Add(isms.GroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	mapper.Add(corev1.SchemeGroupVersion.WithKind("ConfigMap"), meta.RESTScopeNamespace) // of the published keys
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return c, nil
}

// refused says in plain words why the API server did not give a list of objects.
func refused(err error, resource, namespace string) error {
	where := "in namespace " + namespace
	if namespace == "" {
		where = "in all namespaces"
	}
	switch {
	case apierrors.IsForbidden(err):
		return fmt.Errorf("you may not list %s.%s %s: the ClusterRole isms-operator-auditor has the right: %w",
			resource, isms.GroupVersion.Group, where, err)
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("the cluster does not accept your credentials: %w", err)
	case apierrors.IsNotFound(err):
		return fmt.Errorf("the cluster does not know %s.%s: install isms-operator (kubectl apply --server-side -k config/default)",
			resource, isms.GroupVersion.Group)
	}
	return fmt.Errorf("list %s %s: %w", resource, where, err)
}
