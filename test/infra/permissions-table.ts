// docs/iam.md, from the synthesised template: what every role may do, and what every resource allows and refuses.

import type { Template } from 'aws-cdk-lib/assertions';
import { INTENTS } from './permissions-intents.ts';
import { WILDCARDS } from './permissions-wildcards.ts';
import {
  actionNames,
  actionsInWords,
  conditionInWords,
  principalInWords,
  resourceInWords,
  textOf,
} from './permissions-words.ts';
import { listOf, type Resource, resources, type Statement, statementsIn } from './support.ts';

export const TABLE_FILE = 'docs/iam.md';

const INTRODUCTION = `# What each role may do

Written by \`npm run iam\` from the CloudFormation template that \`cdk synth\` makes of the sample configuration. Do not edit it: a test
compares it with the template, and another that every sentence under "In short" holds. With your own configuration only the names of
secrets and the origin of the log differ.

This is what the template grants. It is no proof that AWS enforces it: no emulator enforces IAM, so only a deployment to AWS can show that.
Other policies of the account (the CDK bootstrap roles, administrators, service control policies) are outside this page; docs/deploy.md
says which of them matter.`;

const PUT_ITEM = `\`dynamodb:PutItem\` can overwrite an item, and IAM has no condition against that. The code always demands that nothing stands there yet, and
the table's stream carries the old image, so that an overwrite shows.`;

/** Columns are padded, as the formatter of this repository pads them. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
};

const onWhat = ({ Resource }: Statement): string => listOf(Resource).map(resourceInWords).join(', ');

const roleTitle = ({ id }: Resource): string => {
  if (id.startsWith('RecordsHoldRole')) return 'The records officer, for legal holds';
  const name =
    /^(Authorizer|ConsoleFunction|Keeper|Mcp|Notifier|Opener|Reconciler|Sealer|Watcher|WellKnown|Worker)Role/.exec(
      id,
    )?.[1];
  if (id.startsWith('ApprovalWaitsMachine')) return 'The approval machine';
  if (name === undefined) return 'API Gateway, for its logs';
  return `The ${name === 'WellKnown' ? 'well-known' : name.replace('Function', '').toLowerCase()} function`;
};

/** Policies that the bank attaches to people. */
const peopleSection = ({ Properties }: Resource): string => {
  const rows = statementsIn(Properties['PolicyDocument']).map((statement) => [
    actionsInWords(statement),
    onWhat(statement),
    conditionInWords(statement),
    actionNames(statement),
  ]);
  const title = `### ${textOf(Properties['Description'])}`;
  return `${title}\n\nAttached to nobody by the stack.\n\n${table(['May', 'On', 'Only when', 'Actions'], rows)}`;
};

const roleSection = (template: Template, role: Resource): string => {
  const policies = resources(template, 'AWS::IAM::Policy').filter(({ Properties }) =>
    JSON.stringify(Properties['Roles']).includes(`"${role.id}"`),
  );
  const statements = policies.flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
  const rows = statements.map((statement) => [
    actionsInWords(statement),
    onWhat(statement),
    conditionInWords(statement),
    actionNames(statement),
  ]);
  const managed = listOf(role.Properties['ManagedPolicyArns'] ?? []).map(textOf);
  const trust = statementsIn(role.Properties['AssumeRolePolicyDocument']).map(({ Principal }) =>
    principalInWords(Principal),
  );
  return [
    `### ${roleTitle(role)}`,
    `Assumed by ${trust.join(', ')} only.`,
    ...managed.map((arn) => `AWS managed policy: \`${arn}\`.`),
    ...(rows.length === 0 ? [] : [table(['May', 'On', 'Only when', 'Actions'], rows)]),
  ].join('\n\n');
};

interface Policy {
  readonly title: string;
  readonly statements: readonly Statement[];
}

const policiesOf = (template: Template): readonly Policy[] => [
  ...resources(template, 'AWS::KMS::Key').map(({ id, Properties }) => ({
    title: textOf({ Ref: id }),
    statements: statementsIn(Properties['KeyPolicy']),
  })),
  ...resources(template, 'AWS::S3::BucketPolicy').map(({ Properties }) => ({
    title: textOf(Properties['Bucket']),
    statements: statementsIn(Properties['PolicyDocument']),
  })),
  ...resources(template, 'AWS::SQS::QueuePolicy').map(({ Properties }) => ({
    title: textOf(listOf(Properties['Queues'])[0]),
    statements: statementsIn(Properties['PolicyDocument']),
  })),
  ...resources(template, 'AWS::SNS::TopicPolicy').map(({ Properties }) => ({
    title: textOf(listOf(Properties['Topics'])[0]),
    statements: statementsIn(Properties['PolicyDocument']),
  })),
];

const policySection = ({ title, statements }: Policy): string => {
  const rows = statements.map((statement) => [
    statement.Effect === 'Deny' ? '**refused**' : 'allowed',
    principalInWords(statement.Principal),
    actionsInWords(statement),
    conditionInWords(statement),
    actionNames(statement),
  ]);
  const heading = title.charAt(0).toUpperCase() + title.slice(1);
  return `### ${heading}\n\n${table(['', 'Who', 'What', 'When', 'Actions'], rows)}`;
};

const invocations = (template: Template): string => {
  const rows = resources(template, 'AWS::Lambda::Permission').map(({ Properties }) => [
    textOf(Properties['FunctionName']),
    `\`${textOf(Properties['Principal'])}\``,
    `\`${textOf(Properties['SourceArn'])}\``,
  ]);
  return `### The functions\n\n${table(
    ['Function', 'May be invoked by', 'For'],
    rows.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
  )}`;
};

export const permissionsTable = (template: Template): string => {
  const intents = INTENTS.map(({ claim }) => `- ${claim}`).join('\n');
  const wildcards = Object.entries(WILDCARDS).map(([grant, reason]) => [`\`${grant}\``, reason]);
  const sections = [
    INTRODUCTION,
    `## In short\n\n${intents}`,
    '## Roles',
    ...resources(template, 'AWS::IAM::Role').map((role) => roleSection(template, role)),
    PUT_ITEM,
    '## Policies for people',
    ...resources(template, 'AWS::IAM::ManagedPolicy').map(peopleSection),
    '## Policies of resources',
    ...policiesOf(template).map(policySection),
    invocations(template),
    `## Every \`*\`, and why\n\n${table(['Grant', 'Why there is no narrower way'], wildcards)}`,
  ];
  return `${sections.join('\n\n')}\n`;
};
