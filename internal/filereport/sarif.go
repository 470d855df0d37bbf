// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filereport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// SARIF writes a report in the Static Analysis Results Interchange Format 2.1.0 (OASIS standard, 27 March 2020): a rule for
// each evidence item, a result for each subject that fails, can't be judged or is waived, and one, at the Control, for each
// other item that fails or is unknown. A waived failure is a suppressed result. What can't be read is a notification.
func SARIF(w io.Writer, r *filecheck.Report, version string) error {
	s := &sarif{indexes: map[string]int{}}
	for i := range r.Controls {
		c := &r.Controls[i]
		for j := range c.Evidence {
			s.item(c, &c.Evidence[j])
		}
	}
	invocation := sarifInvocation{ExecutionSuccessful: len(r.Errors) == 0, Notifications: []sarifNotification{}}
	for _, err := range r.Errors {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{
			Level: "error", Message: sarifText{err.Error()}, Locations: locations(err.Place, ""),
		})
	}
	for _, note := range r.Notes {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{Level: "note", Message: sarifText{note}})
	}
	log := sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:        sarifTool{sarifDriver{Name: "kubectl-isms", Version: version, Rules: s.rules}},
			Invocations: []sarifInvocation{invocation}, Results: s.results,
		}},
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if err := out.Encode(log); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string     `json:"id"`
	ShortDescription sarifText  `json:"shortDescription"`
	FullDescription  *sarifText `json:"fullDescription,omitempty"`
	Help             *sarifText `json:"help,omitempty"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

// sarif gathers rules and results.
type sarif struct {
	rules   []sarifRule
	results []sarifResult
	indexes map[string]int
}

// rule adds the rule of an item and returns its index. Two Controls with one id, which is an error of theirs, share it.
func (s *sarif) rule(c *filecheck.Control, e *filecheck.Evidence) (id string, index int) {
	id = string(c.Spec.ID) + "/" + e.Name
	if index, ok := s.indexes[id]; ok {
		return id, index
	}
	r := sarifRule{ID: id, ShortDescription: sarifText{strings.TrimSpace(string(c.Spec.ID) + " " + c.Status.Title)}}
	if text := string(e.Item.Description); text != "" {
		r.FullDescription = &sarifText{text}
	}
	if text := string(e.Item.Limitation); text != "" {
		r.Help = &sarifText{text}
	}
	s.indexes[id] = len(s.rules)
	s.rules = append(s.rules, r)
	return id, len(s.rules) - 1
}

func (s *sarif) item(c *filecheck.Control, e *filecheck.Evidence) {
	id, index := s.rule(c, e)
	level := map[isms.EvidenceResult]string{isms.EvidenceFail: "error", isms.EvidenceUnknown: "warning"}[e.Result]
	named := false
	for x := range e.Subjects(filecheck.Fail, filecheck.Error, filecheck.Waived) {
		at := x.Place
		if at.File == "" {
			at = c.Place
		}
		one := sarifResult{
			RuleID: id, RuleIndex: index, Level: "error", Message: sarifText{problem(e, x)}, Locations: locations(at, x.String()),
			Fingerprints: fingerprint(id, x.APIVersion, x.String()),
		}
		switch x.Verdict {
		case filecheck.Error:
			one.Level = "warning"
		case filecheck.Waived:
			one.Suppressions = suppressions(c, x.Exceptions)
		case filecheck.Fail, filecheck.Pass:
		}
		s.results = append(s.results, one)
		named = true
	}
	if named && e.Result != isms.EvidencePass || level == "" {
		return
	}
	s.results = append(s.results, sarifResult{
		RuleID: id, RuleIndex: index, Level: level, Message: sarifText{title(c, e) + ": " + message(e)},
		Locations:    locations(c.Place, "Control "+c.Namespace+"/"+c.Name),
		Fingerprints: fingerprint(id, "", "Control "+c.Namespace+"/"+c.Name),
	})
}

func suppressions(c *filecheck.Control, exceptions []string) []sarifSuppression {
	var out []sarifSuppression
	for _, x := range c.Spec.Exceptions {
		if slices.Contains(exceptions, string(x.Name)) {
			out = append(out, sarifSuppression{Kind: "external", Status: "accepted", Justification: string(x.Reason)})
		}
	}
	return out
}

// fingerprint lets a result be recognized where its line has moved.
func fingerprint(parts ...string) map[string]string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return map[string]string{"ismsSubject/v1": hex.EncodeToString(sum[:])}
}

func locations(at manifest.Place, object string) []sarifLocation {
	where := sarifLocation{Physical: &sarifPhysical{Artifact: sarifArtifact{uri(at.File)}}}
	if at.Line > 0 {
		where.Physical.Region = &sarifRegion{at.Line}
	}
	if object != "" {
		where.Logical = []sarifLogical{{FullyQualifiedName: object, Kind: "resource"}}
	}
	return []sarifLocation{where}
}

// uri is a file name as a reference.
func uri(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
