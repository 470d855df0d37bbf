// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// entry is an entry of a register that was reviewed yesterday, with the member of its register.
func (w *world) entry(name string, register isms.Register, change ...func(*isms.RegisterEntrySpec)) *isms.RegisterEntry {
	e := &isms.RegisterEntry{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.RegisterEntrySpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Register: register, Title: "An entry", Owner: roe, ReviewIntervalDays: 30, ReviewedOn: w.day(-1),
		},
	}
	if register == isms.RegisterAsset {
		e.Spec.Asset = &isms.AssetEntry{Kind: "Information", Classification: "Restricted"}
	}
	for _, c := range change {
		c(&e.Spec)
	}
	return e
}

func digestOf(text string) isms.Digest {
	return isms.Digest(fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))))
}

// inConfigMap is a document that stands in a key of a ConfigMap, approved with a digest.
func (w *world) inConfigMap(name, key string, approved isms.Digest) *isms.Document {
	d := w.document(name, "Policy", w.day(-1), 365)
	d.Spec.Source = isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "policy", Key: key}}
	d.Spec.Approval.Digest = approved
	return d
}

func (w *world) wantDigest(d *isms.Document, want isms.Digest) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(d)
		return cmp.Diff(want, d.Status.Digest)
	})
}

// asAccount runs the operator of the world as a service account that has what the operator needs, and nothing on
// ConfigMaps; grant adds the right to read one of them.
func (w *world) asAccount() (grant func(configMap string), revoke func()) {
	w.Helper()
	name := w.home + "-operator"
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "operator"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{isms.GroupName}, Resources: []string{"*"}, Verbs: []string{"*"}},
			{APIGroups: []string{"authorization.k8s.io", "events.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"create", "patch"}},
			{
				APIGroups: []string{"", "apiextensions.k8s.io", "apiregistration.k8s.io"},
				Resources: []string{"namespaces", "serviceaccounts", "pods", "customresourcedefinitions", "apiservices"},
				Verbs:     []string{"get", "list", "watch"},
			},
		}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "operator"}},
		})
	w.startAs(testenv.Shared(w).AsServiceAccount(w.home, "operator"))
	role := metav1.ObjectMeta{Namespace: w.home, Name: "read-policy"}
	grant = func(configMap string) {
		w.create(&rbacv1.Role{ObjectMeta: role, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{configMap}, Verbs: []string{"get"}},
		}}, &rbacv1.RoleBinding{
			ObjectMeta: role, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "operator"}},
		})
	}
	return grant, func() { w.delete(&rbacv1.RoleBinding{ObjectMeta: role}) }
}

// newIdleWorld is a world without an operator yet.
func newIdleWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return newWorldWithoutOperator(t)
}

// lookAt has the operator reconcile a document, as it would by itself some minutes later.
func (w *world) lookAt(d *isms.Document) {
	w.Helper()
	w.merge(d, `{"metadata":{"annotations":{"example.com/looked-at":"`+time.Now().String()+`"}}}`)
}

// wantAfterLooks is want, with a look at the document before each glance: a right that was granted takes the API server
// a moment to know.
func (w *world) wantAfterLooks(d *isms.Document, line string) {
	w.Helper()
	w.eventually(func() string {
		w.lookAt(d)
		time.Sleep(100 * time.Millisecond)
		w.refresh(d)
		if got := sketch(d); !slices.Contains(got, line) {
			return strings.Join(append(got, messages(d)...), "\n")
		}
		return ""
	})
}

