// What approvers read in their mail or in Slack: who asks for what, why, until when, and where to decide. A link carries
// the id of the request and nothing else; opening it decides nothing. Pure.

import { toTimestamp } from '../time.ts';
import { type Approval, askedGroups } from './approval.ts';

export interface Message {
  readonly subject: string;
  readonly text: string;
}

/** Characters of the arguments' outline; the console shows all of it. */
const MAX_SHOWN = 1500;

export const approvalMessage = (
  approval: Approval,
  about: { readonly serverTitle: string; readonly link: string; readonly escalated: boolean },
): Message => {
  const { binding, requester, terms, justification } = approval;
  const who = plain(requester.name ?? requester.subject);
  const what = `${plain(binding.tool)} at ${plain(about.serverTitle)}`;
  const scope =
    terms.windowSeconds === null
      ? 'It runs once, exactly as shown there.'
      : `If approved, every call of this tool by ${who} is let through for ${Math.round(terms.windowSeconds / 60)} minutes.`;
  return {
    subject: `${about.escalated ? 'Still undecided: ' : ''}Approval needed: ${what} for ${who}`,
    text: [
      about.escalated
        ? `Nobody has decided yet, so you are asked as well (${askedGroups(approval).join(', ')}).`
        : `You are asked as a member of ${askedGroups(approval).join(', ')}.`,
      '',
      `Who:    ${who} (${plain(requester.subject)}) with the client ${plain(binding.client)}`,
      `What:   ${what}`,
      `Why:    ${justification === null ? 'no reason was given' : plain(justification)}`,
      `Policy: ${terms.policies.join(', ')}`,
      `Until:  ${minuteOf(approval.deadlineAt)}`,
      '',
      'Arguments (values are hidden here):',
      shown(approval.shown),
      '',
      scope,
      `Sign in and decide: ${about.link}`,
      'Opening the link decides nothing.',
    ].join('\n'),
  };
};

/** What reviewers read: the call has run. Said at once, and again when nobody looked in time. */
export const glassMessage = (
  approval: Approval,
  about: { readonly serverTitle: string; readonly link: string },
): Message => {
  const { binding, requester, terms, justification, requestedAt, deadlineAt, glass } = approval;
  const who = plain(requester.name ?? requester.subject);
  const what = `${plain(binding.tool)} at ${plain(about.serverTitle)}`;
  const isLate = glass?.overdue === true;
  return {
    subject: `${isLate ? 'NOT REVIEWED IN TIME: ' : ''}Glass broken: ${who} ran ${what} without approval`,
    text: [
      isLate
        ? `Nobody has reviewed this call in time. It is on record as unreviewed (${askedGroups(approval).join(', ')} were asked).`
        : `This call was let through at once, before anybody agreed. You are asked to review it as a member of ${askedGroups(approval).join(', ')}.`,
      '',
      `Who:    ${who} (${plain(requester.subject)}) with the client ${plain(binding.client)}`,
      `What:   ${what}`,
      `Why:    ${justification === null ? 'no reason was given' : plain(justification)}`,
      `When:   ${minuteOf(requestedAt)}`,
      `Policy: ${terms.policies.join(', ')}`,
      `Review: until ${minuteOf(deadlineAt)}`,
      '',
      'Arguments (values are hidden here):',
      shown(approval.shown),
      '',
      `Sign in and say whether it was justified: ${about.link}`,
      'Opening the link says nothing.',
    ].join('\n'),
  };
};

const minuteOf = (epochMs: number): string => `${toTimestamp(epochMs).slice(0, 16).replace('T', ' ')} UTC`;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value, null, 2) ?? 'none';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} …` : text;
};

/** One line of text that somebody else chose: no line breaks, no control or direction characters. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);

/** Slack reads `<`, `>` and `&` as its own (https://docs.slack.dev/messaging/formatting-message-text). */
export const slackPayload = ({ subject, text }: Message): object => {
  const escaped = (part: string): string =>
    part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: `*${escaped(subject)}*\n\n${escaped(text)}` };
};
