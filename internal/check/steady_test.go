// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import "testing"

func TestWhatReplicasHaveOfTheirOwn(t *testing.T) {
	for _, c := range []struct {
		expect             string
		identity, revision bool
	}{
		{`object.spec.hostNetwork`, false, false},
		{`object.metadata.labels['a'] == 'x' && has(object.metadata.annotations)`, false, false},
		{`object.metadata.namespace != 'default' && object.kind == 'Pod'`, false, false},
		{`object.spec.containers.all(c, c.name != '')`, false, false},
		{`object.metadata.name != ''`, true, false},
		{`object.metadata.?uid.orValue('') != ''`, true, false},
		{`object.spec.nodeName != ''`, true, false},
		{`object.status.phase == 'Running'`, true, false},
		{`object.metadata.resourceVersion != ''`, true, true},
		{`object.metadata != {}`, true, true},
		{`object.metadata.exists(k, k == 'name')`, true, true},
		{`object != {}`, true, true},
		{`object.spec != {}`, true, false},
	} {
		p := mustCompile(t, Rule{Expect: c.expect})
		if p.ReadsIdentity() != c.identity || p.ReadsRevision() != c.revision {
			t.Errorf("%s: identity %v, revision %v; want %v, %v", c.expect, p.ReadsIdentity(), p.ReadsRevision(), c.identity, c.revision)
		}
	}
}