// TestDocumentInAConfigMap goes from no right to an approval, to a change after it, and back to no right.
func TestDocumentInAConfigMap(t *testing.T) {
	const first, second = "Nobody shares a password.\n", "Anybody may share a password.\n"
	w := newIdleWorld(t)
	grant, revoke := w.asAccount()
	content := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "policy"}, Data: map[string]string{"policy.md": first}}
	document := w.inConfigMap("policy", "policy.md", digestOf(first))
	control := w.control("A.5.1", isms.EvidenceItem{Name: "policy", Strength: isms.StrengthSubstantial, Document: &isms.DocumentEvidence{Type: "Policy"}})
	w.create(w.scope(), content, document, control)
	w.want(document, "Ready True Assessed", "Approved Unknown SourceNotReadable", "ReviewCurrent True ReviewCurrent")
	w.want(control, "policy Unknown SourceNotReadable")
	help := message(document, isms.ConditionApproved)
	for _, part := range []string{"resources [configmaps]", "resourceNames [policy]", "verbs [get]", "system:serviceaccount:" + w.home + ":operator"} {
		if !strings.Contains(help, part) {
			t.Errorf("the message does not say what to grant (%s): %q", part, help)
		}
	}

	grant("policy")
	w.wantAfterLooks(document, "Approved True Approved")
	w.wantDigest(document, digestOf(first))
	w.want(control, "policy Pass Approved", "result Effective")

	// Nobody tells the operator of the change: it looks again by itself, within minutes.
	w.merge(content, `{"data":{"policy.md":"`+strings.TrimSpace(second)+`\n"}}`)
	_, documents, _ := w.reconcilers()
	result, err := documents.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(document)})
	if err != nil || result.RequeueAfter < 4*time.Minute || result.RequeueAfter > 6*time.Minute {
		t.Errorf("looks again after %s, %v", result.RequeueAfter, err)
	}
	w.want(document, "Approved False ChangedSinceApproval")
	w.wantDigest(document, digestOf(second))
	w.want(control, "policy Fail ChangedSinceApproval")
	w.merge(document, `{"spec":{"version":"2.0"}}`)
	w.want(document, "Approved False NotApproved")
	w.merge(document, `{"spec":{"approval":{"version":"2.0","digest":"`+string(digestOf(second))+`"}}}`)
	w.want(document, "Approved True Approved")

	w.merge(document, `{"spec":{"source":{"configMapKeyRef":{"key":"other"}}}}`)
	w.want(document, "Approved Unknown SourceNotReadable")
	if m := message(document, isms.ConditionApproved); m != "The ConfigMap policy has no key other." {
		t.Errorf("message %q", m)
	}
	w.merge(document, `{"spec":{"source":{"configMapKeyRef":{"key":"policy.md"}}}}`)
	w.want(document, "Approved True Approved")
	w.delete(content)
	w.wantAfterLooks(document, "Approved Unknown SourceNotReadable")
	if m := message(document, isms.ConditionApproved); m != "There is no ConfigMap policy in this namespace." {
		t.Errorf("message %q", m)
	}

	revoke()
	w.eventually(func() string {
		w.lookAt(document)
		time.Sleep(100 * time.Millisecond)
		w.refresh(document)
		if m := message(document, isms.ConditionApproved); !strings.HasPrefix(m, "The operator may not read") {
			return m
		}
		return ""
	})
	w.wantDigest(document, "")
	w.settle()
}

// TestDigestIsThatOfTheBytes: text, binary data and an empty value; and the content goes nowhere but into the digest.
func TestDigestIsThatOfTheBytes(t *testing.T) {
	w := newWorld(t)
	const text = "xyzzy: plugh"
	w.create(w.scope(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "policy", Annotations: map[string]string{"note": text}},
		Data:       map[string]string{"text": text, "empty": "", "UPPER.md": "ä\r\n"}, BinaryData: map[string][]byte{"binary": {0, 0xff, 7}},
	})
	for key, content := range map[string]string{"text": text, "empty": "", "UPPER.md": "ä\r\n", "binary": "\x00\xff\x07"} {
		d := w.inConfigMap("doc-"+strings.ToLower(strings.TrimSuffix(key, ".md")), key, digestOf(content))
		w.create(d)
		w.want(d, "Approved True Approved")
		w.wantDigest(d, digestOf(content))
	}
	w.settle()
	for _, o := range w.objects() {
		written, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(written), text) || strings.Contains(strings.Join(w.events(o), "\n"), text) {
			t.Errorf("the content is in %T %s or an event about it", o, o.GetName())
		}
	}
}

