// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledgerstore

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/isms-operator/isms-operator/internal/ledger"
)

// keySuffix of the files that `kubectl isms keygen` writes private keys to.
const keySuffix = ".key"

// maxKeys that sign one checkpoint (api/v1alpha1).
const maxKeys = 4

// keyring holds the signing keys of a directory, such as a mounted Secret. It reads them again when a file has changed.
type keyring struct {
	dir string

	mu      sync.Mutex
	seen    string
	signers []*ledger.Signer
	problem string
}

// read returns the signers, in the order of their files, and what is wrong with a file: its name and a class of error,
// nothing of what is in it.
func (k *keyring) read() (signers []*ledger.Signer, problem string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" {
		return nil, ""
	}
	files, err := filepath.Glob(filepath.Join(k.dir, "*"+keySuffix))
	if err != nil {
		return nil, "the path of the directory is not well formed"
	}
	seen := look(files)
	if seen == k.seen {
		return k.signers, k.problem
	}
	k.signers, k.problem = load(files)
	k.seen = seen
	return k.signers, k.problem
}

// look is a text that is another one once a file has changed.
func look(files []string) string {
	var b strings.Builder
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			fmt.Fprintf(&b, "%s gone\n", file)
			continue
		}
		fmt.Fprintf(&b, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}

func load(files []string) (signers []*ledger.Signer, problem string) {
	for _, file := range files {
		name := filepath.Base(file)
		text, err := os.ReadFile(file)
		if err != nil {
			problem = name + " can't be read"
			continue
		}
		signer, err := ledger.ParseSigner(text)
		switch {
		case err != nil:
			problem = name + " is not a private key of Ed25519 in PEM"
		case len(signers) == maxKeys:
			problem = fmt.Sprintf("more than %d keys: %s does not sign", maxKeys, name)
		case !slices.ContainsFunc(signers, func(s *ledger.Signer) bool { return s.ID() == signer.ID() }):
			signers = append(signers, signer)
		}
	}
	return signers, problem
}
