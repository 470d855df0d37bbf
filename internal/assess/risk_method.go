// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"fmt"
	"slices"
	"strings"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/risk"
)

// rating is what a method makes of one assessment.
type rating struct {
	// level is empty with FAIR, and while something is missing.
	level isms.Level
	// score of OCTAVE Allegro.
	score int32
	// loss is the mean loss per year of FAIR, as the status shows it.
	loss isms.Amount
	// missing names the fields that the method needs and that are not given.
	missing []string
}

// words are what a method, as a scope has it, accepts.
type words struct{ likelihoods, consequences, levels risk.Scale }

func wordsOf(frame *isms.RiskManagement) words {
	switch frame.Method {
	case isms.MethodISO27005:
		m := matrixOf(frame)
		return words{m.Likelihoods, m.Consequences, m.Levels}
	case isms.MethodNIST80030:
		s := risk.NIST80030Scale()
		return words{s, s, s}
	case isms.MethodOCTAVEAllegro:
		return words{levels: risk.OCTAVEScale()}
	}
	return words{}
}

// matrixOf is the scope's own matrix or the published one.
func matrixOf(frame *isms.RiskManagement) risk.Matrix {
	own := frame.Matrix
	if own == nil {
		return risk.ISO27005()
	}
	rows := make([]risk.Row, len(own.Rows))
	for i, r := range own.Rows {
		rows[i] = risk.Row{Likelihood: r.Likelihood, Levels: r.Levels}
	}
	return risk.NewMatrix(own.Levels, own.Consequences, rows...)
}

// rate computes the level of an assessment whose words fit the method.
func rate(s *isms.RiskAssessment, field string, frame *isms.RiskManagement) rating {
	switch frame.Method {
	case isms.MethodISO27005:
		if s.Likelihood == "" {
			return rating{missing: []string{field + ".likelihood", field + ".consequence"}}
		}
		level, _ := matrixOf(frame).Level(s.Likelihood, s.Consequence)
		return rating{level: level}
	case isms.MethodNIST80030:
		return rateNIST(s, field)
	case isms.MethodOCTAVEAllegro:
		return rateOCTAVE(s, field, frame.ImpactAreas)
	}
	return rating{}
}

// rateNIST reads words or semi-quantitative values.
func rateNIST(s *isms.RiskAssessment, field string) rating {
	occurrence, impactLikelihood, impact := s.Likelihood, s.ImpactLikelihood, s.Consequence
	if v := s.Scores; v != nil {
		occurrence, impactLikelihood = risk.NIST80030Word(value(v.Likelihood)), risk.NIST80030Word(value(v.ImpactLikelihood))
		impact = risk.NIST80030Word(value(v.Impact))
	}
	switch {
	case occurrence == "":
		return rating{missing: []string{field + ".likelihood", field + ".impactLikelihood", field + ".consequence"}}
	case impactLikelihood == "":
		return rating{missing: []string{field + ".impactLikelihood"}}
	}
	level, _ := risk.NIST80030(occurrence, impactLikelihood, impact)
	return rating{level: level}
}

func value(v *int32) int32 {
	if v == nil {
		return 100 // required at admission; what is not given is not small
	}
	return *v
}

// rateOCTAVE needs an impact for every area of the scope: a score over some of them is not comparable.
func rateOCTAVE(s *isms.RiskAssessment, field string, areas []isms.ImpactArea) rating {
	impacts := make([]risk.Impact, 0, len(areas))
	for _, area := range areas {
		i := slices.IndexFunc(s.Impacts, func(x isms.AreaImpact) bool { return x.Area == area.Name })
		if i < 0 {
			return rating{missing: []string{field + ".impacts"}}
		}
		impacts = append(impacts, risk.Impact{Rank: area.Rank, Value: s.Impacts[i].Value})
	}
	score := risk.OCTAVEScore(impacts)
	return rating{score: score, level: risk.OCTAVEPool(score, len(impacts), s.Probability)}
}

// estimate adds the loss per year, which FAIR needs.
func (r *rating) estimate(frame *isms.RiskManagement, field string, loss *isms.AnnualLoss) {
	switch {
	case frame.Method != isms.MethodFAIR:
	case loss == nil:
		r.missing = append(r.missing, field)
	default:
		r.loss = loss.Mean
	}
}