// TestDocumentsTellNothingThatWasNotGranted: whoever may write Documents points them at ConfigMaps of which the operator
// was granted one, and at the same names in another namespace. What differs between two worlds stays hidden.
func TestDocumentsTellNothingThatWasNotGranted(t *testing.T) {
	w := newIdleWorld(t)
	grant, _ := w.asAccount()
	other := w.namespace("other")
	inHome := func(name, text string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name}, Data: map[string]string{"policy.md": text}}
	}
	elsewhere := inHome("elsewhere", "secret")
	elsewhere.Namespace = other
	w.create(w.scope(), inHome("policy", "public"), inHome("hidden", "secret"), elsewhere)
	grant("policy")
	granted := w.inConfigMap("granted", "policy.md", digestOf("public"))
	w.create(granted)
	w.wantAfterLooks(granted, "Approved True Approved")

	said := map[string]string{}
	for _, target := range []string{"hidden", "absent", "elsewhere"} {
		for _, key := range []string{"policy.md", "absent"} {
			d := w.inConfigMap("spy-"+target+"-"+key, key, digestOf("secret"))
			d.Spec.Source.ConfigMapKeyRef.Name = isms.ObjectName(target)
			w.create(d)
			w.want(d, "Approved Unknown SourceNotReadable")
			if d.Status.Digest != "" {
				t.Errorf("%s, key %s: the digest %s is told", target, key, d.Status.Digest)
			}
			said[target+" "+key] = strings.ReplaceAll(message(d, isms.ConditionApproved), target, "NAME")
		}
	}
	for what, text := range said {
		if text != said["absent absent"] {
			t.Errorf("%s is told apart from what does not exist: %q, %q", what, text, said["absent absent"])
		}
	}
}

// TestRegisterKeptElsewhere is in review while an attestation says that it is complete, and so is what rests on it.
func TestRegisterKeptElsewhere(t *testing.T) {
	w := newWorld(t)
	register := w.document("inventory", "AssetInventory", w.day(-1), 30)
	register.Spec.Class = isms.ClassRegister
	control := w.control("A.5.9", isms.EvidenceItem{Name: "inventory", Strength: isms.StrengthSubstantial, Document: &isms.DocumentEvidence{Type: "AssetInventory"}})
	w.create(w.scope(), register, control)
	w.want(register, "ReviewCurrent False Missing", "Approved True DigestNotVerified")
	w.want(control, "inventory Fail Missing")

	complete := w.attestation("inventory-complete", "RegisterCompleteness", w.day(-28))
	complete.Spec.DocumentRef = &isms.LocalRef{Name: "inventory"}
	w.create(complete)
	w.want(register, "ReviewCurrent True ReviewCurrent")
	w.want(control, "inventory Pass DigestNotVerified", "result Effective")
	w.settle()
	expires := w.day(3)
	w.passTo(expires, register)
	w.want(register, "ReviewCurrent False Expired")
	w.want(control, "inventory Fail Expired")
}

