// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package load writes what check is measured on: pods, and rules that real Controls have on them.
package load

import (
	"fmt"
	"io"
	"strings"
)

// Rules are rules that real Controls have on pods; one pod in twenty violates the first.
var Rules = []string{
	`object.spec.containers.all(c, c.image.startsWith("registry.example.com/"))`,
	`!object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false)`,
	`object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, c.?resources.?requests[?"cpu"].hasValue() && c.?resources.?limits[?"memory"].hasValue())`,
	`object.spec.containers.all(c, "ALL" in c.?securityContext.?capabilities.?drop.orValue([]))`,
	`object.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))`,
	`has(object.metadata.labels) && "app.kubernetes.io/name" in object.metadata.labels`,
	`!object.spec.?volumes.orValue([]).exists(v, has(v.hostPath))`,
	`object.spec.containers.all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
	`!object.spec.containers.exists(c, has(c.env) && c.env.exists(e, has(e.value) && e.name.endsWith("PASSWORD")))`,
}

// pod is of the size of one that runs, as kubectl get -o yaml prints it, without managedFields: two containers, probes,
// mounts, a status. Each differs from every other in what the rules read.
const pod = `apiVersion: v1
kind: Pod
metadata:
  annotations:
    checksum/config: "%064[1]d"
    prometheus.io/scrape: "true"
  creationTimestamp: "2026-11-20T10:11:12Z"
  generateName: app-%[1]d-5c9f8b7d6-
  labels:
    app.kubernetes.io/instance: app-%[1]d
    app.kubernetes.io/name: app
    pod-template-hash: 5c9f8b7d6
  name: app-%[1]d-5c9f8b7d6-x2x4z
  namespace: team-%[2]d
  resourceVersion: "%[1]d"
  uid: 6f1c1d2e-0000-4000-8000-%012[1]d
spec:
  automountServiceAccountToken: false
  containers:
%[3]s%[4]s  dnsPolicy: ClusterFirst
  enableServiceLinks: true
  nodeName: node-17
  preemptionPolicy: PreemptLowerPriority
  priority: 0
  restartPolicy: Always
  schedulerName: default-scheduler
  securityContext: {}
  serviceAccount: app
  serviceAccountName: app
  terminationGracePeriodSeconds: 30
  tolerations:
  - effect: NoExecute
    key: node.kubernetes.io/not-ready
    operator: Exists
    tolerationSeconds: 300
  - effect: NoExecute
    key: node.kubernetes.io/unreachable
    operator: Exists
    tolerationSeconds: 300
  volumes:
  - configMap:
      defaultMode: 420
      name: app
    name: config
  - emptyDir: {}
    name: tmp
status:
  conditions:
  - lastProbeTime: null
    lastTransitionTime: "2026-11-20T10:11:13Z"
    status: "True"
    type: Ready
  - lastProbeTime: null
    lastTransitionTime: "2026-11-20T10:11:12Z"
    status: "True"
    type: PodScheduled
  hostIP: 10.0.0.17
  phase: Running
  podIP: 10.1.2.3
  qosClass: Burstable
  startTime: "2026-11-20T10:11:12Z"
---
`

const container = `  - args:
    - --listen=:8080
    - --log-format=json
    - --config=/etc/app/config.yaml
    env:
    - name: MODE
      value: production
    - name: INSTANCE
      value: "%[3]d"
    image: %[2]s/team/%[1]s:1.%[3]d
    imagePullPolicy: IfNotPresent
    name: %[1]s
    ports:
    - containerPort: 8080
      name: http
      protocol: TCP
    readinessProbe:
      failureThreshold: 3
      httpGet:
        path: /ready
        port: 8080
        scheme: HTTP
      periodSeconds: 10
      successThreshold: 1
      timeoutSeconds: 1
    resources:
      limits:
        memory: 256Mi
      requests:
        cpu: 100m
        memory: 128Mi
    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop:
        - ALL
      runAsNonRoot: true
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    volumeMounts:
    - mountPath: /etc/app
      name: config
    - mountPath: /tmp
      name: tmp
`

const (
	teams    = 50
	violates = 20 // one pod of so many
)

// Pods writes n of them, as one stream of YAML.
func Pods(w io.Writer, n int) {
	for i := range n {
		registry := "registry.example.com"
		if i%violates == 0 {
			registry = "docker.io"
		}
		fmt.Fprintf(w, pod, i, i%teams, fmt.Sprintf(container, "app", registry, i), fmt.Sprintf(container, "proxy", registry, i))
	}
}

const scope = `apiVersion: isms-operator.io/v1alpha1
kind: ISMSScope
metadata: {name: scope, namespace: isms}
spec:
  organization: Example
  statement: All of it.
  framework: ISO27001-2022
  evidence:
    serviceAccountName: reader
    namespaces: [%s]
---
`

const control = `apiVersion: isms-operator.io/v1alpha1
kind: Control
metadata: {name: rule-%[1]d, namespace: isms}
spec:
  scopeRef: {name: scope}
  source: Other
  sourceName: Bench
  title: A rule
  id: R.%[1]d
  owner: {name: Team}
  applicability: {decision: Applicable, reasons: [BestPractice], justification: Because.}
  implementation: {state: Implemented, description: Done.}
  evidence:
  - name: rule
    strength: Substantial
    resources:
      apiVersion: v1
      kind: Pod
      quantifier: Every
      expect: '%[2]s'
---
`

// Controls writes an ISMS with a Control for each of the rules.
func Controls(w io.Writer) {
	names := make([]string, 0, teams)
	for i := range teams {
		names = append(names, fmt.Sprintf("team-%d", i))
	}
	fmt.Fprintf(w, scope, strings.Join(names, ", "))
	for i, rule := range Rules {
		fmt.Fprintf(w, control, i, rule)
	}
}

// template is the same rule for Gatekeeper, in the same language.
const template = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: rule%[1]d}
spec:
  crd: {spec: {names: {kind: Rule%[1]d}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    code:
    - engine: K8sNativeValidation
      source:
        validations:
        - expression: '%[2]s'
          message: violates rule %[1]d
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Rule%[1]d
metadata: {name: rule%[1]d}
spec: {match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}}
---
`

// Templates writes the rules for Gatekeeper.
func Templates(w io.Writer) {
	for i, rule := range Rules {
		fmt.Fprintf(w, template, i, strings.ReplaceAll(rule, "object.", "variables.anyObject."))
	}
}
