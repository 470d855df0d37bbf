// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPods evaluates ten rules on a thousand pods, reading them included. The pods differ in what the rules read.
func BenchmarkPods(b *testing.B) {
	const n = 1000
	container := "  - name: %[1]s\n    image: registry.example.com/team/%[1]s:1.%[2]d\n    args: [--json]\n    env:\n    - name: MODE\n      value: production\n" +
		"    resources:\n      limits:\n        memory: 256Mi\n      requests:\n        cpu: 100m\n        memory: 128Mi\n    securityContext:\n      allowPrivilegeEscalation: false\n" +
		"      capabilities:\n        drop:\n        - ALL\n      runAsNonRoot: true\n    volumeMounts:\n    - mountPath: /tmp\n      name: tmp\n"
	var pods strings.Builder
	for i := range n {
		fmt.Fprintf(&pods, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p%d\n  namespace: shop\n  labels:\n    app.kubernetes.io/name: app\nspec:\n  containers:\n%s%s  volumes:\n  - name: tmp\n    emptyDir: {}\n---\n",
			i, fmt.Sprintf(container, "app", i), fmt.Sprintf(container, "proxy", i))
	}
	controls := frame
	for i, rule := range []string{
		"object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))", "!object.spec.?hostPID.orValue(false)",
		"object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))",
		"object.spec.containers.all(c, c.?resources.?limits[?'memory'].hasValue())",
		"object.spec.containers.all(c, 'ALL' in c.?securityContext.?capabilities.?drop.orValue([]))",
		"object.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))",
		"'app.kubernetes.io/name' in object.metadata.?labels.orValue({})", "!object.spec.?volumes.orValue([]).exists(v, has(v.hostPath))",
		"object.spec.containers.all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true))",
		"!object.spec.containers.exists(c, c.?env.orValue([]).exists(e, has(e.value) && e.name.endsWith('PASSWORD')))",
	} {
		controls += controlOf(fmt.Sprintf("C.%d", i), fmt.Sprintf(`{apiVersion: v1, kind: Pod, quantifier: Every, expect: "%s"}`, rule))
	}
	text := pods.String()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if r := run(b, Options{}, controls, text); r.Objects < n || len(r.Errors) > 0 {
			b.Fatal(r.Objects, r.Errors)
		}
	}
}
