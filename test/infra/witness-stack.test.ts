// The witness's own stack: who may call it, what it may do, what outlives it; and its configuration.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../lambdas/contract.ts';
import { parseCosignerKey } from '../../lambdas/core/ledger/cosignature.ts';
import { parseVerifierKey } from '../../lambdas/core/ledger/note.ts';
import { FEATURE_FLAGS } from '../../lib/feature-flags.ts';
import { attachNag } from '../../lib/nag.ts';
import { isVerifierKey, LOG_KEY, WITNESS_KEY } from '../../lib/verifier-key.ts';
import { readWitnessConfig, witnessConfigFile } from '../../lib/witness-config.ts';
import { WitnessStack } from '../../lib/witness-stack.ts';
import { logKey, witnessKey } from '../support/sealed-log.ts';
import { problemsOf, withOverlay } from './config-support.ts';
import { actionsOf, REPOSITORY, resource, resources, statementsOfRole } from './support.ts';

const SAMPLE = join(REPOSITORY, 'config/witness.yaml');
const TEXT = readFileSync(SAMPLE, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'countersign-witness-'));

const build = () => {
  const outdir = mkdtempSync(join(tmpdir(), 'countersign-synth-'));
  const app = new App({ outdir, context: { ...FEATURE_FLAGS, 'aws:cdk:bundling-stacks': [] } });
  return { app, stack: new WitnessStack(app, 'CountersignWitness', { config: readWitnessConfig(SAMPLE) }) };
};
const template = Template.fromStack(build().stack);
const role = statementsOfRole(template, 'WitnessRole');

describe('the witness stack', () => {
  it('is called through its URL, signed, by the named role only', () => {
    expect(resource(template, 'AWS::Lambda::Url', 'Witness').Properties).toMatchObject({ AuthType: 'AWS_IAM' });
    const permissions = resources(template, 'AWS::Lambda::Permission').map(({ Properties }) => Properties);
    const Principal = 'arn:aws:iam::111122223333:role/Countersign-SealerRole';
    expect(permissions).toHaveLength(2);
    expect(permissions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Principal, Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' }),
        expect.objectContaining({ Principal, Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
      ]),
    );
  });

  it('reads and advances its state, signs, and does nothing else', () => {
    const diagnostics = /^(?:logs|xray):/;
    const viaDynamoDb = /^kms:(?:Decrypt|DescribeKey|Encrypt|GenerateDataKey|ReEncrypt(?:From|To))$/;
    const rest = actionsOf(role).filter((action) => !diagnostics.test(action) && !viaDynamoDb.test(action));
    expect([...rest].sort()).toEqual(['dynamodb:GetItem', 'dynamodb:UpdateItem', 'kms:GetPublicKey', 'kms:Sign']);
  });

  it('signs with an Ed25519 key', () => {
    expect(resource(template, 'AWS::KMS::Key', 'WitnessKey').Properties).toMatchObject({
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
    });
  });

  it('loses neither its key nor its state with the stack', () => {
    for (const { Type, DeletionPolicy } of resources(template).filter(({ Type }) => /KMS::Key|DynamoDB/.test(Type))) {
      expect(`${Type} ${DeletionPolicy}`).toBe(`${Type} Retain`);
    }
    const [table] = resources(template, 'AWS::DynamoDB::Table');
    expect(table?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('wakes someone at a fork, by the line that the function writes', () => {
    const filter = resource(template, 'AWS::Logs::MetricFilter', 'ForksFilter');
    const [, begin = '-'] = /\$\.message = "([^*"]+)\*?"/.exec(String(filter.Properties['FilterPattern'])) ?? [];
    expect(readFileSync(join(REPOSITORY, 'lambdas/witness/witness.ts'), 'utf8')).toContain(`'${begin}`);
    for (const { Properties } of resources(template, 'AWS::CloudWatch::Alarm')) {
      expect(Properties['AlarmActions']).toHaveLength(1);
    }
  });

  it('gets every variable that its handler reads', () => {
    const source = readFileSync(join(REPOSITORY, 'lambdas/witness/handler.ts'), 'utf8');
    const read = [...source.matchAll(/ENV\.(\w+)/g)].map(([, name]) => ENV[name as keyof typeof ENV]);
    const { Properties } = resource(template, 'AWS::Lambda::Function', 'Witness');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables)).toEqual(expect.arrayContaining(read));
  });

  it('has nothing that cdk-nag does not explain', { timeout: 90_000 }, () => {
    const { app } = build();
    attachNag(app);
    expect(() => app.synth()).not.toThrow();
  });
});

