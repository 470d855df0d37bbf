// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// structuralAttacks try what the API has no way to say: references stay in the namespace.
var structuralAttacks = []attack{
	{
		name: "another namespace's account, by its name", want: isms.ReasonAccessDenied, rule: pods(isms.QuantifierAny, anything),
		setup: func(w *world) {
			w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: "auditor"}})
			w.allow(w.victim, serviceAccount(w.victim, "auditor"), reads("pods"))
			podIfOne(w)
		},
		scope: func(_ *world, s *isms.ISMSScope) { s.Spec.Evidence.ServiceAccountName = "auditor" },
	},
	{
		name: "another namespace's scope, by its name", setup: ifOne(asks()),
		scope: func(_ *world, s *isms.ISMSScope) { s.Name = "other" },
	},
	{
		name: "another namespace's controls, by a duplicate id", scope: onlyHome,
		setup: ifOne(asks()),
	},
	{
		name: "another namespace's documents, by their type", scope: onlyHome, want: isms.ReasonMissing,
		control: func(_ *world, c *isms.Control) {
			c.Spec.Evidence = []isms.EvidenceItem{{Name: "rule", Document: &isms.DocumentEvidence{Type: "AccessPolicy"}}}
		},
		setup: ifOne(asks(), func(w *world) {
			w.create(&isms.Document{
				ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: marker},
				Spec: isms.DocumentSpec{
					ScopeRef: isms.LocalRef{Name: "acme"}, Type: "AccessPolicy", Class: isms.ClassDocument, Title: marker, Version: "1.0", Owner: roe,
					Approval:           &isms.DocumentApproval{Version: "1.0", Approval: isms.Approval{ApprovedBy: smith, ApprovedOn: "2026-01-01"}},
					ReviewIntervalDays: 1830, Source: isms.DocumentSource{URL: "https://git.example.com/isms/document.md"},
				},
			})
		}),
	},
	{
		name: "another namespace's findings, by the control's id", scope: onlyHome,
		setup: ifOne(asks(), func(w *world) {
			w.create(&isms.Finding{
				ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: marker},
				Spec: isms.FindingSpec{
					ScopeRef: isms.LocalRef{Name: "acme"}, Severity: isms.SeverityMinor, Source: isms.FindingFromOperation, Requirement: "A.8.22",
					RaisedOn: "2026-01-01", Statement: marker, ObjectiveEvidence: marker,
				},
			})
		}),
	},
}

func ifOne(steps ...func(*world)) func(*world) {
	return func(w *world) {
		if w.bit == 1 {
			all(steps...)(w)
		}
	}
}
