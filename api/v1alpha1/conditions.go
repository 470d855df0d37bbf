// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Condition types that every kind with conditions has. Ready speaks of the machinery, never of conformity.
const (
	// ConditionReady: this generation was assessed and nothing is broken in the machinery.
	//   True: Assessed, Suspended (then every other condition is Unknown). False: the reason of Stalled. Unknown: the
	//   reason of Reconciling.
	ConditionReady = "Ready"
	// ConditionStalled is present only while true: the object must be edited before it can be assessed.
	//   True: RuleInvalid, UnknownControlID, DuplicateID, CycleOverlap, UnknownTimeZone, MethodMismatch.
	ConditionStalled = "Stalled"
	// ConditionReconciling is present only while true: the operator waits for something that is on its way.
	//   True: ScopeNotFound, NotSynced, LogNotWritable.
	ConditionReconciling = "Reconciling"
)

// Condition types of a Control.
const (
	// ConditionImplemented: the control is declared as implemented.
	//   True: Implemented. False: NotStarted, Planned, InProgress. Unknown: Excluded. What keeps a Control from being
	//   assessed (DuplicateID, UnknownControlID, ScopeNotFound, Suspended, LogNotWritable) makes this and the next three Unknown.
	ConditionImplemented = "Implemented"
	// ConditionEvidenceCurrent: every evidence item has fresh evidence, whatever it says.
	//   True: EvidenceCurrent. False: Missing, Expired, Missed, NotApproved, ChangedSinceApproval, DateInFuture.
	//   Unknown: the reason of the item that is not known, NothingDeclared, NothingApplicable, Excluded.
	ConditionEvidenceCurrent = "EvidenceCurrent"
	// ConditionEffective: the evidence shows that the control works.
	//   True: EvidencePassed. False: the reason of the item that fails, such as ObjectsFailed or Missed.
	//   Unknown: the reason of the item that is not known, PartialEvidence, CoverageIncomplete, IndependenceNotVerifiable,
	//   NothingDeclared, NothingApplicable, Excluded.
	ConditionEffective = "Effective"
	// ConditionSatisfied: implemented, evidence current, effective, and no open nonconformity.
	//   True: Satisfied. False: the reason of the condition that is False, OpenNonconformity.
	//   Unknown: the reason of the condition that is Unknown.
	ConditionSatisfied = "Satisfied"
)

// Condition types of an ISMSScope, most of them gates of an AuditCycle as well.
const (
	// ConditionScopeDefined: boundary, interfaces and context are stated (clauses 4.1 to 4.3).
	//   True: ScopeDefined. False: Incomplete. Unknown: NotYetAssessed.
	ConditionScopeDefined = "ScopeDefined"
	// ConditionBoundaryComplete: every namespace is in scope or excluded with a justification.
	//   True: AllNamespacesAccounted. False: NamespacesUnaccounted. Unknown: AccessDenied, NoMatch, NothingDeclared,
	//   NotSynced.
	ConditionBoundaryComplete = "BoundaryComplete"
	// ConditionLeadershipEstablished: sponsor, roles, resources and policy (clauses 5.1 to 5.3).
	//   True: LeadershipEstablished. False: Incomplete, and of the policy Missing, NotApproved, ChangedSinceApproval,
	//   Expired, DateInFuture. Unknown: of the policy SourceNotReadable, NotApproved, Suspended.
	ConditionLeadershipEstablished = "LeadershipEstablished"
	// ConditionObjectivesMonitored: each objective has a measurement in time (clauses 6.2 and 9.1).
	//   True: ObjectivesMonitored. False: Missing, Expired, Overdue (the target is not met, and its date has passed).
	//   Unknown: NothingDeclared.
	ConditionObjectivesMonitored = "ObjectivesMonitored"
	// ConditionRiskAssessed: the risks are assessed, and not too long ago (clauses 6.1.2 and 8.2).
	//   True: RisksAssessed. False: Incomplete, and what a Risk says: Missing, Expired, DateInFuture.
	//   Unknown: NothingDeclared, NotYetAssessed, and what a Risk says.
	ConditionRiskAssessed = "RiskAssessed"
	// ConditionRiskTreated: each risk is treated, and its residual risk accepted by its owner (clauses 6.1.3 and 8.3).
	//   True: RisksTreated. False: what a Risk says: Missing, NotApproved, Overdue, DateInFuture, ResidualChanged,
	//   CriteriaExceeded. Unknown: NothingDeclared, NotYetAssessed, and what a Risk says.
	ConditionRiskTreated = "RiskTreated"
	// ConditionStatementOfApplicabilityComplete: each control of Annex A has a decision with a justification, and nothing
	// contradicts an exclusion (clause 6.1.3 d).
	//   True: StatementOfApplicabilityComplete. False: ControlsMissing, DuplicateID, Incomplete, ExclusionContradicted.
	//   Unknown: NothingDeclared.
	ConditionStatementOfApplicabilityComplete = "StatementOfApplicabilityComplete"
	// ConditionStatementOfApplicabilityApproved: what is declared now is what was approved.
	//   True: Approved. False: NotApproved, ChangedSinceApproval, DateInFuture.
	//   Unknown: NothingDeclared, DigestNotVerified (it stands at a URL).
	ConditionStatementOfApplicabilityApproved = "StatementOfApplicabilityApproved"
	// ConditionDocumentationComplete: every mandatory document exists, is approved and in review (clause 7.5).
	//   True: DocumentationComplete. False: Missing, NotApproved, Expired. Unknown: NotYetAssessed.
	ConditionDocumentationComplete = "DocumentationComplete"
	// ConditionAwarenessMaintained: people took part in awareness measures in time (clause 7.3).
	//   True: AwarenessMaintained. False: Missing, Expired, OutcomeFailed, Incomplete, BelowThreshold.
	ConditionAwarenessMaintained = "AwarenessMaintained"
)

