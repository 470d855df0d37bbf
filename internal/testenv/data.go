// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"fmt"
	"os"
	"path/filepath"
)

// SaveData copies the data of etcd into a directory that it makes, which is a snapshot of the whole cluster. Meanwhile
// neither etcd nor the API server run.
func (e *Env) SaveData(dir string) error {
	return e.withoutEtcd(func() error { return os.CopyFS(dir, os.DirFS(e.dataDir())) })
}

// RestoreData puts the data of etcd in the place of what there is, as SaveData copied it to a directory.
func (e *Env) RestoreData(dir string) error {
	return e.withoutEtcd(func() error {
		if err := os.RemoveAll(e.dataDir()); err != nil {
			return err
		}
		if err := os.Mkdir(e.dataDir(), 0o700); err != nil { // as etcd wants it
			return err
		}
		return os.CopyFS(e.dataDir(), os.DirFS(dir))
	})
}

func (e *Env) dataDir() string { return filepath.Join(e.work, "etcd") }

// withoutEtcd stops the API server and etcd, and starts them again, at the same addresses, after f.
func (e *Env) withoutEtcd(f func() error) error {
	if err := e.StopAPIServer(); err != nil {
		return err
	}
	if err := e.envtest.ControlPlane.Etcd.Stop(); err != nil {
		return fmt.Errorf("stop etcd: %w", err)
	}
	if err := f(); err != nil {
		return fmt.Errorf("data of etcd: %w", err)
	}
	if err := e.envtest.ControlPlane.Etcd.Start(); err != nil {
		return fmt.Errorf("start etcd again: %w", err)
	}
	return e.StartAPIServer()
}
