// Builds the stack as bin/countersign.ts does, without bundling, and reads the template by intent.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readConfig } from '../../lib/config.ts';
import type { Json } from '../../lib/config-yaml.ts';
import { FEATURE_FLAGS } from '../../lib/feature-flags.ts';
import { GatewayStack } from '../../lib/gateway-stack.ts';

export const REPOSITORY = join(import.meta.dirname, '../..');
export const SAMPLE = join(REPOSITORY, 'config/countersign.yaml');

/** The stack of the sample bank, with `overlay` over its configuration. */
export const buildApp = (overlay: Json = {}): { app: App; stack: GatewayStack } => {
  const outdir = mkdtempSync(join(tmpdir(), 'countersign-synth-'));
  const app = new App({ outdir, context: { ...FEATURE_FLAGS, 'aws:cdk:bundling-stacks': [] } });
  return { app, stack: new GatewayStack(app, 'Countersign', { config: readConfig(SAMPLE, { overlay }) }) };
};

export const synthesise = (overlay: Json = {}): Template => Template.fromStack(buildApp(overlay).stack);

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export const resources = (template: Template, type?: string): readonly Resource[] => {
  const all = template.toJSON()['Resources'] as Record<string, Omit<Resource, 'id'>>;
  return Object.entries(all)
    .map(([id, resource]) => ({ ...resource, id }))
    .filter((resource) => type === undefined || resource.Type === type);
};

/** The one resource of a type whose logical id starts so. */
export const resource = (template: Template, type: string, prefix: string): Resource => {
  const found = resources(template, type).filter(({ id }) => id.startsWith(prefix));
  if (found.length !== 1) throw new Error(`expected one ${type} named ${prefix}*, found ${found.length}`);
  return found[0]!;
};

/** What the role of a function may do: statements of its policies. */
export const statementsOfRole = (template: Template, rolePrefix: string): readonly Statement[] =>
  resources(template, 'AWS::IAM::Policy')
    .filter(({ Properties }) => JSON.stringify(Properties['Roles']).includes(`"${rolePrefix}`))
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));

export const statementsIn = (document: unknown): readonly Statement[] =>
  (document as { Statement: readonly Statement[] }).Statement;

export const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

export const actionsOf = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(({ Action }) => listOf(Action));

/** Actions allowed on a resource whose logical id starts with `prefix`. */
export const actionsOn = (statements: readonly Statement[], prefix: string): readonly string[] =>
  actionsOf(statements.filter(({ Resource }) => JSON.stringify(Resource).includes(`["${prefix}`))).toSorted();
