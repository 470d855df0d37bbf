// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sampling draws samples of records that anybody can draw again by hand: with sort, sha256sum and head. It knows
// neither what the records are nor where they come from.
package sampling
