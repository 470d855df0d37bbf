// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// samePerson says whether two records certainly name one person: they share an email or an id. Names prove nothing.
func samePerson(a, b isms.Person) bool {
	sameEmail := a.Email != "" && strings.EqualFold(string(a.Email), string(b.Email))
	sameID := a.ID != "" && a.ID == b.ID
	return sameEmail || sameID
}

// differentPeople says whether two records certainly name two people: they can be compared, and share neither.
func differentPeople(a, b isms.Person) bool {
	known := a.Email != "" && b.Email != "" || a.ID != "" && b.ID != ""
	return known && !samePerson(a, b)
}
