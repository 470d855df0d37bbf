// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/isms-operator/isms-operator/internal/ledger"
)

const (
	privateSuffix = ".key"
	publicSuffix  = ".pub"
)

func newKeygen() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "keygen NAME",
		Short: "Make a key pair for the checkpoints of the evidence log",
		Long: "Make a key pair of Ed25519 for the checkpoints of the evidence log: NAME.key, the private key (PKCS #8, PEM,\n" +
			"mode 0600), and NAME.pub, the public key for those who verify. Neither is ever overwritten.",
		Example: "  kubectl isms keygen 2026 --dir keys",
		Args:    arguments(cobra.ExactArgs(1), "one name of the two files, such as 2026"),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "" || args[0] != filepath.Base(args[0]) || strings.HasPrefix(args[0], ".") {
				return usageError{fmt.Errorf("%q is no name of a file: give the directory with --dir", args[0])}
			}
			return keygen(c, filepath.Join(dir, args[0]))
		},
	}
	command.Flags().StringVar(&dir, "dir", ".", "Directory of the two files.")
	return command
}

func keygen(c *cobra.Command, path string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	privateText, publicText, err := ledger.MarshalKey(private)
	if err != nil {
		return err
	}
	id, err := ledger.KeyID(public)
	if err != nil {
		return err
	}
	if err := writeNew(path+privateSuffix, privateText, 0o600); err != nil {
		return err
	}
	if err := writeNew(path+publicSuffix, publicText, 0o644); err != nil {
		return errors.Join(err, os.Remove(path+privateSuffix))
	}
	fmt.Fprintf(c.OutOrStdout(), "%s\n%s\nkey id %s\n", path+privateSuffix, path+publicSuffix, id)
	return nil
}

// writeNew refuses to replace a file: a key that is overwritten is lost.
func writeNew(path string, text []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write a key: %w", err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
