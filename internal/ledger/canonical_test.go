// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		`{"b": 1, "a": "x", "B": []}`:            `{"B":[],"a":"x","b":1}`,
		`{"k": "\u00e9\u2028<&>\u007f\/"}`:       "{\"k\":\"\u00e9\u2028<&>\u007f/\"}",
		`"\u0000\u001f\b\t\n\f\r\"\\"`:           `"\u0000\u001f\b\t\n\f\r\"\\"`,
		`[ -1, 0, 9007199254740991, {"z": {}} ]`: `[-1,0,9007199254740991,{"z":{}}]`,
		`"\ud83d\ude00"`:                         `"😀"`,
	} {
		got, err := recanonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s becomes %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{`null`, `true`, `1.0`, `1e3`, `-0`, `9007199254740992`, `{"é": 1}`, `{"a": null}`, `{`} {
		if got, err := recanonical([]byte(in)); err == nil {
			t.Errorf("%s becomes %s, want an error", in, got)
		}
	}
	if got, err := EntryBytes(own, isms.LogEntry{Item: "\xff"}); err == nil && bytes.Contains(got, []byte("\xff")) {
		t.Errorf("text that is not UTF-8 stands in the canonical bytes: %q", got)
	}
}

// TestEntryDigestIsWhatTheDocsSay holds one entry against bytes that are written down here, and, where the tools are
// there, against the recipe of docs/design/ledger.md.
func TestEntryDigestIsWhatTheDocsSay(t *testing.T) {
	b := newBook(t, 100)
	b.append(control("A.8.22"), turned(start, isms.EvidenceFail))
	b.append(control("A.8.22"), turned(start.AddDate(0, 0, 1), isms.EvidencePass))
	log := b.all()[0]
	got, err := EntryBytes(KeyOf(&log), log.Spec.Entries[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"controlID":"A.8.22","entry":{"controlResult":"Ineffective","counts":{"errors":0,"failing":2,"subjects":12,"waived":0},"criteriaDigest":"` +
		string(digest([]byte("rule"))) + `","epoch":1,"failures":[{"namespace":"payments"},{"name":"web","namespace":"shop"}],` +
		`"item":"default-deny","matchedDigest":"` + string(digest([]byte("matched"))) + `","observedTime":"2026-08-01T00:00:00Z",` +
		`"operatorVersion":"0.1.0","reason":"ObjectsFailed","result":"Fail","sequence":1,"type":"EvidenceChanged"},` +
		`"format":"isms-operator.io/evidence-log/entry/v1","namespace":"isms","scope":"acme-platform","series":"Control"}`
	if string(got) != want {
		t.Errorf("canonical bytes:\n%s\nwant:\n%s", got, want)
	}
	jq, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("jq is not installed")
	}
	text, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	for i, entry := range log.Spec.Entries {
		command := exec.CommandContext(t.Context(), jq, "-cjS", "--argjson", "i", string(rune('0'+i)),
			`{format: "isms-operator.io/evidence-log/entry/v1", namespace: .metadata.namespace, scope: .spec.scopeRef.name,
			series: .spec.series, controlID: (.spec.controlID // ""), entry: (.spec.entries[$i] | del(.digest))}`)
		command.Stdin = bytes.NewReader(text)
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := digest(out); got != entry.Digest {
			t.Errorf("jq gives %s, want %s", got, entry.Digest)
		}
	}
}

// The vectors that the implementations of RFC 6962 share (certificate-transparency-go, merkle/rfc6962).
func TestMerkleRoot(t *testing.T) {
	inputs := []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var leaves []hash
	for n, want := range roots {
		if n > 0 {
			data, err := hex.DecodeString(inputs[n-1])
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leafHash(data))
		}
		root := merkleRoot(leaves)
		if got := hex.EncodeToString(root[:]); got != want {
			t.Errorf("the root of %d leaves is %s, want %s", n, got, want)
		}
	}
}

func TestAppendCheckpointRefusesHeadsOfAnotherScope(t *testing.T) {
	foreign := Head{Key: Key{Scope: Scope{"isms", "other"}, Series: isms.SeriesScope}, Sequence: 1, Digest: digest(nil)}
	twice := Head{Key: control("A.5.1"), Sequence: 1, Digest: digest(nil)}
	for name, heads := range map[string][]Head{"foreign": {foreign}, "twice": {twice, twice}} {
		if _, _, err := AppendCheckpoint(acme, heads, Seal{Time: start, Epoch: 1}); err == nil || !strings.Contains(err.Error(), "another scope") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"a": [1, "x\u0000", {}]}`))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := recanonical(in)
		if err != nil {
			return
		}
		twice, err := recanonical(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q becomes %q, and that %q, %v", in, once, twice, err)
		}
	})
}

// FuzzDecode: whatever an export holds, it is read and verified without a panic, and only one that is whole passes.
func FuzzDecode(f *testing.F) {
	b := week(f, newSigner(f, 1))
	f.Add(export(f, b.all()))
	f.Add(export(f, b.all()[:1]))
	f.Fuzz(func(t *testing.T, in []byte) {
		logs, err := Decode(in)
		if err != nil {
			return
		}
		for _, report := range Verify(logs, Options{}) {
			if report.Unsealed > report.Entries && len(report.Problems) == 0 {
				t.Errorf("%d of %d entries are not sealed", report.Unsealed, report.Entries)
			}
		}
		if _, err := LastAnchors(logs); err != nil {
			t.Log(err)
		}
	})
}
