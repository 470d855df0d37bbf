// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// secretMark is in each value of the objects that rules look at, and in none of their names.
const secretMark = "hunter2-not-to-be-told"

// quoting are expressions of which CEL's own errors would quote a value.
var quoting = []string{
	`int(object.metadata.annotations.pin) > 0`,
	`double(object.metadata.annotations.pin) > 0.0`,
	`duration(object.metadata.annotations.pin) > duration('1s')`,
	`timestamp(object.metadata.annotations.pin) < now`,
	`bool(object.metadata.annotations.pin)`,
	`quantity(object.metadata.annotations.pin).isInteger()`,
	`ip(object.metadata.annotations.pin).family() == 4`,
	`url(object.metadata.annotations.pin + ' x').getHost() != ''`,
	`semver(object.metadata.annotations.pin).major() > 0`,
	`{'a': true}[object.metadata.annotations.pin]`,
	`object.metadata.annotations[object.metadata.annotations.pin] != ''`,
	`'%d'.format([object.metadata.annotations.pin]) != ''`,
	`object.metadata.annotations.pin.charAt(1000) != ''`,
	`object.spec.containers[0].env[0].value == ''`,
	`namespaceObject.metadata.labels[object.metadata.annotations.pin] == ''`,
}

// TestValuesAreNotTold runs the program as talkative as it can be, with rules that fail, and fail to evaluate, on objects
// whose values are marked. The mark appears nowhere: not in its log, its metrics, a status, an event or the evidence log.
func TestValuesAreNotTold(t *testing.T) {
	w := install(t)
	w.isms("secrecy")
	w.grantMetadata()
	w.markedObjects()
	policy := w.markedDocument()
	metrics := freeAddress(t)
	p := launch(t, "--metrics-bind-address="+metrics, "--zap-log-level=10")
	p.metrics = metrics
	var controls []*isms.Control
	for i, expect := range quoting {
		controls = append(controls, w.control(fmt.Sprintf("A.8.%d", i+1), "v1", "Pod", expect))
	}
	controls = append(controls, w.control("A.5.1", "v1", "Secret", `object.metadata.name == ''`), w.control("A.5.2", "v1", "ConfigMap", `object.metadata.name == ''`))
	w.eventually(func() string {
		for _, c := range controls {
			w.get(client.ObjectKeyFromObject(c), c)
			if len(c.Status.Evidence) != 1 || c.Status.Evidence[0].Reason == isms.ReasonNotSynced {
				return string(c.Spec.ID) + " is not judged"
			}
		}
		if w.get(client.ObjectKeyFromObject(policy), policy); policy.Status.Digest == "" {
			return "the document is not read"
		}
		return ""
	})
	for _, c := range controls {
		if e := c.Status.Evidence[0]; e.Result == isms.EvidencePass || e.Reason == isms.ReasonRuleInvalid || e.Reason == isms.ReasonOperatorForbidden {
			t.Errorf("%s: %q is %s, %s: nothing was tried: %s", c.Spec.ID, c.Spec.Evidence[0].Resources.Expect, e.Result, e.Reason, e.Message)
		}
	}
	w.awaitHeartbeat()
	w.unmarked("the metrics", strings.Join(p.scrape(), "\n"))
	p.stop()
	log := strings.Join(p.lines(), "\n")
	w.unmarked("the log", log)
	if strings.Contains(log, string(controls[0].Spec.Owner.Email)) {
		t.Error("the log names a person")
	}
	for _, list := range []client.ObjectList{
		&isms.ControlList{}, &isms.ISMSScopeList{}, &isms.EvidenceLogList{}, &eventsv1.EventList{}, &isms.DocumentList{},
	} {
		if err := w.client.List(t.Context(), list, client.InNamespace(w.home)); err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		w.unmarked(fmt.Sprintf("%T", list), string(text))
	}
}

// unmarked asks that a text does not have the mark, in whichever encoding.
func (w *world) unmarked(what, text string) {
	w.Helper()
	if text == "" {
		w.Errorf("%s is empty", what)
	}
	for line := range strings.Lines(text) {
		if i := strings.Index(line, secretMark); i >= 0 {
			w.Errorf("%s tells a value: …%s", what, line[max(0, i-200):min(len(line), i+60)])
			return
		}
	}
}

// grantMetadata lets the operator list Secrets and ConfigMaps, which it is not by default.
func (w *world) grantMetadata() {
	w.Helper()
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "metadata", Labels: map[string]string{"isms-operator.io/aggregate-to-evidence": "true"}},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets", "configmaps"}, Verbs: []string{"list", "watch"}}},
	}
	w.create(role)
	w.Cleanup(func() {
		if err := w.client.Delete(context.Background(), role); err != nil {
			w.Error(err)
		}
	})
	w.awaitRules("isms-operator-evidence")
}

// markedDocument is a Document whose text, which the operator may get, is the mark.
func (w *world) markedDocument() *isms.Document {
	w.Helper()
	object := metav1.ObjectMeta{Namespace: w.home, Name: "policy"}
	d := &isms.Document{ObjectMeta: object, Spec: isms.DocumentSpec{
		ScopeRef: isms.LocalRef{Name: "acme"}, Type: "InformationSecurityPolicy", Class: isms.ClassDocument, Title: "Policy", Version: "1.0",
		Owner: isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}, ReviewIntervalDays: 365,
		Source: isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "policy", Key: "text"}},
	}}
	w.create(d,
		&corev1.ConfigMap{ObjectMeta: object, Data: map[string]string{"text": secretMark}},
		&rbacv1.Role{ObjectMeta: object, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{"policy"}, Verbs: []string{"get"},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: object, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "policy"},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: systemNamespace, Name: serviceAccount}},
		})
	return d
}

// markedObjects have the mark wherever they may have a value.
func (w *world) markedObjects() {
	w.Helper()
	marks := map[string]string{"pin": secretMark}
	pod := w.pod("web", secretMark)
	pod.Annotations = marks
	pod.Spec.Containers[0].Image = "registry.example.com/" + secretMark + ":1"
	pod.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "PASSWORD", Value: secretMark}}
	pod.Spec.Containers[0].Command = []string{"serve", "--password=" + secretMark}
	object := metav1.ObjectMeta{Namespace: w.shop(), Name: "settings", Annotations: marks, Labels: marks}
	w.create(pod,
		&corev1.Secret{ObjectMeta: object, StringData: marks},
		&corev1.ConfigMap{ObjectMeta: object, Data: marks})
	w.merge(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.shop()}}, fmt.Sprintf(`{"metadata":{"labels":{"pin":%q}}}`, secretMark))
}
