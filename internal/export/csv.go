// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/isms-operator/isms-operator/internal/register"
)

// formulaStarts begin a cell that a spreadsheet takes for a formula. Source: OWASP, CSV Injection.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// CSV writes a table with its header as comma-separated values (RFC 4180, with line feeds). A cell that a spreadsheet
// would take for a formula gets an apostrophe in front, so that opening the file runs nothing; numbers stay as they are.
func CSV(w io.Writer, t register.Table) error {
	writer := csv.NewWriter(w)
	header := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = c.Name
	}
	rows := [][]string{header}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		rows = append(rows, cells)
	}
	if err := writer.WriteAll(rows); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func inert(cell string) string {
	if cell == "" || !strings.ContainsRune(formulaStarts, []rune(cell)[0]) {
		return cell
	}
	if _, err := strconv.Atoi(cell); err == nil {
		return cell
	}
	return "'" + cell
}
