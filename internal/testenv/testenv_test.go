// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func TestKubernetesVersion(t *testing.T) {
	tests := map[string]struct{ goMod, want, wantErr string }{
		"in a block": {goMod: "module x\n\nrequire (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n", want: "v1.36.3"},
		"alone":      {goMod: "module x\n\nrequire k8s.io/kubernetes v1.37.0\n", want: "v1.37.0"},
		"absent":     {goMod: "module x\n\nrequire k8s.io/kubernetes-tools v1.0.0\n", wantErr: "requires no k8s.io/kubernetes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "hack", "controlplane")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(test.goMod), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := KubernetesVersion(root)
			if got != test.want {
				t.Errorf("version %q, want %q", got, test.want)
			}
			if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("error %v, want %q", err, test.wantErr)
			}
		})
	}
}

func TestAssetsDirNamesWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(assetsVariable, dir)
	if err := os.WriteFile(filepath.Join(dir, "etcd"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := AssetsDir(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "kube-apiserver is missing") || !strings.Contains(err.Error(), "make assets") {
		t.Fatalf("error %v", err)
	}
}

func TestEnv(t *testing.T) {
	env := Start(t, WithControllerManager(), WithAPIServerFlag("request-timeout", "6s")) // how long it waits for watches when it stops
	ctx := t.Context()
	admin := clientFor(t, env.Config)

	t.Run("serves the pinned version", func(t *testing.T) {
		root, err := ModuleRoot()
		if err != nil {
			t.Fatal(err)
		}
		if own := os.Getenv(assetsVariable); own != "" && !strings.HasPrefix(own, root) {
			t.Skip("the binaries are the developer's own")
		}
		want, err := KubernetesVersion(root)
		if err != nil {
			t.Fatal(err)
		}
		got, err := admin.Discovery().ServerVersion()
		if err != nil {
			t.Fatal(err)
		}
		if got.GitVersion != want {
			t.Errorf("server %s, want %s", got.GitVersion, want)
		}
	})
	t.Run("impersonates through a kubeconfig", func(t *testing.T) {
		file := Kubeconfig(t, env.AsServiceAccount("default", "nobody"))
		config, err := clientcmd.BuildConfigFromFlags("", file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = clientFor(t, config).CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "system:serviceaccount:default:nobody") {
			t.Fatalf("error %v, want forbidden for the service account", err)
		}
	})
	t.Run("keeps data over a restart", func(t *testing.T) {
		configMap := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept", Namespace: "default"}}
		if _, err := admin.CoreV1().ConfigMaps("default").Create(ctx, configMap, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		restart(ctx, t, env, admin)
		if _, err := admin.CoreV1().ConfigMaps("default").Get(ctx, "kept", metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("ends deleted namespaces", func(t *testing.T) {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "short-lived"}}
		if _, err := admin.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := admin.CoreV1().Namespaces().Delete(ctx, "short-lived", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			_, err := admin.CoreV1().Namespaces().Get(ctx, "short-lived", metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
		if err != nil {
			t.Fatalf("the namespace is still there: %v", err)
		}
	})
}

func restart(ctx context.Context, t *testing.T, env *Env, admin kubernetes.Interface) {
	t.Helper()
	if err := env.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CoreV1().Namespaces().Get(ctx, "default", metav1.GetOptions{}); err == nil {
		t.Fatal("the API server answers after it was stopped")
	}
	if err := env.StartAPIServer(); err != nil {
		t.Fatal(err)
	}
}

func clientFor(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
