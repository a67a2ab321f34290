// Strict calls: before the upstream hears of one, sealing must not be behind, and the intent must lie signed in the locked
// bucket, where nobody can remove it.
//
//     check sealing                       nothing is written yet; usually from memory
//     write the intent  |  sign it        at the same time: a signature over what did not become durable is thrown away
//     put the signed intent               only now, so that no object is without its entry
//
// Beyond another call this costs one PUT, and of the signature what it takes longer than the write.

import type { Signer } from '../adapters/kms-signer.ts';
import { formatEnvelope, preAuthEncoding } from '../core/ledger/dsse.ts';
import type { Intent } from '../core/ledger/entry.ts';
import { intentName } from '../core/ledger/log-layout.ts';
import { checkSealingLag, type SealingRefusal } from '../core/ledger/sealing-lag.ts';
import { intentPayload, strictIntentOf } from '../core/ledger/strict-intent.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import type { McpPorts } from './ports.ts';

/** Signs with the intent key, and no other. */
export interface IntentSigner extends Pick<Signer, 'sign'> {
  /** Name of the key, e.g. its ARN: the hint in the envelope, and the name under which CloudTrail has each use. */
  readonly keyId: string;
}

export interface StrictTier {
  /** Whether a strict call may be made as far as sealing goes. */
  checkSealing(): Promise<Result<null, SealingRefusal>>;
  /** The envelope of an intent whose line has this leaf hash (hex). Never rejects. */
  sign(intent: Intent, leaf: string): Promise<Result<string, UpstreamFailure>>;
  /** Puts an envelope into the locked bucket; durable and locked when it says so. Never rejects. */
  lock(callId: string, envelope: string): Promise<Result<null, UpstreamFailure>>;
}

type StrictPorts = Pick<
  McpPorts,
  'config' | 'intentSigner' | 'lockedIntents' | 'sealedUntil' | 'clock' | 'diagnostics'
>;

export const makeStrictTier = (ports: StrictPorts): StrictTier => ({
  checkSealing: makeSealingCheck(ports),
  sign: async (intent, leaf) => {
    const { intentSigner, diagnostics } = ports;
    try {
      const payload = intentPayload(strictIntentOf(intent), leaf);
      const signature = await intentSigner.sign(preAuthEncoding(payload));
      return ok(formatEnvelope(payload, intentSigner.keyId, signature));
    } catch (cause) {
      diagnostics.error(`The intent of strict call ${intent.callId} was not signed`, cause);
      return err({ reason: 'intent_not_signed' });
    }
  },
  lock: async (callId, envelope) => {
    const { lockedIntents, diagnostics } = ports;
    try {
      const put = await lockedIntents.putOnce(intentName(callId), Buffer.from(envelope, 'utf8'));
      // Most likely our own first attempt, whose answer was lost. It cannot be read back to make sure, so: no call.
      return put === 'written' ? ok(null) : err({ reason: 'intent_not_locked', detail: 'exists' });
    } catch (cause) {
      diagnostics.error(`The intent of strict call ${callId} was not put into the locked bucket`, cause);
      return err({ reason: 'intent_not_locked', detail: 'unavailable' });
    }
  },
});

/**
 * The time up to which the log is sealed only moves on. One that was read before is therefore a lower bound for ever, and
 * is read again only when it no longer suffices: a warm process asks once per limit, and at every call while sealing lags.
 */
const makeSealingCheck = ({ config, sealedUntil, clock, diagnostics }: StrictPorts): StrictTier['checkSealing'] => {
  const { strictLagSeconds } = config.sealing;
  let known: number | undefined;
  return async () => {
    if (known !== undefined && checkSealingLag(known, clock.now(), strictLagSeconds).ok) return ok(null);
    try {
      known = await sealedUntil();
    } catch (cause) {
      diagnostics.error('It cannot be read how far the log is sealed', cause);
      return err({ reason: 'sealing_unknown', detail: 'unreadable' });
    }
    return checkSealingLag(known, clock.now(), strictLagSeconds);
  };
};
