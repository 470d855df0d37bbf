// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// namedBy begins what satisfies a requirement that no object can show.
const namedBy = "A Document that is approved and in review, or a passed Attestation of the last 365 days, names the clause: "

// check is how one clause requirement of ISO/IEC 27001:2022 is evaluated.
type check struct {
	id    string
	basis isms.RequirementBasis
	// holds is the reason while the requirement is evidenced.
	holds string
	// satisfiedBy says in one sentence what satisfies it; docs/requirements.md repeats it.
	satisfiedBy string
	needs       func(*scopeAssessment) []need
}

// checks are the 30 clause requirements, in the order of the standard. What each asks for is in the file of its clause.
var checks = []check{
	{
		"4.1", isms.BasisDeclared, isms.ReasonContextStated,
		"The scope's context states an external and an internal issue, and whether climate change is relevant (Amd " +
			"1:2024).",
		(*scopeAssessment).contextStated,
	},
	{
		"4.2", isms.BasisDeclared, isms.ReasonInterestedPartiesStated,
		"The scope's context names the interested parties, each with the requirements that the ISMS addresses.",
		(*scopeAssessment).partiesStated,
	},
	{
		"4.3", isms.BasisComputed, isms.ReasonScopeDocumented,
		"The scope has statement, inclusions and interfaces, a ScopeStatement is approved and in review, and no " +
			"namespace is unaccounted for.",
		(*scopeAssessment).scopeDocumented,
	},
	{
		"4.4", isms.BasisDeclared, isms.ReasonClauseDocumented,
		namedBy + "the processes and their interactions.",
		named("4.4", "the processes of the ISMS and how they interact"),
	},
	{
		"5.1", isms.BasisRecorded, isms.ReasonLeadershipShown,
		"The scope names its sponsor in top management, who took part in the last management review.",
		(*scopeAssessment).leadershipShown,
	},
	{
		"5.2", isms.BasisRecorded, isms.ReasonPolicyApproved,
		"An InformationSecurityPolicy is approved and in review.",
		(*scopeAssessment).policyApproved,
	},
	{
		"5.3", isms.BasisDeclared, isms.ReasonRolesAssigned,
		"The scope's leadership assigns roles, each to somebody.",
		(*scopeAssessment).rolesAssigned,
	},
	{
		"6.1.1", isms.BasisComputed, isms.ReasonActionsPlanned,
		"Issues and interested parties are stated, there are Risks, and each has a treatment.",
		(*scopeAssessment).actionsPlanned,
	},
	{
		"6.1.2", isms.BasisComputed, isms.ReasonRisksAssessed,
		"Method, criteria and interval are stated, a RiskAssessmentProcess is approved and in review, there are " +
			"Risks, and each is Assessed.",
		(*scopeAssessment).risksAssessed,
	},
	{
		"6.1.3", isms.BasisComputed, isms.ReasonTreatmentPlanned,
		"Processes and plan of treatment are approved and in review, the Statement of Applicability is complete " +
			"without contradiction, there are Risks, and of each the owner has approved the plan and accepted the residual risk.",
		(*scopeAssessment).treatmentPlanned,
	},
	{
		"6.2", isms.BasisComputed, isms.ReasonObjectivesPlanned,
		"InformationSecurityObjectives are approved and in review, the scope has objectives, each with actions and a " +
			"measurement in time, and none is overdue.",
		(*scopeAssessment).objectivesPlanned,
	},
	{
		"6.3", isms.BasisRecorded, isms.ReasonChangesPlanned,
		"The register of changes has entries, and each is ChangeControlled.",
		(*scopeAssessment).changesPlanned,
	},
	{
		"7.1", isms.BasisDeclared, isms.ReasonResourcesStated,
		"The scope's leadership states the resources.",
		(*scopeAssessment).resourcesStated,
	},
	{
		"7.2", isms.BasisRecorded, isms.ReasonCompetenceShown,
		"Each role of the scope's leadership has an entry in the register of competences for its holder that is " +
			"CompetenceCurrent.",
		(*scopeAssessment).competenceShown,
	},
	{
		"7.3", isms.BasisRecorded, isms.ReasonAwarenessMaintained,
		"The last AwarenessTraining passed within 365 days, and enough of the expected people completed it (practice:" +
			" 95 %).",
		(*scopeAssessment).awarenessMaintained,
	},
	{
		"7.4", isms.BasisDeclared, isms.ReasonClauseDocumented,
		namedBy + "on what, when, with whom and how to communicate.",
		named("7.4", "on what, when, with whom and how to communicate"),
	},
	{
		"7.5.1", isms.BasisComputed, isms.ReasonDocumentationComplete,
		"Each document that the standard names for Stage 1 is approved and in review (condition DocumentationComplete).",
		func(s *scopeAssessment) []need { return []need{from(s.documentationComplete())} },
	},
	{
		"7.5.2", isms.BasisComputed, isms.ReasonDocumentsReviewed,
		"There are Documents, and of each type one is approved and in review.",
		(*scopeAssessment).documentsReviewed,
	},
	{
		"7.5.3", isms.BasisDeclared, isms.ReasonClauseDocumented,
		namedBy + "how documents are distributed, protected and retained.",
		named("7.5.3", "how documents are distributed, protected and retained"),
	},
	{
		"8.1", isms.BasisComputed, isms.ReasonProcessesOperated,
		"Each applicable Control is Implemented, a passed Attestation about controls is younger than 365 days, and, " +
			"where an interface is of type Supplier, the register of suppliers has entries in review.",
		(*scopeAssessment).processesOperated,
	},
	{
		"8.2", isms.BasisComputed, isms.ReasonAssessmentsCurrent,
		"There are Risks, and each is Assessed and ReviewCurrent.",
		(*scopeAssessment).assessmentsCurrent,
	},
	{
		"8.3", isms.BasisComputed, isms.ReasonTreatmentImplemented,
		"There are Risks, and each is Treated.",
		(*scopeAssessment).treatmentImplemented,
	},
	{
		"9.1", isms.BasisComputed, isms.ReasonPerformanceEvaluated,
		"There are objectives, each measured in time, and each applicable Control has EvidenceCurrent.",
		(*scopeAssessment).performanceEvaluated,
	},
	{
		"9.2.1", isms.BasisRecorded, isms.ReasonInternalAuditPerformed,
		"An internal audit was performed within 365 days, and none that was planned is overdue.",
		(*scopeAssessment).auditPerformed,
	},
	{
		"9.2.2", isms.BasisRecorded, isms.ReasonInternalAuditComplete,
		"An InternalAuditProgramme, the one in auditProgrammeRef if a cycle names one, is approved and in review; the " +
			"audits of three years cover all clauses and applicable controls, by auditors who do not own what they audit, and " +
			"of whom a competenceRef names what is there; each has criteria, findings and a report that was given to somebody.",
		(*scopeAssessment).auditComplete,
	},
	{
		"9.3.1", isms.BasisRecorded, isms.ReasonManagementReviewPerformed,
		"A management review was performed within 365 days, with a chair, and none that was planned is overdue.",
		(*scopeAssessment).reviewPerformed,
	},
	{
		"9.3.2", isms.BasisRecorded, isms.ReasonManagementReviewInputsComplete,
		"The last management review considered all ten inputs.",
		(*scopeAssessment).reviewInputs,
	},
	{
		"9.3.3", isms.BasisRecorded, isms.ReasonManagementReviewRecorded,
		"The last management review has decisions and minutes, and no action of any review is overdue.",
		(*scopeAssessment).reviewResults,
	},
	{
		"10.1", isms.BasisRecorded, isms.ReasonImprovementDecided,
		"A management review of the last 365 days decided on an improvement, or an OpportunityForImprovement has an " +
			"action.",
		(*scopeAssessment).improvementDecided,
	},
	{
		"10.2", isms.BasisComputed, isms.ReasonNonconformitiesHandled,
		"There are Major or Minor Findings, and each is closed, or its CorrectiveActionPlanned and CorrectiveActionOnTime.",
		(*scopeAssessment).nonconformitiesHandled,
	},
}
