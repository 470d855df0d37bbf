// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/isms-operator/isms-operator/test/fixture"
)

// TestLists: the master list of documents, the other registers and the records, as tables and whole for a spreadsheet.
func TestLists(t *testing.T) {
	in := fixture.Sample(t, nil)
	name := file(t, fixture.Export(t, in))
	want(t, 0, []string{"network-security-policy", "NetworkSecurityPolicy", "True"}, "documents", "-f", name)
	want(t, 0, []string{"Type,Document,Title,Version", "\nNetworkSecurityPolicy,network-security-policy,"}, "documents", "-f", name, "-o", "csv")
	want(t, 0, []string{"FirewallReview", "Pass", "True"}, "attestations", "-f", name, "--type", "firewallreview")
	all := want(t, 0, nil, "attestations", "-f", name, "-o", "csv")
	if some := want(t, 0, nil, "attestations", "-f", name, "-o", "csv", "--current"); strings.Count(some, "\n") > strings.Count(all, "\n") ||
		strings.Contains(some, "False, ") {
		t.Error("--current lists what does not count")
	}
	entry := in.Entries[0]
	want(t, 0, []string{entry.Name, string(entry.Spec.Title)}, "registers", "-f", name)
	want(t, 0, []string{"Register,Entry,Title,Owner,Details"}, "registers", "-f", name, "-o", "csv")
	for i := range in.Entries {
		text := want(t, 0, nil, "registers", "-f", name, "-o", "csv", "--register", string(entry.Spec.Register))
		if e := &in.Entries[i]; strings.Contains(text, ","+e.Name+",") != (e.Spec.Register == entry.Spec.Register) {
			t.Errorf("--register %s and the entry %s of %s", entry.Spec.Register, e.Name, e.Spec.Register)
		}
	}
	want(t, 2, []string{"Asset"}, "registers", "-f", name, "--register", "Pets")
}
