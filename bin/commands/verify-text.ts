// The verifier's reports for people. Names and texts of the checked files are shown without control characters.

import type { ProofReport } from '../../lambdas/core/ledger/verify/proof.ts';
import type { CheckReport, Finding, Verdict } from '../../lambdas/core/ledger/verify/report.ts';
import type { LogReport } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { bold, dim, plain, warn, write } from './text.ts';

/** Findings printed for one check; --json holds up to 1,000 of each reason. */
const MAX_PRINTED = 20;
const MARKS: Readonly<Record<CheckReport['status'], string>> = {
  ok: 'ok',
  failed: 'FAILED',
  gap: 'gap',
  'not checked': 'not checked',
};
const MARK_WIDTH = 13;
const CHECK_WIDTH = 17;

const number = (value: number): string => value.toLocaleString('en-US');

export const printLog = (report: LogReport): void => {
  const { entries, segments, sessions, bodies, manifests, opened, signed, witnessed, keys, root, firstAt, lastAt } =
    report;
  write(bold(`Log ${report.origin}`));
  write(
    `  entries   ${number(entries)} in ${number(segments)} segments, ${number(sessions)} sessions with ${number(manifests)} manifests, ${number(bodies)} bodies${opened > 0 ? ` (${number(opened)} opened)` : ''}`,
  );
  if (firstAt !== null) write(`  written   ${firstAt} to ${lastAt}`);
  write(
    `  signed    ${signed === null ? 'nothing' : `the first ${number(signed.entries)} entries, by ${signed.file}`}`,
  );
  if (witnessed !== null) {
    const by = witnessed.by.map(plain).join(', ');
    write(`  witnessed the first ${number(witnessed.entries)} entries, at ${witnessed.at}, by ${by}`);
  }
  if (keys.length > 1) for (const key of keys) write(`  key       ${keyText(key)}`);
  write(`  root      ${root ?? 'not computed: entries are missing'}\n`);
};

const keyText = ({ key, since, believed, revoked }: LogReport['keys'][number]): string => {
  const doubt = revoked === null ? '' : `, revoked: believed up to ${number(revoked.upTo)} entries`;
  return `${plain(key)} from entry ${number(since)}${doubt}${believed ? '' : ', not believed by itself'}`;
};

export const printProof = ({ origin, index, size, witnesses, entry }: ProofReport): void => {
  write(bold(`Entry ${index ?? '?'} of log ${origin}`));
  if (size !== null) write(`  under a checkpoint of ${number(size)} entries`);
  if (witnesses.length > 0) write(`  cosigned by ${witnesses.map(plain).join(', ')}`);
  if (entry !== null) write(`  ${plain(entry)}`);
  write('');
};

export const printChecks = (checks: readonly CheckReport[]): void => {
  for (const check of checks) {
    const mark = MARKS[check.status].padEnd(MARK_WIDTH);
    const head = `${check.check.padEnd(CHECK_WIDTH)}${check.summary}`;
    write(check.status === 'ok' ? `${mark}${head}` : `${warn(mark)}${head}`);
    for (const finding of check.findings.slice(0, MAX_PRINTED)) write(`${' '.repeat(MARK_WIDTH)}${lineOf(finding)}`);
    const hidden = Object.values(check.counts).reduce((sum, count) => sum + count, 0) - MAX_PRINTED;
    if (hidden > 0) write(dim(`${' '.repeat(MARK_WIDTH)}… and ${number(hidden)} more`));
  }
};

const lineOf = ({ reason, detail, file, index }: Finding): string => {
  const where = [file === undefined ? [] : [plain(file)], index === undefined ? [] : [`entry ${index}`]]
    .flat()
    .join(', ');
  return `${reason}${where === '' ? '' : ` at ${where}`}: ${plain(detail)}`;
};

const VERDICTS: Readonly<Record<Verdict, string>> = {
  valid: 'VALID. The signed entries are what was sealed: none altered, added, left out or moved.',
  invalid: 'INVALID. Something failed: see above.',
  unchecked: 'COULD NOT CHECK. Nothing failed, and something that must be checked could not be: see above.',
};

export const printVerdict = (verdict: Verdict): void => {
  write(`\n${verdict === 'valid' ? bold(VERDICTS[verdict]) : warn(VERDICTS[verdict])}`);
};
