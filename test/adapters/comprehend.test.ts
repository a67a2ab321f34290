// The adapter on the loopback's Comprehend, and on failures that no loopback has.

import {
  ComprehendClient,
  DetectPiiEntitiesCommand,
  InternalServerException,
  InvalidRequestException,
} from '@aws-sdk/client-comprehend';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { AWS_CLIENT_OPTIONS } from '../../lambdas/adapters/aws-client-options.ts';
import { makeDetectEntities } from '../../lambdas/adapters/comprehend.ts';
import { clientOptions, NOBODY, useAws } from './aws.ts';
import { listen } from './loopback.ts';

const aws = useAws();
const said: string[] = [];
const report = (message: string, cause: unknown) => void said.push(message, String(cause));
const over = (client: ComprehendClient) => makeDetectEntities(client, report);
const named = (name: string) => Object.assign(new Error('quotes Jane Doe'), { name });

afterEach(() => void said.splice(0));

describe('makeDetectEntities', () => {
  it('asks in the language it is told, and gives what was found as the service says it', async () => {
    const detect = over(new ComprehendClient(clientOptions(aws().endpoint)));
    const type = 'NAME';
    expect(await detect('Hola 😀 Lucía García', 'es', 5000)).toEqual({
      ok: true,
      value: [{ type, begin: 7, end: 19, score: 0.99 }],
    });
    expect(await detect('nothing of the kind', 'en', 5000)).toEqual({ ok: true, value: [] });
    expect(said).toEqual([]);
  });

  it('says that a text is too long for the service', async () => {
    const detect = over(new ComprehendClient(clientOptions(aws().endpoint)));
    expect(await detect('x'.repeat(100_000), 'en', 5000)).toEqual({ ok: true, value: [] });
    expect(await detect('x'.repeat(100_001), 'en', 5000)).toEqual({ ok: false, error: 'refused' });
    expect(said.join()).toContain('TextSizeLimitExceededException');
  });

  const fields = { $metadata: {}, message: 'quotes Jane Doe' };
  it.each([
    ['throttled', named('ThrottlingException')],
    ['throttled', named('TooManyRequestsException')],
    ['timeout', named('TimeoutError')],
    ['refused', new InvalidRequestException(fields)],
    ['unreachable', new InternalServerException(fields)],
    ['unreachable', new Error('quotes Jane Doe')],
  ])('says %s for %s, and logs no word of the message', async (fault, cause) => {
    const mock = mockClient(ComprehendClient).on(DetectPiiEntitiesCommand).rejects(cause);
    expect(await over(new ComprehendClient(NOBODY))('Jane Doe called', 'en', 5000)).toEqual({
      ok: false,
      error: fault,
    });
    expect(said.join()).toContain(cause.name);
    expect(said.join()).not.toContain('Jane');
    mock.restore();
  });

  it('says that nobody listens', async () => {
    expect(await over(new ComprehendClient(NOBODY))('Jane Doe', 'en', 5000)).toEqual({
      ok: false,
      error: 'unreachable',
    });
  });

  it('takes no answer without entities, and lets no half of one pass for a whole', async () => {
    const mock = mockClient(ComprehendClient);
    mock
      .on(DetectPiiEntitiesCommand)
      .resolvesOnce({})
      .resolves({ Entities: [{ Type: 'NAME' }] });
    const detect = over(new ComprehendClient(NOBODY));
    expect(await detect('Jane Doe', 'en', 5000)).toEqual({ ok: false, error: 'malformed' });
    const value = [{ type: 'NAME', begin: -1, end: -1, score: -1 }];
    expect(await detect('Jane Doe', 'en', 5000)).toEqual({ ok: true, value });
    mock.restore();
  });

  it('waits no longer than it was told, however many attempts there are', async () => {
    const silent = await listen(() => undefined);
    const client = new ComprehendClient({ ...clientOptions(silent.url), ...AWS_CLIENT_OPTIONS });
    const started = Date.now();
    expect(await over(client)('Jane Doe', 'en', 300)).toEqual({ ok: false, error: 'timeout' });
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('tries a throttled request again, three times in all, and not for longer than it was told', async () => {
    const busy = await listen((response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' }));
    });
    const client = new ComprehendClient({ ...clientOptions(busy.url), ...AWS_CLIENT_OPTIONS });
    expect(await over(client)('Jane Doe', 'en', 20_000)).toEqual({ ok: false, error: 'throttled' });
    expect(busy.asked).toHaveLength(3);
  });
});