// mismatches are the words, fields and currencies of a Risk that the scope's method does not have, each as a sentence
// that says what to change.
func mismatches(spec *isms.RiskSpec, frame *isms.RiskManagement) []string {
	var found []string
	w := wordsOf(frame)
	for _, part := range []struct {
		field string
		s     *isms.RiskAssessment
	}{{"assessment", spec.Assessment}, {"residual", spec.Residual}} {
		if part.s != nil {
			found = append(found, foreignFields(part.field, part.s, frame.Method)...)
			found = append(found, foreignWords(part.field, part.s, w, frame)...)
		}
	}
	return append(found, foreignAcceptance(spec, w, frame)...)
}

// foreignFields are fields that belong to another method.
func foreignFields(field string, s *isms.RiskAssessment, method isms.RiskMethod) []string {
	used := map[isms.RiskMethod][]string{
		isms.MethodISO27005:      {"likelihood", "consequence"},
		isms.MethodNIST80030:     {"likelihood", "consequence", "impactLikelihood", "scores"},
		isms.MethodOCTAVEAllegro: {"impacts", "probability"},
	}[method]
	var found []string
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"likelihood", s.Likelihood != ""},
		{"consequence", s.Consequence != ""},
		{"impactLikelihood", s.ImpactLikelihood != ""},
		{"scores", s.Scores != nil},
		{"impacts", len(s.Impacts) > 0},
		{"probability", s.Probability != ""},
	} {
		if f.given && !slices.Contains(used, f.name) {
			found = append(found, fmt.Sprintf("Remove %s.%s: %s does not use it.", field, f.name, method))
		}
	}
	return found
}

// foreignWords are words that the scales do not have, and areas that the scope does not rank.
func foreignWords(field string, s *isms.RiskAssessment, w words, frame *isms.RiskManagement) []string {
	var found []string
	for _, f := range []struct {
		name  string
		word  isms.Level
		scale risk.Scale
	}{
		{"likelihood", s.Likelihood, w.likelihoods},
		{"impactLikelihood", s.ImpactLikelihood, w.likelihoods},
		{"consequence", s.Consequence, w.consequences},
	} {
		if f.word != "" && len(f.scale) > 0 && !f.scale.Has(f.word) {
			found = append(found, wrongWord(field+"."+f.name, f.word, f.scale))
		}
	}
	if frame.Method == isms.MethodOCTAVEAllegro {
		var areas risk.Scale
		for _, a := range frame.ImpactAreas {
			areas = append(areas, a.Name)
		}
		for _, i := range s.Impacts {
			if !areas.Has(i.Area) {
				found = append(found, wrongWord(field+".impacts.area", i.Area, areas))
			}
		}
	}
	return found
}

func wrongWord(field string, word isms.Level, scale risk.Scale) string {
	known := make([]string, len(scale))
	for i, w := range scale {
		known[i] = string(w)
	}
	return fmt.Sprintf("Change %s, %s, to one of %s.", field, word, strings.Join(known, ", "))
}

// foreignAcceptance is an acceptance in other terms than the criteria of the scope.
func foreignAcceptance(spec *isms.RiskSpec, w words, frame *isms.RiskManagement) []string {
	var found []string
	fair := frame.Method == isms.MethodFAIR
	if x := spec.Acceptance; x != nil {
		switch {
		case fair && x.AcceptedLevel != "":
			found = append(found, "Give acceptance.acceptedAnnualLoss instead of acceptedLevel: FAIR has no levels.")
		case !fair && x.AcceptedAnnualLoss != "":
			found = append(found, fmt.Sprintf("Give acceptance.acceptedLevel instead of acceptedAnnualLoss: %s has levels.", frame.Method))
		case !fair && !w.levels.Has(x.AcceptedLevel):
			found = append(found, wrongWord("acceptance.acceptedLevel", x.AcceptedLevel, w.levels))
		}
	}
	if q, want := spec.Quantitative, frame.Criteria.Acceptance.Currency; fair && q != nil && q.Currency != want {
		found = append(found, fmt.Sprintf("Estimate in %s, the currency of the scope's criteria, instead of %s.", want, q.Currency))
	}
	return found
}
