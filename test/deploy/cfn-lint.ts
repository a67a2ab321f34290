// cfn-lint over the templates: a finding stands only with a reason in differences.ts.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { CFN_LINT_FINDINGS } from './differences.ts';
import type { Counts } from './suites.ts';

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Start: { readonly LineNumber: number } };
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const lint = (bin: string, templates: readonly string[]): Promise<readonly Finding[]> =>
  new Promise((resolve, reject) => {
    const args = ['--format', 'json', '--', ...templates];
    execFile(join(bin, 'cfn-lint'), args, { maxBuffer: MAX_OUTPUT_BYTES }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as readonly Finding[]);
      } catch {
        reject(new Error(`cfn-lint did not run: ${stderr}`));
      }
    });
  });

export const lintTemplates = async (bin: string, templates: readonly string[]): Promise<Counts> => {
  const findings = await lint(bin, templates);
  const unexplained = findings.filter(({ Rule }) => CFN_LINT_FINDINGS[Rule.Id] === undefined);
  const stale = Object.keys(CFN_LINT_FINDINGS).filter((id) => !findings.some(({ Rule }) => Rule.Id === id));
  for (const { Rule, Message, Filename, Location } of unexplained) {
    console.log(`  FAILED  ${Rule.Id} ${Filename}:${Location.Start.LineNumber} ${Message}`);
  }
  for (const id of stale) console.log(`  FAILED  no finding ${id} any more: remove it from differences.ts`);
  const failed = unexplained.length + stale.length;
  if (failed === 0) console.log(`  ok      ${templates.length} templates, no finding without a reason`);
  return { passed: failed === 0 ? 1 : 0, failed };
};
