// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"encoding/json"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/isms-operator/isms-operator/internal/check"
)

// clusterScoped are the kinds without a namespace, by group: those of Kubernetes, and those of companions whose
// CustomResourceDefinitions seldom stand among the files.
var clusterScoped = map[string][]string{
	"": {"Namespace", "Node", "PersistentVolume", "ComponentStatus"},
	"admissionregistration.k8s.io": {
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
	},
	"apiextensions.k8s.io":         {"CustomResourceDefinition"},
	"apiregistration.k8s.io":       {"APIService"},
	"authentication.k8s.io":        {"SelfSubjectReview", "TokenReview"},
	"authorization.k8s.io":         {"SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"},
	"certificates.k8s.io":          {"CertificateSigningRequest", "ClusterTrustBundle"},
	"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
	"internal.apiserver.k8s.io":    {"StorageVersion"},
	"networking.k8s.io":            {"IngressClass", "IPAddress", "ServiceCIDR"},
	"node.k8s.io":                  {"RuntimeClass"},
	"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding"},
	"resource.k8s.io":              {"DeviceClass", "DeviceTaintRule", "ResourceSlice"},
	"scheduling.k8s.io":            {"PriorityClass"},
	"storage.k8s.io":               {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
	"storagemigration.k8s.io":      {"StorageVersionMigration"},

	"aquasecurity.github.io": {
		"ClusterComplianceReport", "ClusterConfigAuditReport", "ClusterInfraAssessmentReport", "ClusterRbacAssessmentReport",
		"ClusterSbomReport", "ClusterVulnerabilityReport",
	},
	"cert-manager.io":           {"ClusterIssuer"},
	"cilium.io":                 {"CiliumClusterwideNetworkPolicy", "CiliumNode"},
	"external-secrets.io":       {"ClusterExternalSecret", "ClusterSecretStore"},
	"gateway.networking.k8s.io": {"GatewayClass"},
	"kyverno.io":                {"ClusterCleanupPolicy", "ClusterPolicy"},
	"policies.kyverno.io":       {"DeletingPolicy", "GeneratingPolicy", "ImageValidatingPolicy", "MutatingPolicy", "ValidatingPolicy"},
	"policy.sigstore.dev":       {"ClusterImagePolicy"},
	"policy.networking.k8s.io":  {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"},
	"snapshot.storage.k8s.io":   {"VolumeSnapshotClass", "VolumeSnapshotContent"},
	"templates.gatekeeper.sh":   {"ConstraintTemplate"},
	"trust.cert-manager.io":     {"Bundle"},
	"wgpolicyk8s.io":            {"ClusterPolicyReport"},
	"constraints.gatekeeper.sh": {"*"},
	"crd.projectcalico.org":     {"GlobalNetworkPolicy", "GlobalNetworkSet"},
	"projectcalico.org":         {"GlobalNetworkPolicy", "GlobalNetworkSet"},
}

// notListed are kinds of Kubernetes that the API server does not list, so that nothing of them can be evidence.
var notListed = map[schema.GroupKind]bool{
	{Group: "authentication.k8s.io", Kind: "SelfSubjectReview"}:       true,
	{Group: "authentication.k8s.io", Kind: "TokenReview"}:             true,
	{Group: "authorization.k8s.io", Kind: "LocalSubjectAccessReview"}: true,
	{Group: "authorization.k8s.io", Kind: "SelfSubjectAccessReview"}:  true,
	{Group: "authorization.k8s.io", Kind: "SelfSubjectRulesReview"}:   true,
	{Group: "authorization.k8s.io", Kind: "SubjectAccessReview"}:      true,
	{Kind: "Binding"}: true,
}

// namespaced says whether objects of a kind have a namespace. Of an unknown kind that is taken as true.
func (g *gathering) namespaced(kind schema.GroupVersionKind) bool {
	if d, ok := g.kinds[kind]; ok {
		return d.namespaced
	}
	for _, name := range clusterScoped[kind.Group] {
		if name == kind.Kind || name == "*" {
			return false
		}
	}
	return true
}

// served says whether a cluster that holds these files and no more serves a kind.
func (g *gathering) served(kind schema.GroupVersionKind) bool {
	_, defined := g.kinds[kind]
	return defined || goType(kind) != nil
}

func goType(kind schema.GroupVersionKind) reflect.Type { return scheme.Scheme.AllKnownTypes()[kind] }

// unknownField names a field that a rule reads and objects of its kind can't have, or nothing.
func (g *gathering) unknownField(p *check.Program) string {
	kind := p.Kind()
	if t := goType(kind); t != nil {
		if missing := p.MissingInGoType(t); len(missing) > 0 {
			m := missing[0]
			return (&check.Error{
				Field: m.Field, Line: m.Line, Column: m.Column,
				Message: fmt.Sprintf("%s: no such field in %s %s", m, kind.GroupVersion(), kind.Kind),
			}).Error()
		}
		return ""
	}
	d := g.kinds[kind]
	if d.schema == nil {
		return ""
	}
	var root spec.Schema
	if err := json.Unmarshal(d.schema, &root); err != nil {
		return "" // the walk over paths is a help for whoever writes a rule, not a guard
	}
	if len(root.Properties) > 0 { // these the API server adds
		for _, name := range []string{"apiVersion", "kind", "metadata"} {
			root.Properties[name] = spec.Schema{}
		}
	}
	if err := p.CheckSchema(&root, func(string) *spec.Schema { return nil }); err != nil {
		return err.Error()
	}
	return ""
}
