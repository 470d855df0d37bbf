// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// columns are the printer columns of each kind, as docs/design/api.md says, with their type where it is not string. Wide
// ones come after the bar. A date ahead must be a string: a date column prints it as invalid.
var columns = map[string]string{
	"Attestation":   "Type Outcome Performed Current Reason Age:date | By",
	"AuditCycle":    "Stage Next_audit Date Days:integer Satisfied Majors:integer Ready Heartbeat:date Age:date | Reason",
	"Control":       "ID Result Passing:integer Failing:integer Reason Age:date | Title Owner Theme",
	"Document":      "Type Version Approved Current Review_due Age:date | Title Owner",
	"EvidenceLog":   "Scope Control Number:integer Entries:integer Last:date Age:date |",
	"Finding":       "Severity Source Requirement Due Closed Age:date | Raised Reference",
	"ISMSScope":     "Organization Applicable:integer Satisfied:integer Gaps:integer Ready Heartbeat:date Age:date |",
	"RegisterEntry": "Register Title Current Review_due Age:date | Owner",
	"Risk":          "Inherent Treatment Residual Treated Accepted Review_due Age:date | Annual_loss Title Owner",
}

func describe(crd apiextensionsv1.CustomResourceDefinition) string {
	var normal, wide []string
	for _, column := range crd.Spec.Versions[0].AdditionalPrinterColumns {
		text := strings.ReplaceAll(column.Name, " ", "_")
		if column.Type != "string" {
			text += ":" + column.Type
		}
		if column.Priority > 0 {
			wide = append(wide, text)
			continue
		}
		normal = append(normal, text)
	}
	return strings.TrimSpace(strings.Join(normal, " ") + " | " + strings.Join(wide, " "))
}

func TestKindsAreServedAsDocumented(t *testing.T) {
	got := map[string]string{}
	for _, crd := range readCRDs(t) {
		kind := crd.Spec.Names.Kind
		got[kind] = describe(crd)
		if crd.Spec.Group != isms.GroupName || crd.Spec.Scope != apiextensionsv1.NamespaceScoped {
			t.Errorf("%s: group %s, scope %s", kind, crd.Spec.Group, crd.Spec.Scope)
		}
		if diff := cmp.Diff([]string{"isms"}, crd.Spec.Names.Categories); diff != "" {
			t.Errorf("%s: categories (-want +got)\n%s", kind, diff)
		}
		if sub := crd.Spec.Versions[0].Subresources; sub == nil || sub.Status == nil {
			t.Errorf("%s: no status subresource", kind)
		}
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Errorf("columns (-want +got)\n%s", diff)
	}
}

const controlStatus = `
conditions:
- {type: Satisfied, status: "False", reason: ObjectsFailed, message: default-deny fails in shop, lastTransitionTime: "2026-11-21T09:58:12Z"}
result: Ineffective
title: Segregation of networks
theme: Technological
summary: {total: 3, passing: 2, failing: 1, unknown: 0, notApplicable: 0}
`

const cycleStatus = `
conditions:
- {type: AuditReady, status: "False", reason: Blocked, message: ControlsSatisfied is False, lastTransitionTime: "2026-11-21T09:58:12Z"}
stage: Stage2
nextAudit: {name: stage-2, type: Stage2, plannedOn: "2026-11-23"}
daysUntilNextAudit: 0
controls: {applicable: 88, satisfied: 81, deviationsHandled: 3, withinGrace: 0, blocking: 2, unknown: 2, satisfiedOfApplicable: 81/88}
findings: {openMajor: 0, openMinor: 2, openOther: 3, overdue: 0}
`

// TestColumnsShowTheStatus reads the table that kubectl prints, up to the columns whose text depends on the time.
func TestColumnsShowTheStatus(t *testing.T) {
	c := newClient(t)
	tests := []struct {
		kind, resource, status string
		want                   []any
	}{
		{"control", "controls", controlStatus, []any{"a-8-22", "A.8.22", "Ineffective", 2.0, 1.0, "ObjectsFailed"}},
		{"auditcycle", "auditcycles", cycleStatus, []any{"acme-2026", "Stage2", "stage-2", "2026-11-23", 0.0, "81/88", 0.0, "False"}},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			obj := validObject(t, tt.kind)
			if err := c.Create(context.Background(), obj); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Delete(context.Background(), obj); err != nil {
					t.Error(err)
				}
			})
			setStatus(t, c, obj, tt.status)
			row := tableRow(t, tt.resource, obj.GetName())
			if diff := cmp.Diff(tt.want, row[:len(tt.want)]); diff != "" {
				t.Errorf("row (-want +got)\n%s", diff)
			}
		})
	}
}

func setStatus(t *testing.T, c client.Client, obj *unstructured.Unstructured, text string) {
	t.Helper()
	var status map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &status); err != nil {
		t.Fatal(err)
	}
	obj.Object["status"] = status
	if err := c.Status().Update(context.Background(), obj); err != nil {
		t.Fatal(err)
	}
}

func tableRow(t *testing.T, resource, name string) []any {
	t.Helper()
	config := rest.CopyConfig(testenv.Shared(t).Config)
	config.GroupVersion, config.APIPath = &isms.GroupVersion, "/apis"
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	c, err := rest.RESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	body, err := c.Get().Namespace(namespace).Resource(resource).Name(name).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(body, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 1 {
		t.Fatalf("%d rows", len(table.Rows))
	}
	return table.Rows[0].Cells
}
