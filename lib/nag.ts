// cdk-nag, and how a construct answers a finding. An acknowledgement is a claim: it names the control that stands in.
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Makes every unanswered finding of the two packs fail the synth. */
export const attachNag = (app: App): void => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
};

/** Rule id (with `[finding]` where a rule has several) to the reason it may stand. */
export type Reasons = Readonly<Record<string, string>>;

/** Answers findings on one construct and what is below it. */
export const accept = (construct: IConstruct, reasons: Reasons): void => {
  const acknowledged = Object.entries(reasons).map(([id, reason]) => ({ id, reason }));
  Validations.of(construct).acknowledge(...acknowledged);
};
