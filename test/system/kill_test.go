// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// killsVariable sets the number of kills; the default keeps `make test` short.
const killsVariable = "ISMS_KILLS"

// TestKilled kills the operator at random moments in a storm of changes, also while it starts. Every few kills the storm
// holds still until all that lasts is recorded.
func TestKilled(t *testing.T) {
	kills := killsOr(t, 20)
	s := newStorm(t, "killed", 4)
	p := startStormy(t, s)
	s.reflected()
	s.begin()
	for n := range kills {
		time.Sleep(time.Duration(rand.Int64N(int64(5 * time.Second)))) // a random moment is what is tested
		p.alive()
		s.kill(p)
		p = startStormy(t, s)
		if n%5 == 4 {
			s.reflected()
		}
	}
	s.calm()
	s.reflected()
	entries := s.judge()
	t.Logf("%s, %d entries", s.count(), entries)
	if entries < kills {
		t.Errorf("%d entries: that was no storm", entries)
	}
	p.stop()
}

// killsOr is the number of kills: a default, or what the environment says.
func killsOr(t *testing.T, kills int) int {
	t.Helper()
	text := os.Getenv(killsVariable)
	if text == "" {
		return kills
	}
	kills, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return kills
}

func startStormy(t *testing.T, s *storm) *program {
	t.Helper()
	return launch(t, stormFlags("--metrics-bind-address=0")...)
}
