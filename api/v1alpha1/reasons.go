// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Reasons why evidence is Unknown, one cause each.
const (
	// ReasonNotSynced: the engine has not seen all objects of the rule yet.
	ReasonNotSynced = "NotSynced"
	// ReasonKindNotServed: the API server does not serve the kind.
	ReasonKindNotServed = "KindNotServed"
	// ReasonAccessDenied: the scope's account may not list and watch the kind.
	ReasonAccessDenied = "AccessDenied"
	// ReasonOperatorForbidden: the operator may not list and watch the kind.
	ReasonOperatorForbidden = "OperatorForbidden"
	// ReasonNoMatch: the rule has no subjects.
	ReasonNoMatch = "NoMatch"
	// ReasonExpressionError: an expression could not be evaluated on some objects.
	ReasonExpressionError = "ExpressionError"
	// ReasonRuleInvalid: an expression does not compile, or reads a field that cannot exist.
	ReasonRuleInvalid = "RuleInvalid"
	// ReasonCostExceeded: an expression is too expensive.
	ReasonCostExceeded = "CostExceeded"
	// ReasonTooManyObjects: a Set has more objects than the operator holds.
	ReasonTooManyObjects = "TooManyObjects"
	// ReasonNothingDeclared: there is nothing to assess.
	ReasonNothingDeclared = "NothingDeclared"
	// ReasonNothingApplicable: every evidence item is NotApplicable.
	ReasonNothingApplicable = "NothingApplicable"
	// ReasonPartialEvidence: the evidence passes, but no item is Substantial.
	ReasonPartialEvidence = "PartialEvidence"
	// ReasonCoverageIncomplete: a system of appliesTo is covered by no passing item.
	ReasonCoverageIncomplete = "CoverageIncomplete"
	// ReasonScopeNotResolved: the namespaces of the scope are not known.
	ReasonScopeNotResolved = "ScopeNotResolved"
	// ReasonNotYetAssessed: this is not computed, or not yet.
	ReasonNotYetAssessed = "NotYetAssessed"
)

// Reasons why evidence of people fails.
const (
	// ReasonMissing: there is no record.
	ReasonMissing = "Missing"
	// ReasonExpired: the last record is too old.
	ReasonExpired = "Expired"
	// ReasonMissed: a period passed without a record.
	ReasonMissed = "Missed"
	// ReasonNotApproved: what is in force is not what was approved.
	ReasonNotApproved = "NotApproved"
	// ReasonDateInFuture: the record names a day that has not begun in UTC.
	ReasonDateInFuture = "DateInFuture"
	// ReasonOutcomeFailed: the record itself says Fail.
	ReasonOutcomeFailed = "OutcomeFailed"
	// ReasonDigestNotVerified: approved, but the content stands at a URL, so that its digest is only declared.
	ReasonDigestNotVerified = "DigestNotVerified"
	// ReasonSourceNotReadable: the operator has not read the content, so it cannot be compared with what was approved.
	ReasonSourceNotReadable = "SourceNotReadable"
	// ReasonRecordedLate: the record was first seen more than 30 days after its day.
	ReasonRecordedLate = "RecordedLate"
	// ReasonSuperseded: another Attestation corrects this one.
	ReasonSuperseded = "Superseded"
	// ReasonIndependenceNotVerifiable: two people must differ, and one has neither email nor id.
	ReasonIndependenceNotVerifiable = "IndependenceNotVerifiable"
)

// Reasons of verdicts on objects, and of evidence that passes.
const (
	// ReasonObjectsPassed: no subject fails.
	ReasonObjectsPassed = "ObjectsPassed"
	// ReasonObjectsFailed: at least one subject fails and is not waived.
	ReasonObjectsFailed = "ObjectsFailed"
	// ReasonWaived: every failing subject is waived.
	ReasonWaived = "Waived"
	// ReasonCurrent: the record is there and counts.
	ReasonCurrent = "Current"
	// ReasonDue: the record has run out, but its grace days are running.
	ReasonDue = "Due"
	// ReasonApproved: what is in force is what was approved.
	ReasonApproved = "Approved"
	// ReasonReviewCurrent: the last review is not too long ago.
	ReasonReviewCurrent = "ReviewCurrent"
	// ReasonEvidencePassed: the evidence items pass.
	ReasonEvidencePassed = "EvidencePassed"
	// ReasonEvidenceCurrent: every item has fresh evidence.
	ReasonEvidenceCurrent = "EvidenceCurrent"
)

