// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package samples applies every manifest that the repository shows to a real API server.
package samples

import (
	"os"
	"testing"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Run(m)) }
