// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// plane is a control plane that runs on loopback.
type plane struct {
	assets, work string
	authority    *authority
	etcdURL      string
	server       string
	client       *http.Client
	processes    []*process // in the order in which they were started
}

// up runs a control plane until ctx ends or a component does.
func up(ctx context.Context, assets string, stdout io.Writer) (err error) {
	work, err := os.MkdirTemp("", "isms-controlplane-")
	if err != nil {
		return fmt.Errorf("make a work directory: %w", err)
	}
	p := &plane{assets: assets, work: work}
	defer func() { err = errors.Join(err, p.down()) }()
	if err := p.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprintf(stdout, "The control plane is up, until Ctrl-C. To use it:\n\n  export KUBECONFIG=%s\n\n", p.kubeconfig())
	return p.wait(ctx)
}

func (p *plane) start(ctx context.Context) error {
	if err := p.prepare(); err != nil {
		return err
	}
	if err := p.startEtcd(ctx); err != nil {
		return err
	}
	if err := p.startAPIServer(ctx); err != nil {
		return err
	}
	return p.launch("kube-controller-manager",
		"--kubeconfig="+p.kubeconfig(),
		"--controllers=namespace-controller,garbage-collector-controller,serviceaccount-controller,clusterrole-aggregation-controller",
		"--leader-elect=false",
		"--secure-port=0",
	)
}

// prepare writes the certificates, and takes the ports.
func (p *plane) prepare() error {
	var err error
	if p.authority, err = newAuthority(); err != nil {
		return err
	}
	serving, err := p.authority.serving()
	if err != nil {
		return err
	}
	admin, err := p.authority.client("admin", "system:masters")
	if err != nil {
		return err
	}
	_, serviceAccountKey, err := newKey()
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	p.server = "https://127.0.0.1:" + port
	pool := x509.NewCertPool()
	pool.AddCert(p.authority.cert)
	p.client = &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
	}
	return p.write(map[string][]byte{
		"ca.crt":        p.authority.pem,
		"apiserver.crt": serving.cert,
		"apiserver.key": serving.key,
		"sa.key":        serviceAccountKey,
		"kubeconfig":    kubeconfig(p.server, p.authority.pem, admin),
	})
}

func (p *plane) startEtcd(ctx context.Context) error {
	client, err := freePort()
	if err != nil {
		return err
	}
	peer, err := freePort()
	if err != nil {
		return err
	}
	p.etcdURL = "http://127.0.0.1:" + client
	err = p.launch("etcd",
		"--data-dir="+filepath.Join(p.work, "etcd"),
		"--listen-client-urls="+p.etcdURL,
		"--advertise-client-urls="+p.etcdURL,
		"--listen-peer-urls=http://127.0.0.1:"+peer,
		"--unsafe-no-fsync",
	)
	if err != nil {
		return err
	}
	return p.last().waitHealthy(ctx, p.client, p.etcdURL+"/health")
}

func (p *plane) startAPIServer(ctx context.Context) error {
	err := p.launch("kube-apiserver",
		"--etcd-servers="+p.etcdURL,
		"--bind-address=127.0.0.1",
		"--secure-port="+p.server[strings.LastIndex(p.server, ":")+1:],
		"--tls-cert-file="+p.file("apiserver.crt"),
		"--tls-private-key-file="+p.file("apiserver.key"),
		"--client-ca-file="+p.file("ca.crt"),
		"--cert-dir="+p.work,
		"--service-account-issuer="+p.server,
		"--service-account-key-file="+p.file("sa.key"),
		"--service-account-signing-key-file="+p.file("sa.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
	)
	if err != nil {
		return err
	}
	return p.last().waitHealthy(ctx, p.client, p.server+"/readyz")
}

func (p *plane) launch(name string, args ...string) error {
	process, err := startProcess(p.assets, p.work, name, args...)
	if err == nil {
		p.processes = append(p.processes, process)
	}
	return err
}

func (p *plane) wait(ctx context.Context) error {
	ended := make(chan *process, len(p.processes))
	for _, process := range p.processes {
		go func() {
			<-process.exited
			ended <- process
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case process := <-ended:
		return process.failure("ended")
	}
}

// down stops the components, the last one first, and deletes their data.
func (p *plane) down() error {
	var errs []error
	for i := len(p.processes) - 1; i >= 0; i-- {
		errs = append(errs, p.processes[i].stop())
	}
	return errors.Join(append(errs, os.RemoveAll(p.work))...)
}

func (p *plane) last() *process          { return p.processes[len(p.processes)-1] }
func (p *plane) file(name string) string { return filepath.Join(p.work, name) }
func (p *plane) kubeconfig() string      { return p.file("kubeconfig") }

func (p *plane) write(files map[string][]byte) error {
	for name, content := range files {
		if err := os.WriteFile(p.file(name), content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func kubeconfig(server string, authority []byte, user pair) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
- name: local
  cluster: {server: %q, certificate-authority-data: %s}
users:
- name: admin
  user: {client-certificate-data: %s, client-key-data: %s}
contexts:
- name: local
  context: {cluster: local, user: admin}
current-context: local
`, server, base64.StdEncoding.EncodeToString(authority),
		base64.StdEncoding.EncodeToString(user.cert), base64.StdEncoding.EncodeToString(user.key))
}

// freePort asks the kernel for a port of loopback that nobody listens on.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}
