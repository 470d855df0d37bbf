// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// LogName is the name of a log of a series: the scope, the control's id in lower case and the number, such as
// acme-platform.a.8.22.1, and without an id for the scope's own series. Where that could be another series' too, because
// ids differ in case alone, hold what a name can't, or the scope's name has a dot, and where it would be too long, part
// of a digest of the series is in it.
func LogName(key Key, number int64) string {
	return logPrefix(key) + "." + strconv.FormatInt(number, 10)
}

// plainID is an id that is known again from its lower case.
var plainID = regexp.MustCompile(`^[A-Z0-9]([-.A-Z0-9]*[A-Z0-9])?$`)

// maxPrefix leaves room for a number in the 253 characters of a name.
const maxPrefix = 240

func logPrefix(key Key) string {
	prefix, plain := key.Name, !strings.Contains(key.Name, ".")
	if key.ControlID != "" {
		id := string(key.ControlID)
		plain = plain && plainID.MatchString(id) && !strings.Contains(id, "..") && !strings.Contains(id, "-.") && !strings.Contains(id, ".-")
		prefix += "." + strings.ToLower(id)
	}
	if plain && len(prefix) <= maxPrefix {
		return prefix
	}
	sum := digest([]byte(fmt.Sprintf("%s\n%s\n%s", key.Name, key.Series, key.ControlID)))
	short := strings.TrimPrefix(string(sum), "sha256:")[:16]
	return strings.Trim(unfit.ReplaceAllString(prefix[:min(len(prefix), maxPrefix-17)], "-"), "-") + "-" + short
}

// unfit is what the name of an object can't hold where it stands.
var unfit = regexp.MustCompile(`[^-a-z0-9]`)

// LastNumber is the highest number among names that are names of logs of the series, 0 where none is.
func LastNumber(key Key, names []string) int64 {
	prefix := logPrefix(key) + "."
	var last int64
	for _, name := range names {
		rest, ok := strings.CutPrefix(name, prefix)
		if number, err := strconv.ParseInt(rest, 10, 64); ok && err == nil && LogName(key, number) == name {
			last = max(last, number)
		}
	}
	return last
}
