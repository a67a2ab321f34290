// Approvals and approvers for tests: a wire transfer of Ana's that two payments approvers must agree to.

import { type Approval, type Approver, newApproval, type Terms } from '../../../lambdas/core/approvals/approval.ts';
import type { CallBinding } from '../../../lambdas/core/approvals/exact-call.ts';

export const NOW = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;

export const BINDING: CallBinding = {
  issuer: 'https://idp',
  subject: 'ana',
  client: 'ide',
  server: 'core-banking',
  tool: 'wire_transfer',
  definition: 'sha256:aa',
  policy: 'sha256:bb',
  params: 'sha256:cc',
};

const TERMS: Terms = {
  policies: ['wires-need-two'],
  approvers: [{ groups: ['payments-approvers'], quorum: 2 }],
  expiresSeconds: 30 * 60,
  windowSeconds: null,
  justification: false,
  stepUpSeconds: null,
  acr: [],
  escalate: [],
  glass: null,
  escalateAfter: 0.5,
};

export const approvalOf = (terms: Partial<Terms> = {}, change: Partial<Approval> = {}): Approval => ({
  ...newApproval({
    id: '01a20327-0000-7000-8000-000000000001',
    binding: BINDING,
    requester: { issuer: 'https://idp', subject: 'ana', name: 'Ana Silva' },
    terms: { ...TERMS, ...terms },
    justification: null,
    runs: 'client',
    shown: { amount: '‹string 7›' },
    requestedAt: NOW,
  }),
  ...change,
});

export const approver = (subject: string, change: Partial<Approver> = {}): Approver => ({
  issuer: 'https://idp',
  subject,
  name: subject,
  kind: 'person',
  groups: ['payments-approvers'],
  authTime: NOW / 1000 - 60,
  acr: 'mfa',
  ...change,
});
