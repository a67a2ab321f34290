// From environment to adapters, for the two functions that make calls: the client's (mcp) and the approved one (worker).

import { ComprehendClient } from '@aws-sdk/client-comprehend';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeEndWait, type StartMachine } from '../adapters/approval-machine.ts';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { loadCedar } from '../adapters/cedar.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { makeDetectEntities } from '../adapters/comprehend.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeApprovals } from '../adapters/dynamo-approvals.ts';
import { makeRecords } from '../adapters/dynamo-records.ts';
import { makeRuns } from '../adapters/dynamo-runs.ts';
import { makeSealedUntil } from '../adapters/dynamo-sealing-progress.ts';
import { sealingContent } from '../adapters/jwe-sealer.ts';
import { makeContentKeys } from '../adapters/kms-content-keys.ts';
import { makeHeldKeys } from '../adapters/kms-held-keys.ts';
import { makeSigner } from '../adapters/kms-signer.ts';
import { makeBodies } from '../adapters/s3-bodies.ts';
import { makeEvidenceLog } from '../adapters/s3-evidence-log.ts';
import { makeSecrets } from '../adapters/secrets.ts';
import { makeUpstreamCredentials } from '../adapters/upstream-credentials.ts';
import { makeUpstream } from '../adapters/upstream-http.ts';
import { ENV } from '../contract.ts';
import { lockOf } from '../core/ledger/retention.ts';
import { makePolicy } from '../core/policy/policy.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { makeMasking } from './masking.ts';
import type { McpPorts } from './ports.ts';

/** `file`: the bundle, whose digest stands on every entry. */
export const wire = (fn: 'mcp' | 'worker', file: string, startMachine: StartMachine): McpPorts => {
  const env = readEnv([
    ENV.ledgerTable,
    ENV.sessionsTable,
    ENV.evidenceBucket,
    ENV.approvalsTable,
    ENV.contentKeyId,
    ENV.intentKeyId,
    ENV.heldKeyId,
    ENV.publicUrl,
    ENV.configFile,
    ENV.configDigest,
    ENV.policyEngine,
  ]);
  const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
  const diagnostics = makeDiagnostics(fn);
  const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
  const s3 = new S3Client(AWS_CLIENT_OPTIONS);
  const kms = new KMSClient(AWS_CLIENT_OPTIONS);
  const secrets = makeSecrets(new SecretsManagerClient(AWS_CLIENT_OPTIONS), systemClock);

  // A client that is never used would still cost its part of a cold start.
  const asksComprehend = (config.masking?.comprehend ?? null) !== null;
  const detect = asksComprehend
    ? makeDetectEntities(new ComprehendClient(AWS_CLIENT_OPTIONS), diagnostics.error)
    : null;

  const tables = { ledger: env.LEDGER_TABLE, sessions: env.SESSIONS_TABLE, approvals: env.APPROVALS_TABLE };

  return {
    config,
    configDigest: env.CONFIG_DIGEST,
    policy: makePolicy(config, loadCedar(env.POLICY_ENGINE, taskRoot(), config.policy, diagnostics.error)),
    gateway: { fn, code: codeDigest(file), region: region() },
    bodies: makeBodies(s3, env.EVIDENCE_BUCKET, (name) => lockOf(name, config.retention, systemClock.now())),
    contentKeys: makeContentKeys(kms, env.CONTENT_KEY_ID, config.log.origin),
    intentSigner: { ...makeSigner(kms, env.INTENT_KEY_ID), keyId: env.INTENT_KEY_ID },
    lockedIntents: makeEvidenceLog(s3, env.EVIDENCE_BUCKET),
    sealedUntil: makeSealedUntil(dynamoDb, env.LEDGER_TABLE),
    records: makeRecords(dynamoDb, tables),
    approvals: makeApprovals(dynamoDb, tables),
    startMachine,
    endWait: makeEndWait(new SFNClient(AWS_CLIENT_OPTIONS)),
    runs: makeRuns(dynamoDb, env.APPROVALS_TABLE),
    heldKeys: makeHeldKeys(kms, env.HELD_KEY_ID, config.log.origin),
    publicUrl: env.PUBLIC_URL,
    seal: sealingContent,
    masking: makeMasking({ config, readSecret: (name) => secrets.read(name), detect, clock: systemClock }),
    upstream: makeUpstream(),
    credentials: makeUpstreamCredentials((name, fresh) => secrets.read(name, fresh), systemClock),
    clock: systemClock,
    newId,
    diagnostics,
  };
};