// ConditionGapsAddressed, of an ISMSScope and a gate of its AuditCycles: each gap has an owner and a date that has not
// passed. Practice. Implemented controls that fail are no gaps here: ConditionControlsSatisfied judges them.
//
//	True: GapsAddressed. False: Incomplete, Overdue. Unknown: NothingDeclared (no plan for what may be a gap).
const ConditionGapsAddressed = "GapsAddressed"

// Condition types of an ISMSScope about the operator's own record of it. No gate of a cycle.
const (
	// ConditionEvidenceLogIntact: the evidence log verifies, and can be written.
	//   True: LogVerified. False: LogBroken, LogNotWritable. Unknown: NotYetVerified.
	ConditionEvidenceLogIntact = "EvidenceLogIntact"
	// ConditionEvidenceLogSealed: the log has a signed checkpoint, and not too long ago.
	//   True: Sealed. False: SigningKeyMissing, SigningKeyInvalid, NotSigned, Overdue. Unknown: NotYetSealed.
	ConditionEvidenceLogSealed = "EvidenceLogSealed"
)

// Condition types of an AuditCycle besides those that it shares with its scope. Each gate is Unknown, NotYetAssessed,
// until it is computed.
const (
	// ConditionControlsImplemented: each applicable control is implemented.
	//   True: ControlsImplemented. False: ControlsNotImplemented. Unknown: NothingDeclared.
	ConditionControlsImplemented = "ControlsImplemented"
	// ConditionControlsSatisfied: each applicable control is Satisfied, or its deviation is handled.
	//   True: ControlsSatisfied, DeviationsHandled, DeviationsWithinGrace. False: ControlsNotSatisfied.
	//   Unknown: ControlsUnknown, NothingDeclared.
	ConditionControlsSatisfied = "ControlsSatisfied"
	// ConditionOperatingPeriodMet: the controls operated long enough before Stage 2. Practice.
	//   True: OperatingPeriodMet. False: OperatingPeriodTooShort, BelowThreshold. Unknown: NotYetAssessed, NothingDeclared.
	ConditionOperatingPeriodMet = "OperatingPeriodMet"
	// ConditionInternalAuditComplete: the whole system was audited independently (clause 9.2).
	//   True: InternalAuditComplete. False: Missing, Incomplete, Expired, Overdue, NotIndependent, ReferenceNotFound, and of
	//   the programme NotApproved, ChangedSinceApproval, DateInFuture, and of an auditor's competence DateInFuture, Missing,
	//   OutcomeFailed, BelowThreshold. Unknown: IndependenceNotVerifiable, of the programme SourceNotReadable, and what an
	//   entry of the register of competences says.
	ConditionInternalAuditComplete = "InternalAuditComplete"
	// ConditionManagementReviewComplete: a review considered all inputs (clause 9.3).
	//   True: ManagementReviewComplete. False: Missing, Incomplete, Expired, Overdue.
	ConditionManagementReviewComplete = "ManagementReviewComplete"
	// ConditionCertificationBodyEngaged: an accredited, independent body is engaged, and has reviewed what it takes over.
	//   True: CertificationBodyEngaged. False: Missing, Incomplete, DateInFuture, NotIndependent.
	ConditionCertificationBodyEngaged = "CertificationBodyEngaged"
	// ConditionNoOpenMajorFindings: no major nonconformity is open.
	//   True: NoOpenMajorFindings. False: OpenNonconformity, NotConfirmed.
	ConditionNoOpenMajorFindings = "NoOpenMajorFindings"
	// ConditionCorrectiveActionsOnTime: no corrective action is overdue (clause 10.2).
	//   True: CorrectiveActionsOnTime. False: Overdue. Unknown: Missing, NotYetAssessed, and what a Finding says.
	ConditionCorrectiveActionsOnTime = "CorrectiveActionsOnTime"
	// ConditionStage1Ready, ConditionStage2Ready, ConditionSurveillanceReady and ConditionRecertificationReady: no
	// blocker of that audit is known.
	//   True: NoKnownBlockers. False: Blocked. Unknown: NotYetAssessed.
	ConditionStage1Ready          = "Stage1Ready"
	ConditionStage2Ready          = "Stage2Ready"
	ConditionSurveillanceReady    = "SurveillanceReady"
	ConditionRecertificationReady = "RecertificationReady"
	// ConditionCertificateValid: the certificate is in force today: the cycle's own, or, before there is one, that of the
	// cycle that it follows.
	//   True: CertificateValid. False: Suspended, Expired, Withdrawn, DateInFuture. Unknown: NothingDeclared (there is no
	//   certificate, or of the one that is carried on only its number and last day are known).
	ConditionCertificateValid = "CertificateValid"
	// ConditionDeadlinesMet: no deadline of the cycle is overdue. It is no gate.
	//   True: DeadlinesMet, DueSoon, NothingDeclared. False: Overdue.
	ConditionDeadlinesMet = "DeadlinesMet"
	// ConditionAuditReady repeats the one of the four that the next audit is about.
	//   True: NoKnownBlockers. False: Blocked. Unknown: NotYetAssessed, NothingDeclared (no audit is ahead).
	ConditionAuditReady = "AuditReady"
)

