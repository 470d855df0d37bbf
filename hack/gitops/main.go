// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command gitops writes what is shipped for Argo CD into config/argocd: ConfigMaps for server-side apply, each with
// health.lua and the action for every kind. Its tests hold the scripts against the parts of Argo CD and Flux that judge
// objects; it is a module of its own so that the operator needs neither.
//
//	go -C hack/gitops run . ../../config/argocd
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"sigs.k8s.io/yaml"
)

// The files, made of script, and what else they say.
const (
	script      = "health.lua"
	action      = "reconcile.lua"
	shippedFile = "argocd-cm.yaml"
	strictFile  = "unmet-degraded/argocd-cm.yaml"

	licence = "# Copyright 2026 The isms-operator Authors.\n# SPDX-License-Identifier: Apache-2.0\n\n"
	made    = "# Made of health.lua and reconcile.lua by hack/gitops. It holds only its own keys: apply it with --server-side.\n"
)

// judged are the kinds with conditions. EvidenceLogs have none, and do not come from Git.
var judged = []string{"ISMSScope", "Control", "AuditCycle", "Risk", "Document", "RegisterEntry", "Attestation", "Finding"}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gitops DIRECTORY, the one with health.lua")
	}
	files, err := render(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), text, 0o644); err != nil { //nolint:gosec // For everybody to read.
			log.Fatal(err)
		}
	}
}

// render makes the files of the scripts in a directory, by their names.
func render(directory string) (map[string][]byte, error) {
	health, err := os.ReadFile(filepath.Join(directory, script))
	if err != nil {
		return nil, err
	}
	reconcile, err := os.ReadFile(filepath.Join(directory, action))
	if err != nil {
		return nil, err
	}
	strict, err := degradedWhenUnmet(string(health))
	if err != nil {
		return nil, err
	}
	actions, err := yaml.Marshal(map[string]any{
		"discovery.lua": "return {reconcile = {displayName = \"Assess again\", iconClass = \"fa fa-fw fa-rotate\"}}\n",
		"definitions":   []any{map[string]any{"name": "reconcile", "action.lua": string(reconcile)}},
	})
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, health := range map[string]string{shippedFile: string(health), strictFile: strict} {
		text, err := yaml.Marshal(configMap(health, string(actions)))
		if err != nil {
			return nil, err
		}
		files[name] = append([]byte(licence+made), text...)
	}
	return files, nil
}

// degradedWhenUnmet is the opt-in variant of the script: an implemented Control that is not satisfied is Degraded.
func degradedWhenUnmet(health string) (string, error) {
	const off, on = "local degradedWhenUnmet = false", "local degradedWhenUnmet = true"
	if strings.Count(health, off) != 1 {
		return "", fmt.Errorf("%s must have the line %q once", script, off)
	}
	return strings.Replace(health, off, on, 1), nil
}

func configMap(health, actions string) map[string]any {
	data := map[string]any{}
	for _, kind := range judged {
		data["resource.customizations.health."+isms.GroupName+"_"+kind] = health
		data["resource.customizations.actions."+isms.GroupName+"_"+kind] = actions
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "data": data,
		"metadata": map[string]any{
			"name": "argocd-cm", "namespace": "argocd",
			"labels": map[string]any{"app.kubernetes.io/part-of": "argocd"},
		},
	}
}
