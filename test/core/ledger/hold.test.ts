import { describe, expect, it } from 'vitest';
import type { Hold } from '../../../lambdas/core/ledger/entry.ts';
import { describeObjects, heldInSegment, holdsInForce } from '../../../lambdas/core/ledger/hold.ts';
import { intentName } from '../../../lambdas/core/ledger/log-layout.ts';
import { ORIGIN } from '../../support/sealed-entries.ts';
import { sealedLog } from '../../support/sealed-log.ts';

const log = sealedLog({ sessions: 2, callsPerSession: 12 });
const lines = log.entries.map(({ line }) => line);
const sidOf = (at: number): string => {
  const sids = log.entries.flatMap(({ entry }) => ('sid' in entry ? [entry.sid] : []));
  return [...new Set(sids)][at] ?? '';
};

describe('heldInSegment', () => {
  it('finds a session’s entries, its own bodies and its signed intents, and no other’s', () => {
    const [first, second] = [heldInSegment(lines, sidOf(0), ORIGIN), heldInSegment(lines, sidOf(1), ORIGIN)];
    expect(first).toMatchObject({ touched: true, opens: true, closes: true });
    const ofFirst = log.entries.filter(({ entry }) => 'sid' in entry && entry.sid === sidOf(0));
    const bodies = ofFirst.flatMap(({ body }) => (body?.at === 'object' ? [`body/${body.ct.slice(7)}`] : []));
    const intents = ofFirst.flatMap(({ entry }) =>
      entry.type === 'call.intent' && entry.strict === true ? [intentName(entry.callId)] : [],
    );
    expect(bodies.length).toBeGreaterThan(0);
    expect(intents.length).toBeGreaterThan(0);
    expect([...first.objects].sort()).toEqual([...bodies, ...intents].sort());
    expect(first.objects.filter((name) => second.objects.includes(name))).toEqual([]);
  });

  it('sees where a session is still open', () => {
    const open = log.entries.filter(({ entry }) => entry.type !== 'session.close').map(({ line }) => line);
    expect(heldInSegment(open, sidOf(0), ORIGIN)).toMatchObject({ touched: true, opens: true, closes: false });
  });

  it('is not taken in by a session id in another entry’s text', () => {
    const heartbeat = log.entries.find(({ entry }) => entry.type === 'heartbeat')?.line ?? '';
    const quoting = heartbeat.replace('"sealed":"0"', `"sealed":"${sidOf(0)}"`);
    expect(heldInSegment([quoting], sidOf(0), ORIGIN)).toEqual({
      touched: false,
      opens: false,
      closes: false,
      objects: [],
    });
  });
});

const hold = (type: Hold['type'], sid: string): Hold => ({ type, sid }) as Hold;

describe('holdsInForce', () => {
  it('is what was placed and not released since', () => {
    const entries = [
      hold('hold.placed', 'a'),
      hold('hold.placed', 'b'),
      hold('hold.released', 'a'),
      hold('hold.placed', 'c'),
      hold('hold.released', 'c'),
      hold('hold.placed', 'c'),
    ];
    expect([...holdsInForce(entries).keys()]).toEqual(['b', 'c']);
  });
});

describe('describeObjects', () => {
  it('says the same of the same objects in any order, and another of others', () => {
    expect(describeObjects(['seg/b', 'seg/a'])).toEqual(describeObjects(['seg/a', 'seg/b']));
    expect(describeObjects(['seg/a']).names).not.toBe(describeObjects(['seg/b']).names);
    expect(describeObjects(['seg/a', 'seg/b']).objects).toBe('2');
  });
});