// Condition types of a Risk. What keeps a Risk from being assessed (Suspended, ScopeNotFound, MethodNotDefined,
// MethodMismatch) makes these and ReviewCurrent Unknown.
const (
	// ConditionAssessed: the risk is assessed by the method of the scope (clauses 6.1.2 and 8.2).
	//   True: Assessed. False: Missing, Incomplete, DateInFuture, AssetNotFound. Unknown: ScopeNotFound, MethodNotDefined,
	//   MethodMismatch, Suspended.
	ConditionAssessed = "Assessed"
	// ConditionTreated: the treatment is decided, approved by the owner and done, and the controls that it rests on are
	// satisfied (clauses 6.1.3 and 8.3).
	//   True: Treated. False: Missing, NotApproved, NotByOwner, DateInFuture, ControlsMissing, ControlsNotApplicable,
	//   Overdue, InProgress, ControlsNotSatisfied. Unknown: OwnerNotVerifiable, ControlsUnknown, ScopeNotFound,
	//   MethodNotDefined, MethodMismatch, Suspended.
	ConditionTreated = "Treated"
	// ConditionResidualAccepted: the owner accepted the residual risk at its present level (clause 6.1.3 f).
	//   True: ResidualAccepted. False: Missing, Incomplete, DateInFuture, NotByOwner, ResidualChanged, CriteriaExceeded.
	//   Unknown: OwnerNotVerifiable, ScopeNotFound, MethodNotDefined, MethodMismatch, Suspended.
	ConditionResidualAccepted = "ResidualAccepted"
)

// ConditionReviewCurrent, of a Risk, a Document and a RegisterEntry: the last review is not too long ago.
//
//	True: ReviewCurrent. False: Missing, Expired, DateInFuture, and OutcomeFailed, BelowThreshold of the Attestation of a
//	register kept elsewhere. Unknown: NotApproved (of a Document that was neither approved nor reviewed), NotRequired (of
//	a RegisterEntry), ReferenceNotFound, NotYetAssessed, ScopeNotFound, MethodNotDefined, MethodMismatch, Suspended.
const ConditionReviewCurrent = "ReviewCurrent"

// ConditionApproved, of a Document: this version is approved.
//
//	True: Approved, DigestNotVerified. False: NotApproved, ChangedSinceApproval, DateInFuture.
//	Unknown: SourceNotReadable, NotYetAssessed, ScopeNotFound, Suspended.
const ConditionApproved = "Approved"

// ConditionCurrent, of an Attestation: it counts as evidence.
//
//	True: Current, RecordedLate. False: DateInFuture, Superseded, OutcomeFailed, BelowThreshold, Expired.
//	Unknown: ReferenceNotFound (deviations whose Finding does not exist), ScopeNotFound, Suspended.
const ConditionCurrent = "Current"

