// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_gitops

package gitops

import (
	"os"
	"path/filepath"
	"strings"
)

// samples syncs config/samples by the Application and the AppProject of config/argocd, and deletes it again: of what keeps
// nothing, nothing is kept.
func (w *world) samples() {
	w.Helper()
	w.startRepository()
	if err := os.CopyFS(w.worktree, os.DirFS(filepath.Join(w.root, "config", "samples"))); err != nil {
		w.Fatal(err)
	}
	w.push("The sample ISMS")
	for _, file := range []string{"appproject.yaml", "application.yaml"} {
		text, err := os.ReadFile(filepath.Join(w.root, "config", "argocd", file))
		if err != nil {
			w.Fatal(err)
		}
		const sample = "https://git.example.com/isms.git"
		if strings.Count(string(text), sample) != 1 {
			w.Fatalf("%s does not name %s once", file, sample)
		}
		w.apply(strings.Replace(string(text), sample, w.repository(), 1))
	}
	w.eventually("samples: the first sync, everything Synced and Healthy", func() string { return w.application("Synced", "Healthy") })
	w.eventually("samples: the verdict is in the message", func() string {
		return w.healthOf("Control", drifting, "Healthy", "Satisfied ")
	})
	w.kube("delete", "application", "isms", "-n", "argocd", "--wait=false")
	w.eventually("samples: deleting the Application leaves nothing but the CRDs", func() string {
		for _, it := range [][2]string{
			{"application", "isms"}, {"namespace", "isms"}, {"clusterrole", "acme-evidence-reader"}, {"clusterrolebinding", "acme-evidence-reader"},
		} {
			if w.get(it[0], "argocd", it[1]) != nil {
				return it[0] + " " + it[1] + " is there"
			}
		}
		return ""
	})
	w.kube("delete", "appproject", "isms", "-n", "argocd")
}