// Reasons of the machinery.
const (
	// ReasonAssessed: this generation was assessed.
	ReasonAssessed = "Assessed"
	// ReasonSuspended: an annotation suspends the object, or a decision suspends the certificate.
	ReasonSuspended = "Suspended"
	// ReasonScopeNotFound: scopeRef names no ISMSScope; it may be applied later.
	ReasonScopeNotFound = "ScopeNotFound"
	// ReasonUnknownControlID: the id is not one of the framework.
	ReasonUnknownControlID = "UnknownControlID"
	// ReasonDuplicateID: another Control has the same id in the same scope.
	ReasonDuplicateID = "DuplicateID"
	// ReasonCycleOverlap: the scope has another live AuditCycle that this one does not follow.
	ReasonCycleOverlap = "CycleOverlap"
	// ReasonUnknownTimeZone: timeZone is not in the IANA time zone database.
	ReasonUnknownTimeZone = "UnknownTimeZone"
)

// Reasons of Controls.
const (
	// ReasonExcluded: the control is excluded with a justification.
	ReasonExcluded = "Excluded"
	// ReasonImplemented, ReasonNotStarted, ReasonPlanned and ReasonInProgress repeat the state of the implementation.
	ReasonImplemented = "Implemented"
	ReasonNotStarted  = "NotStarted"
	ReasonPlanned     = "Planned"
	ReasonInProgress  = "InProgress"
	// ReasonSatisfied: implemented, evidence current, effective, and no open nonconformity.
	ReasonSatisfied = "Satisfied"
	// ReasonOpenNonconformity: a Major or Minor finding is open.
	ReasonOpenNonconformity = "OpenNonconformity"
)

// Reasons of scopes and cycles.
const (
	// ReasonScopeDefined: boundary, interfaces and context are stated.
	ReasonScopeDefined = "ScopeDefined"
	// ReasonIncomplete: something that must be stated is not.
	ReasonIncomplete = "Incomplete"
	// ReasonAllNamespacesAccounted: every namespace is in scope or excluded.
	ReasonAllNamespacesAccounted = "AllNamespacesAccounted"
	// ReasonNamespacesUnaccounted: a namespace is neither in scope nor excluded.
	ReasonNamespacesUnaccounted = "NamespacesUnaccounted"
	// ReasonStatementOfApplicabilityComplete: each control of Annex A has a decision.
	ReasonStatementOfApplicabilityComplete = "StatementOfApplicabilityComplete"
	// ReasonControlsMissing: a control of Annex A, or one that a treatment names, has no Control.
	ReasonControlsMissing = "ControlsMissing"
	// ReasonChangedSinceApproval: the content, or the Statement of Applicability, changed after its approval.
	ReasonChangedSinceApproval = "ChangedSinceApproval"
	// ReasonDocumentationComplete: every mandatory document exists, is approved and in review.
	ReasonDocumentationComplete = "DocumentationComplete"
	// ReasonControlsImplemented: each applicable control is implemented.
	ReasonControlsImplemented = "ControlsImplemented"
	// ReasonControlsNotImplemented: an applicable control is not implemented.
	ReasonControlsNotImplemented = "ControlsNotImplemented"
	// ReasonControlsSatisfied: each applicable control is Satisfied.
	ReasonControlsSatisfied = "ControlsSatisfied"
	// ReasonDeviationsHandled: a control is not Satisfied, and its deviation is handled.
	ReasonDeviationsHandled = "DeviationsHandled"
	// ReasonDeviationsWithinGrace: a control failed less than deviationGraceDays ago.
	ReasonDeviationsWithinGrace = "DeviationsWithinGrace"
	// ReasonControlsNotSatisfied: a control fails, and its deviation is not handled.
	ReasonControlsNotSatisfied = "ControlsNotSatisfied"
	// ReasonControlsUnknown: of a control it is not known whether it is satisfied.
	ReasonControlsUnknown = "ControlsUnknown"
	// ReasonBlocked: a gate is False.
	ReasonBlocked = "Blocked"
	// ReasonNoKnownBlockers: no blocker is known to the operator. Conformity is for the auditor to judge.
	ReasonNoKnownBlockers = "NoKnownBlockers"
	// ReasonExclusionContradicted: a control is excluded, but a risk treatment rests on it, or there is failing evidence.
	ReasonExclusionContradicted = "ExclusionContradicted"
	// ReasonNotIndependent: somebody has audited what they own, or certifies what they helped to prepare.
	ReasonNotIndependent = "NotIndependent"
	// ReasonBelowThreshold: a share is below its threshold.
	ReasonBelowThreshold = "BelowThreshold"
	// ReasonOverdue: a day has passed by which something was due.
	ReasonOverdue = "Overdue"
	// ReasonSampleDrawn: a sample was drawn that the cycle asks for.
	ReasonSampleDrawn = "SampleDrawn"
	// ReasonPopulationChanged: records of a period came or went after a sample of it was drawn.
	ReasonPopulationChanged = "PopulationChanged"
	// ReasonDueSoon: a deadline is ahead by no more days than the longest notice.
	ReasonDueSoon = "DueSoon"
	// ReasonDeadlinesMet: no deadline is overdue, and none is near.
	ReasonDeadlinesMet = "DeadlinesMet"
)