func TestAttestationIsMeasured(t *testing.T) {
	w := newWorld(t)
	scope, training := w.scope(), w.attestation("training", "Training", w.day(-1))
	training.Spec.Participants = &isms.Participants{Expected: 100, Completed: ptr.To[int32](94)}
	training.Spec.Objective = &isms.ObjectiveMeasurement{Name: "mfa", Value: "94 %", Met: isms.No}
	review := w.attestation("review", "Review", w.day(-1))
	review.Spec.Sample, review.Spec.FindingRef = &isms.Sample{Population: 40, Size: 10, Deviations: ptr.To[int32](1)}, &isms.LocalRef{Name: "nc-1"}
	asks := func(name, kind string) isms.EvidenceItem {
		return isms.EvidenceItem{
			Name: isms.ItemName(name), Strength: isms.StrengthSubstantial,
			Attestation: &isms.AttestationEvidence{Type: isms.TypeName(kind), EveryDays: 365},
		}
	}
	control := w.control("A.6.3", asks("training", "Training"), asks("review", "Review"))
	w.create(scope, training, review, control)
	w.want(training, "Current False BelowThreshold", "ReferencesResolved False ReferenceNotFound")
	w.want(review, "Current Unknown ReferenceNotFound", "ReferencesResolved False ReferenceNotFound")
	w.want(control, "training Fail BelowThreshold", "review Unknown ReferenceNotFound", "result Ineffective")

	w.merge(scope, `{"spec":{"practice":{"minParticipationPercent":94},"objectives":[{"name":"mfa","measure":"Share.","target":"100 %","actions":"Keys.",`+
		`"owner":{"name":"R. Roe"},"dueDate":"2027-03-31"}]}}`)
	w.want(training, "Current True Current", "ReferencesResolved True ReferencesResolved")
	w.want(control, "training Pass Current")
	finding := w.finding("nc-1", "A.8.8", w.day(-1))
	w.create(w.audited(), finding)
	w.want(review, "Current True Current", "ReferencesResolved True ReferencesResolved")
	w.want(control, "review Pass Current", "result Effective")

	w.delete(finding)
	w.want(review, "Current Unknown ReferenceNotFound")
	w.want(control, "review Unknown ReferenceNotFound")
	w.settle()
}

// TestRegisterEntries: each register has its demand, and what an entry names comes and goes.
func TestRegisterEntries(t *testing.T) {
	w := newWorld(t)
	scope := w.scope()
	asset := w.entry("customer-data", isms.RegisterAsset, func(s *isms.RegisterEntrySpec) {
		s.Controls, s.Risks = []isms.ControlID{"A.5.9"}, []isms.ObjectName{"loss"}
	})
	supplier := w.entry("cloud", isms.RegisterSupplier, func(s *isms.RegisterEntrySpec) {
		s.Supplier = &isms.SupplierEntry{Criticality: isms.CriticalityHigh, AssuranceExpiresOn: w.day(2)}
	})
	auditor := w.entry("auditor", isms.RegisterCompetence, func(s *isms.RegisterEntrySpec) {
		s.Competence = &isms.CompetenceEntry{Person: smith, Role: "Auditor", Basis: "Course.", AcquiredOn: w.day(-9), AttestationRef: &isms.LocalRef{Name: "course"}}
	})
	outage := w.entry("outage", isms.RegisterIncident, func(s *isms.RegisterEntrySpec) {
		s.Incident = &isms.IncidentEntry{Severity: isms.CriticalityHigh, DetectedOn: w.day(-3), DueDate: w.day(1), FindingRef: &isms.LocalRef{Name: "nc-1"}}
	})
	w.create(scope, asset, supplier, auditor, outage)
	w.want(asset, "Ready True Assessed", "ReviewCurrent True ReviewCurrent", "Classified True Classified", "ReferencesResolved False ReferenceNotFound")
	w.want(supplier, "AgreementInPlace False Missing", "AssuranceCurrent True AssuranceCurrent", "ReferencesResolved Unknown NothingDeclared")
	w.want(auditor, "CompetenceCurrent Unknown ReferenceNotFound")
	w.want(outage, "Resolved False Open", "ReferencesResolved False ReferenceNotFound")
	w.wantEvent(supplier, "Warning Missing AgreementInPlace is False: ")

	control := w.control("A.5.9")
	risk := &isms.Risk{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "loss"}, Spec: isms.RiskSpec{
		ScopeRef: isms.LocalRef{Name: scopeName}, Approach: "EventBased", Title: "Loss", Threat: "Fire", Owner: roe,
		Properties: []isms.SecurityProperty{"Availability"},
	}}
	course := w.attestation("course", "Course", w.day(-9))
	w.create(control, risk, course, w.finding("nc-1", "A.8.8", w.day(-1)))
	w.want(asset, "ReferencesResolved True ReferencesResolved")
	w.want(auditor, "CompetenceCurrent True CompetenceCurrent", "ReferencesResolved True ReferencesResolved")
	w.merge(course, `{"metadata":{"annotations":{"isms-operator.io/suspend":"true"}}}`)
	w.want(auditor, "CompetenceCurrent Unknown Suspended")
	w.merge(course, `{"metadata":{"annotations":{"isms-operator.io/suspend":null}}}`)
	w.want(auditor, "CompetenceCurrent True CompetenceCurrent")
	w.want(outage, "ReferencesResolved True ReferencesResolved")
	correction := w.attestation("course-corrected", "Course", w.day(-8))
	correction.Spec.Supersedes = &isms.LocalRef{Name: "course"}
	w.create(correction)
	w.want(auditor, "CompetenceCurrent False Superseded")
	w.delete(risk)
	w.want(asset, "ReferencesResolved False ReferenceNotFound")

	expired := w.day(3)
	w.settle()
	w.passTo(expired, supplier, outage)
	w.want(supplier, "AssuranceCurrent False Expired")
	w.want(outage, "Resolved False Overdue")
	w.wantEvent(supplier, "Warning Expired AssuranceCurrent is False: ")
	w.merge(outage, `{"spec":{"incident":{"resolvedOn":"`+string(w.day(-1))+`","lessonsLearned":"Alarm on disks."}}}`)
	w.want(outage, "Resolved True Resolved")
}

