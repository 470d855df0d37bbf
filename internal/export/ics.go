// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// DayEvent is something that belongs to a whole day.
type DayEvent struct {
	// On is a full-date, such as 2026-11-24.
	On string
	// Summary and Description are for people. Key tells two events apart that would read the same, and keeps an event the
	// same one when its day moves.
	Summary, Description, Key string
}

// ICS writes events as a calendar that other programs subscribe to or import (RFC 5545). Its text is the same for the same
// events and the same stamp, which says when they were read.
func ICS(w io.Writer, name string, events []DayEvent, stamp time.Time) error {
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//isms-operator//kubectl isms//EN", "X-WR-CALNAME:" + escapeICS(name)}
	for _, e := range events {
		day, err := time.Parse(time.DateOnly, e.On)
		if err != nil {
			continue // The API takes no such date.
		}
		sum := sha256.Sum256([]byte(name + "\x00" + e.Key))
		lines = append(lines, "BEGIN:VEVENT", "UID:"+hex.EncodeToString(sum[:16])+"@isms-operator.io",
			"DTSTAMP:"+stamp.UTC().Format("20060102T150405Z"), "DTSTART;VALUE=DATE:"+day.Format("20060102"),
			"DTEND;VALUE=DATE:"+day.AddDate(0, 0, 1).Format("20060102"), "SUMMARY:"+escapeICS(e.Summary))
		if e.Description != "" {
			lines = append(lines, "DESCRIPTION:"+escapeICS(e.Description))
		}
		lines = append(lines, "TRANSP:TRANSPARENT", "END:VEVENT")
	}
	var out strings.Builder
	for _, line := range append(lines, "END:VCALENDAR") {
		foldICS(&out, line)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// escapeICS writes a text as RFC 5545, 3.3.11 asks; control characters are shown as visible does.
func escapeICS(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`).Replace(visible(text))
}

// foldICS breaks a line after at most 75 octets, never within a character (RFC 5545, 3.1).
func foldICS(out *strings.Builder, line string) {
	const octets = 75
	for limit := octets; len(line) > limit; limit = octets - 1 { // the blank that begins what continues counts
		end := limit
		for !utf8.RuneStart(line[end]) {
			end--
		}
		out.WriteString(line[:end] + "\r\n ")
		line = line[end:]
	}
	out.WriteString(line + "\r\n")
}