const read = (text: string) => {
  const file = join(folder, 'witness.yaml');
  writeFileSync(file, text);
  return problemsOf(() => readWitnessConfig(file)).map(({ path }) => path);
};
const LOG = /mcp\.sample-bank\.example\/countersign\+\S+/;

describe('its configuration', () => {
  it('is the sample, or the file that the context names', () => {
    expect(read(TEXT)).toEqual([]);
    expect(witnessConfigFile({ tryGetContext: () => undefined })).toBe('config/witness.yaml');
    expect(witnessConfigFile({ tryGetContext: () => 'other.yaml' })).toBe('other.yaml');
  });

  it.each([
    ['a name with a scheme', TEXT.replace('name: witness', 'name: https://witness'), ['name']],
    ['no log', TEXT.replace(/ {2}- mcp\S+/, '  []').replace('logs:\n  []', 'logs: []'), ['logs']],
    ['a log by something that is no key', TEXT.replace(LOG, 'mcp.sample-bank.example'), ['logs.0']],
    ['a log by the key of a witness', TEXT.replace(LOG, witnessKey(1, 'w.example').vkey), ['logs.0']],
    ['a caller that is anyone', TEXT.replace(/arn:aws:iam\S+/, '"*"'), ['callers.0']],
    ['a caller with a wildcard', TEXT.replace('Countersign-SealerRole', 'Countersign-*'), ['callers.0']],
    ['an unknown key', `${TEXT}\nlog: x\n`, ['log']],
    ['several mistakes at once', TEXT.replace('version: 1', 'version: 2').replace(LOG, 'x'), ['version', 'logs.0']],
  ])('refuses %s', (_, text, paths) => {
    expect(read(text)).toEqual(paths);
  });
});

const W = { url: 'https://w.example', vkey: witnessKey(1, 'w.example').vkey, auth: { kind: 'none' } };
const ARN = 'arn:aws:lambda:eu-west-1:222233334444:function:witness';

describe('log.witnesses of the gateway', () => {
  it.each([
    ['one without sign-in', [W]],
    ['one behind a function URL', [{ ...W, auth: { kind: 'sigv4', function: ARN } }]],
    ['two', [W, { ...W, vkey: witnessKey(2, 'w.example').vkey }]],
    ['none', []],
  ])('takes %s', (_, witnesses) => {
    expect(withOverlay('log.witnesses', witnesses)).toEqual([]);
  });

  it.each([
    ['plain http', [{ ...W, url: 'http://w.example' }], 'log.witnesses.0.url'],
    ['a query', [{ ...W, url: 'https://w.example/?a=b' }], 'log.witnesses.0.url'],
    ['the key of a log', [{ ...W, vkey: logKey().vkey }], 'log.witnesses.0.vkey'],
    ['a sign-in that does not exist', [{ ...W, auth: { kind: 'basic' } }], 'log.witnesses.0.auth.kind'],
    ['no word about the sign-in', [{ url: W.url, vkey: W.vkey }], 'log.witnesses.0.auth'],
    ['a function by its name', [{ ...W, auth: { kind: 'sigv4', function: 'w' } }], 'log.witnesses.0.auth.function'],
    ['a witness twice', [W, W], 'log.witnesses'],
  ])('refuses %s', (_, witnesses, path) => {
    const paths = withOverlay('log.witnesses', witnesses as never).map((problem) => problem.path);
    expect(paths.some((found) => found.startsWith(path.replace('.kind', '')))).toBe(true);
  });
});

describe('isVerifierKey', () => {
  it('says what the runtime’s reader says', () => {
    const keys = [logKey().vkey, witnessKey(1, 'w.example/ä').vkey, `${logKey().vkey} `];
    const text = fc.constantFrom(...keys).chain((vkey) =>
      fc.tuple(fc.nat(vkey.length), fc.string({ maxLength: 2 }), fc.nat(2)).map(([at, insert, cut]) => {
        return vkey.slice(0, at) + insert + vkey.slice(at + cut);
      }),
    );
    fc.assert(
      fc.property(text, (vkey) => {
        // The runtime trims what a file may end with.
        if (vkey.trim() !== vkey) return;
        expect(isVerifierKey(vkey, LOG_KEY)).toBe(parseVerifierKey(vkey).ok);
        expect(isVerifierKey(vkey, WITNESS_KEY)).toBe(parseCosignerKey(vkey).ok);
      }),
      { numRuns: 500 },
    );
    expect(isVerifierKey(logKey().vkey, LOG_KEY)).toBe(true);
    expect(isVerifierKey(witnessKey(1, 'w.example/ä').vkey, WITNESS_KEY)).toBe(true);
  });
});