// TestTouchedRecordConcernsFew: an edit that changes nothing else is looked at by the record itself, by what rests on it,
// and by scope and cycle.
func TestTouchedRecordConcernsFew(t *testing.T) {
	w := newLoneWorld(t)
	finding, entry, document := w.finding("nc-1", "A.8.13", w.day(-1)), w.entry("cloud", isms.RegisterAsset), w.document("policy", "Policy", w.day(-1), 365)
	asks := w.control("A.5.1", isms.EvidenceItem{Name: "policy", Document: &isms.DocumentEvidence{Type: "Policy"}})
	w.create(w.scope(), w.audited(), finding, w.finding("nc-2", "A.8.13", w.day(-9)), entry, w.entry("data", isms.RegisterAsset), document,
		w.document("other", "Other", w.day(-1), 365), w.attestation("training", "Training", w.day(-1)), asks, w.control("A.8.13"), w.control("A.8.14"))
	w.want(finding, "SeverityAdequate False Repeated")
	w.want(entry, "Ready True Assessed")
	for _, tc := range []struct {
		touched client.Object
		patch   string
		looks   map[string]float64 // at most, besides those of scope and cycle; the second is at the status just written
	}{
		{finding, `{"spec":{"similarCasesReviewed":"Three more."}}`, map[string]float64{"finding": 2, "control": 1}},
		{entry, `{"spec":{"title":"Another title"}}`, map[string]float64{"registerentry": 2}},
		{document, `{"spec":{"title":"Another title"}}`, map[string]float64{"document": 2, "control": 1}},
	} {
		before := w.settle()
		looked := w.looks()
		w.merge(tc.touched, tc.patch)
		w.eventually(func() string {
			if w.versions()[fmt.Sprintf("%T %s", tc.touched, tc.touched.GetName())] == before[fmt.Sprintf("%T %s", tc.touched, tc.touched.GetName())] {
				return "not touched yet"
			}
			return ""
		})
		after := w.settle()
		for controller, n := range w.looks() {
			if controller == "ismsscope" || controller == "auditcycle" {
				continue
			}
			if got := n - looked[controller]; got > tc.looks[controller] {
				t.Errorf("%T touched: %v looks by %s, want at most %v", tc.touched, got, controller, tc.looks[controller])
			}
		}
		for key, version := range after {
			if version != before[key] && key != fmt.Sprintf("%T %s", tc.touched, tc.touched.GetName()) {
				t.Errorf("%T touched: %s is written", tc.touched, key)
			}
		}
	}
}