// Reasons of steps of a cycle's plan, besides those of its gates and the outcomes of its audits.
const (
	// ReasonDecided: the certification body has decided.
	ReasonDecided = "Decided"
	// ReasonNothingOutstanding: nothing of the step is left to do now.
	ReasonNothingOutstanding = "NothingOutstanding"
)

// Reasons of the other gates of scopes and cycles: each repeats its condition while that is True.
const (
	ReasonLeadershipEstablished    = "LeadershipEstablished"
	ReasonObjectivesMonitored      = "ObjectivesMonitored"
	ReasonRisksAssessed            = "RisksAssessed"
	ReasonRisksTreated             = "RisksTreated"
	ReasonAwarenessMaintained      = "AwarenessMaintained"
	ReasonGapsAddressed            = "GapsAddressed"
	ReasonOperatingPeriodMet       = "OperatingPeriodMet"
	ReasonInternalAuditComplete    = "InternalAuditComplete"
	ReasonManagementReviewComplete = "ManagementReviewComplete"
	ReasonCertificationBodyEngaged = "CertificationBodyEngaged"
	ReasonNoOpenMajorFindings      = "NoOpenMajorFindings"
	ReasonCorrectiveActionsOnTime  = "CorrectiveActionsOnTime"
	ReasonCertificateValid         = "CertificateValid"
	// ReasonOperatingPeriodTooShort: the controls have not operated long enough.
	ReasonOperatingPeriodTooShort = "OperatingPeriodTooShort"
	// ReasonWithdrawn: the certificate is withdrawn.
	ReasonWithdrawn = "Withdrawn"
)

// Reasons of Risks and Findings.
const (
	// ReasonTreated: the treatment is decided, approved and done.
	ReasonTreated = "Treated"
	// ReasonResidualAccepted: the owner accepted the residual risk at its present level.
	ReasonResidualAccepted = "ResidualAccepted"
	// ReasonResidualChanged: the residual risk is not the one that was accepted.
	ReasonResidualChanged = "ResidualChanged"
	// ReasonCriteriaExceeded: the residual risk is above the scope's criteria, without a justification.
	ReasonCriteriaExceeded = "CriteriaExceeded"
	// ReasonCorrectiveActionPlanned: cause, action, owner and date are stated.
	ReasonCorrectiveActionPlanned = "CorrectiveActionPlanned"
	// ReasonCorrectiveActionOnTime: the action is done, or its date has not passed.
	ReasonCorrectiveActionOnTime = "CorrectiveActionOnTime"
	// ReasonClosed: the effect is verified.
	ReasonClosed = "Closed"
	// ReasonOpen: the effect is not verified yet.
	ReasonOpen = "Open"
	// ReasonNotEffective: the corrective action had no effect.
	ReasonNotEffective = "NotEffective"
)

