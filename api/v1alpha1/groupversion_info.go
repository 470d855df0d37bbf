// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the kinds of the group isms-operator.io: an information security management system as
// Kubernetes resources.
//
// Authored intent is spec and is never written by the operator; what is computed is status. No field has a default in
// the CRD: what is in Git is what is in the cluster.
//
// +kubebuilder:object:generate=true
// +groupName=isms-operator.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group of all kinds.
const GroupName = "isms-operator.io"

const (
	// AnnotationSuspend, set to "true", keeps the operator from assessing the object.
	AnnotationSuspend = GroupName + "/suspend"
	// LabelScope is the label by which a namespace can name its scope, as namespace.name of the ISMSScope.
	LabelScope = GroupName + "/scope"
	// LabelPartOf with the value PartOf marks the operator's own objects; they never satisfy a rule.
	LabelPartOf = "app.kubernetes.io/part-of"
	// PartOf is the value of LabelPartOf on the operator's own objects.
	PartOf = "isms-operator"
)

var (
	// GroupVersion is the group and version of all kinds.
	GroupVersion = schema.GroupVersion{Group: GroupName, Version: "v1alpha1"}

	// SchemeBuilder collects the functions that add the kinds to a scheme.
	SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme adds all kinds to a scheme.
	AddToScheme = SchemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&ISMSScope{}, &ISMSScopeList{},
		&Control{}, &ControlList{},
		&AuditCycle{}, &AuditCycleList{},
		&Document{}, &DocumentList{},
		&Attestation{}, &AttestationList{},
		&Risk{}, &RiskList{},
		&RegisterEntry{}, &RegisterEntryList{},
		&Finding{}, &FindingList{},
		&EvidenceLog{}, &EvidenceLogList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
