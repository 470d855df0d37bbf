// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

var listIndex = regexp.MustCompile(`\[[0-9]+\]`)

// ruleID is a rule as it was written. A rule of a shared type stands in many places under one id.
type ruleID struct {
	rule, message, fieldPath string
}

// placedRule is a rule in one place: the kind, and the field that its errors name, with [] for any index.
type placedRule struct {
	kind, field string
	id          ruleID
}

func readCRDs(t *testing.T) []apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	crds := make([]apiextensionsv1.CustomResourceDefinition, len(files))
	for i, file := range files {
		readYAML(t, file, &crds[i])
	}
	return crds
}

var rules struct {
	sync.Once
	all []placedRule
}

// readRules returns every validation rule of every CRD.
func readRules(t *testing.T) []placedRule {
	t.Helper()
	rules.Do(func() {
		for _, crd := range readCRDs(t) {
			walk(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, "", func(field string, schema *apiextensionsv1.JSONSchemaProps) {
				for _, rule := range schema.XValidations {
					rules.all = append(rules.all, placedRule{
						kind:  crd.Spec.Names.Kind,
						field: strings.TrimPrefix(field+rule.FieldPath, "."),
						id:    ruleID{rule: rule.Rule, message: rule.Message, fieldPath: rule.FieldPath},
					})
				}
			})
		}
	})
	if len(rules.all) == 0 {
		t.Fatal("no validation rule found in config/crd/bases")
	}
	return rules.all
}

// walk visits a schema and all below it. The field of an item of a list ends with [].
func walk(schema *apiextensionsv1.JSONSchemaProps, field string, visit func(string, *apiextensionsv1.JSONSchemaProps)) {
	visit(field, schema)
	for name, property := range schema.Properties {
		walk(&property, field+"."+name, visit)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(schema.Items.Schema, field+"[]", visit)
	}
}

func TestRulesHaveMessagesThatDiffer(t *testing.T) {
	seen := map[placedRule]string{}
	for _, rule := range readRules(t) {
		if rule.id.message == "" {
			t.Errorf("%s %s: a rule has no message: %s", rule.kind, rule.field, rule.id.rule)
		}
		place := placedRule{kind: rule.kind, field: rule.field, id: ruleID{message: rule.id.message}}
		if other, ok := seen[place]; ok {
			t.Errorf("%s %s: two rules have one message, so that neither a reader nor a test can tell them apart:\n%s\n%s",
				rule.kind, rule.field, other, rule.id.rule)
		}
		seen[place] = rule.id.rule
	}
}

// TestSchemasKeepTheConventions holds every field against the conventions of the API: bounded, typed lists, no default,
// no bool, no float, no map.
func TestSchemasKeepTheConventions(t *testing.T) {
	for _, crd := range readCRDs(t) {
		root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
		walk(root, "", func(field string, schema *apiextensionsv1.JSONSchemaProps) {
			if foreign(field) {
				return
			}
			for _, problem := range problems(schema) {
				t.Errorf("%s %s: %s", crd.Spec.Names.Kind, strings.TrimPrefix(field, "."), problem)
			}
		})
		if status := root.Properties["status"]; crd.Spec.Names.Kind != "EvidenceLog" {
			if _, ok := status.Properties["conditions"]; !ok {
				t.Errorf("%s has no status.conditions", crd.Spec.Names.Kind)
			}
		}
	}
}

// foreign fields are of types that Kubernetes defines.
func foreign(field string) bool {
	for _, prefix := range []string{".apiVersion", ".kind", ".metadata", ".status.conditions[]"} {
		if strings.HasPrefix(field, prefix) {
			return true
		}
	}
	return strings.Contains(field, ".matchLabels") || strings.Contains(field, ".matchExpressions")
}

func problems(schema *apiextensionsv1.JSONSchemaProps) []string {
	var found []string
	add := func(broken bool, format string, args ...any) {
		if broken {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	add(schema.Default != nil, "has a default")
	add(schema.Description == "" && schema.Type != "string" && schema.Type != "object", "has no description")
	switch schema.Type {
	case "string":
		bounded := schema.MaxLength != nil || len(schema.Enum) > 0 || schema.Format == "date-time"
		add(!bounded, "is a string without maxLength")
	case "array":
		add(schema.MaxItems == nil, "is a list without maxItems")
		add(schema.XListType == nil, "is a list without a type")
	case "object":
		add(schema.AdditionalProperties != nil, "is a map")
	case "integer":
		add(schema.Minimum == nil, "is a number without a minimum")
	default:
		add(true, "has type %q", schema.Type)
	}
	return found
}
