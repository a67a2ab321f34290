import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeDiagnostics } from '../../lambdas/adapters/diagnostics.ts';

afterEach(() => vi.restoreAllMocks());

/** What one error report writes, as CloudWatch gets it. */
const logged = (cause: unknown): { text: string; line: Record<string, unknown> } => {
  const written: string[] = [];
  const capture = (...args: unknown[]) => void written.push(args.join(' '));
  for (const level of ['error', 'warn', 'info', 'log'] as const) vi.spyOn(console, level).mockImplementation(capture);
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  vi.stubEnv('POWERTOOLS_DEV', 'true'); // Powertools then writes to the global console, which the test can read
  makeDiagnostics('mcp').error('It failed', cause);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  const text = written.join('');
  return { text, line: JSON.parse(text) };
};

describe('makeDiagnostics', () => {
  it('writes the message and the chain of causes: name, code and message of each', () => {
    const cause = Object.assign(
      new Error('outer', { cause: Object.assign(new TypeError('inner'), { code: 'EPIPE' }) }),
      {
        code: 'X',
      },
    );
    const { line } = logged(cause);
    expect(line).toMatchObject({
      level: 'ERROR',
      message: 'It failed',
      service: 'mcp',
      causes: [
        { name: 'Error', code: 'X', message: 'outer' },
        { name: 'TypeError', code: 'EPIPE', message: 'inner' },
      ],
    });
  });

  it('writes nothing else that an error carries', () => {
    const error = Object.assign(new Error('m'), {
      event: 'SECRET',
      request: { headers: 'SECRET' },
      $response: 'SECRET',
    });
    const { text, line } = logged(error);
    expect(text).not.toContain('SECRET');
    expect(line['causes']).toEqual([{ name: 'Error', message: 'm' }]);
  });

  it.each([[{ headers: { authorization: 'SECRET' } }], ['SECRET'], [undefined]])('writes nothing of %j', (cause) => {
    const { text, line } = logged(cause);
    expect(text).not.toContain('SECRET');
    expect(line['causes']).toEqual([]);
  });

  it('stops in a chain without end', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(logged(error).line['causes']).toHaveLength(4);
  });
});
