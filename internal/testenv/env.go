// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package testenv starts a real API server with its etcd on loopback, for tests and for the demo.
//
// A test calls Start and gets an Env of its own. A package with many tests shares one: its TestMain calls Run, its
// tests call Shared.
package testenv

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Slow machines that run several packages' tests at once need more than the 20 seconds that envtest allows.
const (
	startTimeout = 2 * time.Minute
	// An API server waits as long as its request timeout, a minute by default, for the watches that it serves.
	stopTimeout = 2 * time.Minute
)

// Env is a running control plane.
type Env struct {
	// Config has every right (system:masters) and no client-side rate limit to speak of.
	Config *rest.Config
	// Assets is the directory of the binaries that run.
	Assets string

	work     string
	options  options
	envtest  *envtest.Environment
	managers *managerProcess
}

type options struct {
	withoutCRDs    bool
	controllers    []string
	crdPaths       []string
	apiServerFlags [][2]string
	audited        []string
	output         io.Writer
}

// Option changes what New and Start start.
type Option func(*options)

// WithoutCRDs leaves the operator's own CRDs out, for tests that install them later.
func WithoutCRDs() Option { return func(o *options) { o.withoutCRDs = true } }

// WithCRDs installs the CRDs of further files or directories. Relative paths start at the module root.
func WithCRDs(paths ...string) Option {
	return func(o *options) { o.crdPaths = append(o.crdPaths, paths...) }
}

// WithControllerManager also runs kube-controller-manager: deleted namespaces end, dependents follow their owners, and
// aggregated ClusterRoles get their rules. Further controllers are added by name, such as cronjob-controller.
func WithControllerManager(further ...string) Option {
	return func(o *options) {
		o.controllers = append(o.controllers,
			"namespace-controller", "garbage-collector-controller", "clusterrole-aggregation-controller")
		o.controllers = append(o.controllers, further...)
	}
}

// WithAPIServerFlag sets a flag of kube-apiserver; the name has no dashes in front.
func WithAPIServerFlag(name, value string) Option {
	return func(o *options) { o.apiServerFlags = append(o.apiServerFlags, [2]string{name, value}) }
}

// WithOutput sends what the processes print to w. Without it, it is discarded.
func WithOutput(w io.Writer) Option { return func(o *options) { o.output = w } }

// New starts a control plane with the operator's CRDs, when config/crd/bases is there. The caller stops it.
func New(opts ...Option) (*Env, error) {
	root, err := ModuleRoot()
	if err != nil {
		return nil, err
	}
	assets, err := AssetsDir(root)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "isms-testenv-")
	if err != nil {
		return nil, fmt.Errorf("start a control plane: %w", err)
	}
	env := &Env{Assets: assets, work: work}
	for _, opt := range opts {
		opt(&env.options)
	}
	if err := env.start(root); err != nil {
		return nil, errors.Join(fmt.Errorf("start a control plane: %w", err), env.Stop())
	}
	return env, nil
}

func (e *Env) start(root string) error {
	if err := e.configure(root); err != nil {
		return err
	}
	config, err := e.envtest.Start()
	if err != nil {
		return err
	}
	e.Config = config
	if len(e.options.controllers) > 0 {
		return e.startControllerManager()
	}
	return nil
}

func (e *Env) configure(root string) error {
	for _, dir := range []string{"etcd", "apiserver"} {
		if err := os.Mkdir(filepath.Join(e.work, dir), 0o700); err != nil {
			return err
		}
	}
	// Directories of our own, because envtest deletes those that it made when a process stops: a restart needs them.
	etcd := &envtest.Etcd{Path: filepath.Join(e.Assets, "etcd"), DataDir: filepath.Join(e.work, "etcd")}
	apiServer := &envtest.APIServer{
		Path:    filepath.Join(e.Assets, "kube-apiserver"),
		CertDir: filepath.Join(e.work, "apiserver"),
	}
	if e.options.output != nil {
		etcd.Out, etcd.Err = e.options.output, e.options.output
		apiServer.Out, apiServer.Err = e.options.output, e.options.output
	}
	if err := e.configureAudit(apiServer); err != nil {
		return err
	}
	for _, flag := range e.options.apiServerFlags {
		apiServer.Configure().Set(flag[0], flag[1])
	}
	e.envtest = &envtest.Environment{
		BinaryAssetsDirectory:    e.Assets,
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  stopTimeout,
		CRDDirectoryPaths:        e.crdPaths(root),
		CRDInstallOptions:        envtest.CRDInstallOptions{MaxTime: startTimeout}, // ten seconds by default
		ErrorIfCRDPathMissing:    true,
	}
	e.envtest.ControlPlane.Etcd = etcd
	e.envtest.ControlPlane.APIServer = apiServer
	return nil
}

func (e *Env) crdPaths(root string) []string {
	var paths []string
	if own := filepath.Join(root, "config", "crd", "bases"); !e.options.withoutCRDs {
		if _, err := os.Stat(own); err == nil {
			paths = append(paths, own)
		}
	}
	for _, path := range e.options.crdPaths {
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		paths = append(paths, path)
	}
	return paths
}

// Stop ends all processes and deletes their data.
func (e *Env) Stop() error {
	var errs []error
	if e.managers != nil {
		errs = append(errs, e.managers.stop())
	}
	if e.envtest != nil {
		errs = append(errs, e.envtest.Stop())
	}
	errs = append(errs, os.RemoveAll(e.work))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop the control plane: %w", err)
	}
	return nil
}

// StopAPIServer ends kube-apiserver alone: etcd keeps its data, clients find nobody at the address.
func (e *Env) StopAPIServer() error {
	if err := e.envtest.ControlPlane.APIServer.Stop(); err != nil {
		return fmt.Errorf("stop the API server: %w", err)
	}
	return nil
}

// StartAPIServer starts kube-apiserver again after StopAPIServer, at the same address, with the same certificates and
// data, and returns once it is healthy. Config stays valid.
func (e *Env) StartAPIServer() error {
	if err := e.envtest.ControlPlane.APIServer.Start(); err != nil {
		return fmt.Errorf("start the API server again: %w", err)
	}
	return nil
}
