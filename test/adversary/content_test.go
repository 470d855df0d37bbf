// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
)

func secrets(q isms.Quantifier, expect string) isms.ResourceRule {
	return isms.ResourceRule{Kind: "Secret", Quantifier: q, Expect: expect}
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// appliedSecret is a Secret as kubectl apply leaves it: its data stands in an annotation as well. The account may list
// it, as it must for a rule on the metadata of Secrets.
func appliedSecret(w *world) {
	data := base64Secret(w.bit)
	w.grant(w.victim, reads("secrets configmaps"))
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: "database", Annotations: map[string]string{
			lastApplied: fmt.Sprintf(`{"apiVersion":"v1","data":{"password":%q},"kind":"Secret"}`, data),
		}},
		Type: corev1.SecretType("example.com/" + w.is()),
		Data: map[string][]byte{"password": []byte(w.secret()), w.is(): []byte("x")},
	})
}

// whereBitIsOne is the base64 of the secret in the world whose bit is 1; the tenant guesses it.
var whereBitIsOne = base64Secret(1)

// contentAttacks ask what the account may list in part, or show what is in it.
var contentAttacks = []attack{
	{
		name: "a Secret's data", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierEvery, fmt.Sprintf(`object.data['password'] == '%s'`, whereBitIsOne)),
	},
	{
		name: "a Secret's keys", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierEvery, `'hunter1' in object.data`),
	},
	{
		name: "a Secret's data, in kubectl's annotation", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierEvery, fmt.Sprintf(`object.metadata.annotations['%s'].contains('%s')`, lastApplied, whereBitIsOne)),
	},
	{
		name: "a Secret's type, as a field", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierEvery, `object.type.endsWith('hunter1')`),
	},
	{
		name: "a Secret as a whole", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierEvery, fmt.Sprintf(`[object].exists(o, o.data['password'] == '%s')`, whereBitIsOne)),
	},
	{
		name: "a Secret's data, as a Set", guard: guard.Metadata, want: isms.ReasonRuleInvalid, setup: appliedSecret,
		rule: secrets(isms.QuantifierSet, `objects.exists(o, 'hunter1' in o.data)`),
	},
	{
		name: "a ConfigMap's data", guard: guard.Metadata, want: isms.ReasonRuleInvalid,
		rule: isms.ResourceRule{Kind: "ConfigMap", Quantifier: isms.QuantifierAny, Expect: `has(object.data) && object.data.exists(k, object.data[k].endsWith('hunter1'))`},
		setup: func(w *world) {
			w.grant(w.victim, reads("configmaps"))
			w.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: "c"}, Data: map[string]string{"k": w.secret()}})
		},
	},

	quoting("a key", `{'a': true}[object.metadata.annotations.pin]`),
	quoting("an address", `ip(object.metadata.annotations.pin).family() == 4`),
	quoting("a range of addresses", `cidr(object.metadata.annotations.pin).prefixLength() == 24`),
	quoting("a link", `url('http://' + object.metadata.annotations.pin + ':x').getHost() != ''`),

	{
		name: "what an aggregated API server shows the operator only", guard: guard.Aggregated, want: isms.ReasonRuleInvalid,
		rule: isms.ResourceRule{
			APIVersion: "notes-ID.example.com/v1", Kind: "Note", Quantifier: isms.QuantifierEvery, Expect: `object.text.endsWith('hunter1')`,
		},
		setup: func(w *world) { w.aggregate() }, scope: onlyHome,
	},
}

// quoting makes CEL fail on a value that it quotes in its error.
func quoting(what, expect string) attack {
	return attack{
		name: "a value, in the error about " + what, guard: guard.Text, want: isms.ReasonExpressionError,
		rule: pods(isms.QuantifierEvery, expect), setup: all(mayRead("pods"), onePodUnmarked),
	}
}
