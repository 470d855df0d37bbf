// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// What Argo CD finds in its namespace before it starts. The key signs sessions of an API server that does not run here.
const argocdObjects = `
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-rbac-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cmd-params-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
stringData: {server.secretkey: for-tests-alone}
`

// startArgoCD runs the parts of Argo CD that sync: the repository server and the application controller, with a cache.
// What it knows of the ISMS is what users apply: config/argocd/argocd-cm.yaml.
func (w *world) startArgoCD() {
	w.Helper()
	programs, crds := fromEnvironment(w.T, "ISMS_ARGOCD"), fromEnvironment(w.T, "ISMS_ARGOCD_CRDS")
	for _, crd := range []string{"application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"} {
		w.kube("apply", "--server-side", "-f", filepath.Join(crds, crd))
	}
	w.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: argocd}\n")
	w.apply(argocdObjects)
	w.kube("apply", "--server-side", "-f", "config/argocd/argocd-cm.yaml")

	redis := miniredis.RunT(w.T)
	repoServer, metrics := freeAddress(w.T), freeAddress(w.T)
	_, repoPort, _ := net.SplitHostPort(repoServer)
	_, metricsPort, _ := net.SplitHostPort(metrics)
	home := w.TempDir()
	environment := []string{
		"ARGOCD_FAKE_IN_CLUSTER=true", "ARGOCD_GPG_ENABLED=false", "KUBECONFIG=" + w.kubeconfig, "HOME=" + home, "TMPDIR=" + home,
		"ARGOCD_ASK_PASS_SOCK=" + filepath.Join(home, "askpass.sock"), "PATH=" + programs + ":" + os.Getenv("PATH"),
	}
	argocd := filepath.Join(programs, "argocd")
	w.start("repo-server", append(environment, "ARGOCD_BINARY_NAME=argocd-repo-server"), argocd,
		"--address", "127.0.0.1", "--port", repoPort, "--metrics-address", "127.0.0.1", "--metrics-port", metricsPort,
		"--redis", redis.Addr(), "--disable-tls", "--client-ca-path", "", "--revision-cache-expiration", "1s")
	w.eventually("the repository server listens", func() string { return w.listens(repoServer) })
	controllerMetrics := freeAddress(w.T)
	_, controllerPort, _ := net.SplitHostPort(controllerMetrics)
	w.start("application-controller", append(environment, "ARGOCD_BINARY_NAME=argocd-application-controller"), argocd,
		"--namespace", "argocd", "--kubeconfig", w.kubeconfig, "--redis", redis.Addr(), "--repo-server", repoServer,
		"--repo-server-plaintext", "--metrics-port", controllerPort, "--app-resync", "10", "--app-resync-jitter", "0",
		"--persist-resource-health", "--self-heal-backoff-timeout-seconds", "0")
	w.eventually("the application controller is healthy", func() string { return w.healthy("http://" + controllerMetrics + "/healthz") })
}

func (w *world) listens(address string) string {
	connection, err := (&net.Dialer{}).DialContext(w.Context(), "tcp", address)
	if err != nil {
		return err.Error()
	}
	_ = connection.Close()
	return ""
}

func (w *world) healthy(url string) string {
	request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		return string(text)
	}
	return ""
}

// freeAddress is one on loopback at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// startRepository makes an empty repository and a checkout of it, on the branch main.
func (w *world) startRepository() {
	w.Helper()
	w.bare, w.worktree = filepath.Join(w.TempDir(), "isms.git"), filepath.Join(w.TempDir(), "isms")
	w.run(w.root, "git", "init", "--quiet", "--bare", "--initial-branch=main", w.bare)
	w.run(w.root, "git", "clone", "--quiet", w.repository(), w.worktree)
	w.run(w.worktree, "git", "symbolic-ref", "HEAD", "refs/heads/main")
}

// repository is the address of the repository.
func (w *world) repository() string { return "file://" + w.bare }

// push commits what stands in the working tree.
func (w *world) push(message string) {
	w.Helper()
	w.run(w.worktree, "git", "add", "--all")
	w.run(w.worktree, "git", "-c", "user.name=A. Smith", "-c", "user.email=a.smith@example.com", "commit", "--quiet", "-m", message)
	w.run(w.worktree, "git", "push", "--quiet", "origin", "HEAD:main")
}
