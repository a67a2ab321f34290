import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENV, type EnvName, type FunctionName, METRICS } from '../../lambdas/contract.ts';
import { configDigest, readConfig } from '../../lib/config.ts';
import { REPOSITORY, resource, resources, SAMPLE, synthesise } from './support.ts';

const template = synthesise();
const functions = resources(template, 'AWS::Lambda::Function');

const LOGICAL: Readonly<Record<FunctionName, string>> = {
  authorizer: 'Authorizer',
  mcp: 'Mcp',
  'well-known': 'WellKnown',
  sealer: 'Sealer',
  keeper: 'Keeper',
  watcher: 'Watcher',
  reconciler: 'Reconciler',
  notifier: 'Notifier',
  console: 'ConsoleFunction',
  worker: 'Worker',
  opener: 'Opener',
};

const environment = (name: FunctionName): Readonly<Record<string, unknown>> => {
  const { Properties } = resource(template, 'AWS::Lambda::Function', LOGICAL[name]);
  return (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
};

describe('every function', () => {
  it('runs Node 24 on arm64 with tracing and JSON logs', () => {
    expect(functions).toHaveLength(11);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: expect.anything() },
        Handler: 'index.handler',
      });
    }
  });

  it('knows the digest of the configuration in its bundle', () => {
    for (const name of Object.keys(LOGICAL) as FunctionName[]) {
      expect(environment(name)).toMatchObject({
        CONFIG_FILE: 'config.json',
        CONFIG_DIGEST: configDigest(readConfig(SAMPLE)),
      });
    }
  });

  it.each(Object.keys(LOGICAL) as FunctionName[])('%s gets every variable that its handler reads', (name) => {
    // The two that make calls are wired in one file.
    const files = [`${name}/handler.ts`, ...(name === 'mcp' || name === 'worker' ? ['mcp/wire.ts'] : [])];
    const source = files.map((file) => readFileSync(join(REPOSITORY, 'lambdas', file), 'utf8')).join('\n');
    const read = [...source.matchAll(/ENV\.(\w+)/g)].map(([, key]) => ENV[key as keyof typeof ENV] as EnvName);
    expect(read.length).toBeGreaterThan(0);
    expect(Object.keys(environment(name))).toEqual(expect.arrayContaining(read));
  });

  it('gets no variable outside the contract', () => {
    const known: readonly string[] = Object.values(ENV);
    for (const name of Object.keys(LOGICAL) as FunctionName[]) {
      expect(Object.keys(environment(name)).filter((key) => !known.includes(key))).toEqual([]);
    }
  });

  it('has no managed policy and no role that anyone else can assume', () => {
    // The one role for people is in records.test.ts.
    const others = /CloudWatchRole|^RecordsHoldRole/;
    for (const role of resources(template, 'AWS::IAM::Role').filter(({ id }) => !others.test(id))) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
      const service = role.id.startsWith('ApprovalWaitsMachine') ? 'states' : 'lambda';
      expect(JSON.stringify(role.Properties['AssumeRolePolicyDocument'])).toContain(`"${service}.amazonaws.com"`);
    }
  });
});

describe('every log group', () => {
  it('is encrypted and kept for a year or more', () => {
    const groups = resources(template, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(14);
    for (const { Properties, DeletionPolicy } of groups) {
      expect(Properties['RetentionInDays']).toBeGreaterThanOrEqual(365);
      expect(Properties['KmsKeyId']).toBeDefined();
      expect(DeletionPolicy).toBe('Retain');
    }
  });
});

describe('every alarm', () => {
  it('has a row in the runbook', () => {
    const page = readFileSync(join(REPOSITORY, 'docs/runbook.md'), 'utf8');
    const names = resources(template, 'AWS::CloudWatch::Alarm').map(({ id }) =>
      id.replace(/^Alarms/, '').replace(/[0-9A-F]{8}$/, ''),
    );
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('on sealing fires when the sealer is silent, and on metrics that the functions report', () => {
    const alarms = resources(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    const own = alarms.filter(({ Namespace, Dimensions }) => Namespace === METRICS.namespace && Dimensions);
    for (const { MetricName, Dimensions } of own) {
      expect(METRICS.names).toContain(MetricName);
      expect(Dimensions).toContainEqual({ Name: 'log', Value: 'mcp.sample-bank.example/countersign' });
    }
    const silent = own.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(silent.map(({ MetricName }) => MetricName)).toEqual(['CheckpointAgeSeconds', 'DaysUnreconciled']);
  });

  it('tells someone, and says what to do', () => {
    const alarms = resources(template, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(9);
    for (const { id, Properties } of alarms) {
      expect(Properties['AlarmActions'], id).toHaveLength(1);
      expect(String(Properties['AlarmDescription']).length, id).toBeGreaterThan(60);
    }
  });
});

describe('the outputs', () => {
  it('have the names that the command line reads', () => {
    expect(Object.keys(template.toJSON()['Outputs'])).toEqual(
      expect.arrayContaining(['LedgerTable', 'SessionsTable', 'EvidenceBucket', 'ContentKeyId', 'PublicUrl', 'McpUrl']),
    );
  });
});