// ConditionReferencesResolved, of an Attestation, a Finding and a RegisterEntry: what it names exists in its scope.
//
//	True: ReferencesResolved. False: ReferenceNotFound. Unknown: NothingDeclared (it names nothing), ScopeNotFound,
//	Suspended.
//
// Of a Control, while an exception in force names a Risk: besides, the owner of the Risk has accepted what remains of it.
//
//	True: ReferencesResolved. False: ReferenceNotFound, NotAccepted. Unknown: NotYetAssessed.
const ConditionReferencesResolved = "ReferencesResolved"

// Condition types of a Finding. NotRequired is said of what a severity or a source does not ask for.
const (
	// ConditionCorrectiveActionPlanned: correction, cause, similar cases, action, owner and date are stated.
	//   True: CorrectiveActionPlanned. False: Missing, Incomplete, Overdue, DueTooLate.
	//   Unknown: NotRequired, ScopeNotFound, Suspended.
	ConditionCorrectiveActionPlanned = "CorrectiveActionPlanned"
	// ConditionCorrectiveActionOnTime: the action is done, or no day has passed by which something was due.
	//   True: CorrectiveActionOnTime. False: Overdue, NotEffective. Unknown: Missing (no action is planned, and none is due
	//   yet), NotRequired, ScopeNotFound, Suspended.
	ConditionCorrectiveActionOnTime = "CorrectiveActionOnTime"
	// ConditionAcceptedForDecision: the certification body has what it needs before it decides (ISO/IEC 17021-1, 9.5.2):
	// of a Minor that it raised the accepted plan, of a Major the verified action.
	//   True: PlanAccepted, Verified. False: NotAccepted, NotVerified, DateInFuture.
	//   Unknown: NotRequired, ScopeNotFound, Suspended.
	ConditionAcceptedForDecision = "AcceptedForDecision"
	// ConditionClosed: the effect is verified, by whoever must verify it; of an observation or an opportunity for
	// improvement that the certification body did not raise, the decision is carried out.
	//   True: Closed. False: Open, Incomplete, NotEffective, DateInFuture. Unknown: IndependenceNotVerifiable,
	//   ScopeNotFound, Suspended.
	ConditionClosed = "Closed"
	// ConditionSeverityAdequate: nothing known asks for a higher grade. False flags a Minor for escalation; an entry of
	// regrading, or closing it, answers that.
	//   True: SeverityAdequate. False: Repeated, Accumulated, NotClosedByNextAudit, NotClosedInTime, NotConfirmed.
	//   Unknown: NotRequired, ScopeNotFound, Suspended.
	ConditionSeverityAdequate = "SeverityAdequate"
)

// Condition types of a RegisterEntry, by register.
const (
	// ConditionClassified, of an asset (A.5.12).
	//   True: Classified. False: Missing. Unknown: ScopeNotFound, Suspended.
	ConditionClassified = "Classified"
	// ConditionAgreementInPlace, of a supplier (A.5.20).
	//   True: AgreementInPlace. False: Missing. Unknown: ScopeNotFound, Suspended.
	ConditionAgreementInPlace = "AgreementInPlace"
	// ConditionAssuranceCurrent, of a supplier: its certificate or report counts (A.5.22).
	//   True: AssuranceCurrent. False: Missing, Expired. Unknown: NotRequired, ScopeNotFound, Suspended.
	ConditionAssuranceCurrent = "AssuranceCurrent"
	// ConditionComplianceEvaluated, of a legal requirement: it was evaluated in time, and is met (A.5.31).
	//   True: ComplianceEvaluated. False: Missing, Expired, NotCompliant, DateInFuture. Unknown: ScopeNotFound, Suspended.
	ConditionComplianceEvaluated = "ComplianceEvaluated"
	// ConditionResolved, of an incident (A.5.26 and A.5.27).
	//   True: Resolved. False: Open, Overdue, DateInFuture. Unknown: ScopeNotFound, Suspended.
	ConditionResolved = "Resolved"
	// ConditionCompetenceCurrent, of a competence: there is evidence of it, and it holds today (clause 7.2).
	//   True: CompetenceCurrent. False: Missing, Expired, DateInFuture, Superseded, OutcomeFailed, BelowThreshold.
	//   Unknown: ReferenceNotFound, ScopeNotFound, Suspended.
	ConditionCompetenceCurrent = "CompetenceCurrent"
	// ConditionChangeControlled, of a change: approved, and done or not late (clause 6.3).
	//   True: ChangeControlled. False: NotApproved, Overdue, NotEffective, DateInFuture. Unknown: ScopeNotFound, Suspended.
	ConditionChangeControlled = "ChangeControlled"
)