// Reasons of Findings and of what they follow up.
const (
	// ReasonNotRequired: nothing of the kind is asked for here.
	ReasonNotRequired = "NotRequired"
	// ReasonDueTooLate: the action is due after the last day for its evidence.
	ReasonDueTooLate = "DueTooLate"
	// ReasonNotAccepted: the certification body has not accepted the plan, or the owner of a Risk what remains of it.
	ReasonNotAccepted = "NotAccepted"
	// ReasonNotVerified: the certification body has accepted the plan, and must verify the action.
	ReasonNotVerified = "NotVerified"
	// ReasonPlanAccepted: the certification body has accepted the plan.
	ReasonPlanAccepted = "PlanAccepted"
	// ReasonVerified: the certification body has verified the action.
	ReasonVerified = "Verified"
	// ReasonSeverityAdequate: nothing known asks for a higher grade.
	ReasonSeverityAdequate = "SeverityAdequate"
	// ReasonNotConfirmed: a finding of the certification body was graded down, and the body did not confirm it.
	ReasonNotConfirmed = "NotConfirmed"
	// ReasonRepeated: there was a nonconformity on the same requirement before.
	ReasonRepeated = "Repeated"
	// ReasonAccumulated: several nonconformities on one requirement were raised on one day.
	ReasonAccumulated = "Accumulated"
	// ReasonNotClosedByNextAudit: the next audit of the cycle has taken place, and the finding is open.
	ReasonNotClosedByNextAudit = "NotClosedByNextAudit"
	// ReasonNotClosedInTime: the finding is open for longer than practice allows.
	ReasonNotClosedInTime = "NotClosedInTime"
	// ReasonReferencesResolved: everything that is named exists.
	ReasonReferencesResolved = "ReferencesResolved"
	// ReasonReferenceNotFound: something that is named does not exist in the scope; it may be applied later.
	ReasonReferenceNotFound = "ReferenceNotFound"
)

// Reasons of RegisterEntries: each repeats its condition while that is True.
const (
	ReasonClassified          = "Classified"
	ReasonAgreementInPlace    = "AgreementInPlace"
	ReasonAssuranceCurrent    = "AssuranceCurrent"
	ReasonComplianceEvaluated = "ComplianceEvaluated"
	ReasonResolved            = "Resolved"
	ReasonCompetenceCurrent   = "CompetenceCurrent"
	ReasonChangeControlled    = "ChangeControlled"
	// ReasonNotCompliant: the last evaluation found that the requirement is not met.
	ReasonNotCompliant = "NotCompliant"
)

// Reasons of Risks alone.
const (
	// ReasonMethodNotDefined: the scope has no riskManagement, so nobody can say how a risk is assessed or accepted.
	ReasonMethodNotDefined = "MethodNotDefined"
	// ReasonMethodMismatch: the Risk uses words, fields or a currency that the method of its scope does not have.
	ReasonMethodMismatch = "MethodMismatch"
	// ReasonAssetNotFound: assetRef names no RegisterEntry of register Asset in the scope.
	ReasonAssetNotFound = "AssetNotFound"
	// ReasonNotByOwner: an approval or acceptance is by somebody else than the owner.
	ReasonNotByOwner = "NotByOwner"
	// ReasonOwnerNotVerifiable: whether two records name one person is not known, as one lacks email or id.
	ReasonOwnerNotVerifiable = "OwnerNotVerifiable"
	// ReasonControlsNotApplicable: a treatment names a control that the Statement of Applicability excludes.
	ReasonControlsNotApplicable = "ControlsNotApplicable"
)

// Reasons of clause requirements that are evidenced. A reason for not being evidenced is one of those above.
const (
	// ReasonContextStated: issues and climate change are stated (4.1).
	ReasonContextStated = "ContextStated"
	// ReasonInterestedPartiesStated: each interested party has its requirements (4.2).
	ReasonInterestedPartiesStated = "InterestedPartiesStated"
	// ReasonScopeDocumented: the boundary is stated, documented and true in the cluster (4.3).
	ReasonScopeDocumented = "ScopeDocumented"
	// ReasonClauseDocumented: a document or a record names the clause.
	ReasonClauseDocumented = "ClauseDocumented"
	// ReasonLeadershipShown: the sponsor took part in the last management review (5.1).
	ReasonLeadershipShown = "LeadershipShown"
	// ReasonPolicyApproved: the policy is approved and in review (5.2).
	ReasonPolicyApproved = "PolicyApproved"
	// ReasonRolesAssigned: each role has its holder (5.3).
	ReasonRolesAssigned = "RolesAssigned"
	// ReasonActionsPlanned: each risk has a treatment (6.1.1).
	ReasonActionsPlanned = "ActionsPlanned"
	// ReasonTreatmentPlanned: each treatment is approved, and what remains is accepted (6.1.3).
	ReasonTreatmentPlanned = "TreatmentPlanned"
	// ReasonObjectivesPlanned: each objective has actions and a measurement (6.2).
	ReasonObjectivesPlanned = "ObjectivesPlanned"
	// ReasonChangesPlanned: each change is controlled (6.3).
	ReasonChangesPlanned = "ChangesPlanned"
	// ReasonResourcesStated: resources are stated (7.1).
	ReasonResourcesStated = "ResourcesStated"
	// ReasonCompetenceShown: the holder of each role is competent (7.2).
	ReasonCompetenceShown = "CompetenceShown"
	// ReasonDocumentsReviewed: of each type a document is approved and in review (7.5.2).
	ReasonDocumentsReviewed = "DocumentsReviewed"
	// ReasonProcessesOperated: controls are implemented, operated and recorded (8.1).
	ReasonProcessesOperated = "ProcessesOperated"
	// ReasonAssessmentsCurrent: no assessment is too old (8.2).
	ReasonAssessmentsCurrent = "AssessmentsCurrent"
	// ReasonTreatmentImplemented: each risk is treated (8.3).
	ReasonTreatmentImplemented = "TreatmentImplemented"
	// ReasonPerformanceEvaluated: objectives are measured and controls monitored (9.1).
	ReasonPerformanceEvaluated = "PerformanceEvaluated"
	// ReasonInternalAuditPerformed: an internal audit took place in time (9.2.1).
	ReasonInternalAuditPerformed = "InternalAuditPerformed"
	// ReasonManagementReviewPerformed: a management review took place in time (9.3.1).
	ReasonManagementReviewPerformed = "ManagementReviewPerformed"
	// ReasonManagementReviewInputsComplete: it considered all inputs (9.3.2).
	ReasonManagementReviewInputsComplete = "ManagementReviewInputsComplete"
	// ReasonManagementReviewRecorded: it has decisions and minutes (9.3.3).
	ReasonManagementReviewRecorded = "ManagementReviewRecorded"
	// ReasonImprovementDecided: an improvement was decided (10.1).
	ReasonImprovementDecided = "ImprovementDecided"
	// ReasonNonconformitiesHandled: each nonconformity is closed, or its action on time (10.2).
	ReasonNonconformitiesHandled = "NonconformitiesHandled"
)

// Reasons in the evidence log, and of what rests on it.
const (
	// ReasonRecorded: it is written down for the first time, as the series knows of nothing of the kind.
	ReasonRecorded = "Recorded"
	// ReasonAdded, ReasonEdited and ReasonRemoved: something is asked that was not asked before, is asked otherwise, or is
	// asked no more.
	ReasonAdded   = "Added"
	ReasonEdited  = "Edited"
	ReasonRemoved = "Removed"
	// ReasonRetained: nothing has changed; a log that goes was the last to say so.
	ReasonRetained = "Retained"
	// ReasonOperatorDown: no operator ran, or another one became leader.
	ReasonOperatorDown = "OperatorDown"
	// ReasonServerAway: the operator ran and could not write: the API server was away, or the machine stood still.
	ReasonServerAway = "ServerAway"
	// ReasonScopeRecreated: the scope was deleted, and made again.
	ReasonScopeRecreated = "ScopeRecreated"
	// ReasonRecordRemoved: a record that counted was deleted.
	ReasonRecordRemoved = "RecordRemoved"
)

// Reasons of the evidence log.
const (
	// ReasonItemRemoved, in the log: the Control asks for the evidence item no more.
	ReasonItemRemoved = "ItemRemoved"
	// ReasonControlRemoved, in the log: there is no Control with the id any more.
	ReasonControlRemoved = "ControlRemoved"
	// ReasonLogNotWritable: the API server does not take an entry of the evidence log, and what is not recorded is not
	// shown.
	ReasonLogNotWritable = "LogNotWritable"
	// ReasonLogVerified: the log verifies, and takes entries.
	ReasonLogVerified = "LogVerified"
	// ReasonLogBroken: somebody has changed the log; verification shows where.
	ReasonLogBroken = "LogBroken"
	// ReasonNotYetVerified: the operator has not read the log yet.
	ReasonNotYetVerified = "NotYetVerified"
	// ReasonSealed: the last checkpoint is signed, and a day old at most.
	ReasonSealed = "Sealed"
	// ReasonNotYetSealed: no day has ended since the first entry.
	ReasonNotYetSealed = "NotYetSealed"
	// ReasonNotSigned: the last checkpoint has no signature.
	ReasonNotSigned = "NotSigned"
	// ReasonSigningKeyMissing: the operator has no key to sign checkpoints with.
	ReasonSigningKeyMissing = "SigningKeyMissing"
	// ReasonSigningKeyInvalid: a file in the directory of the signing keys is none, or can't be read.
	ReasonSigningKeyInvalid = "SigningKeyInvalid"
)
