// One behaviour of AWS that the product relies on. A case that a target is known to fail is listed, with the reason,
// in differences.ts; it then must fail, so that the list cannot outlive the difference.

import { expect, it } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { TARGET_NAME } from './target.ts';

/** Registers a case under an id that differences.ts can name. */
export const contractCase = (id: string, behaviour: string, run: () => Promise<void>): void => {
  const reason = DIFFERENCES[TARGET_NAME]?.[id];
  if (reason === undefined) {
    it(`${behaviour} [${id}]`, run);
    return;
  }
  it(`${behaviour} [${id}], which ${TARGET_NAME} is known not to do: ${reason}`, async () => {
    const outcome = await run().then(
      () => 'like AWS',
      () => 'different',
    );
    expect(outcome, `${id} no longer differs on ${TARGET_NAME}: remove it from differences.ts`).toBe('different');
  });
};

/** The name of the error a call is refused with; fails when the call is accepted. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  const error = await refusalError(call);
  return error.name;
};

/** The error a call is refused with; fails when the call is accepted. */
export const refusalError = async (
  call: Promise<unknown>,
): Promise<Error & { readonly $metadata?: { readonly httpStatusCode?: number } }> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error('The call was accepted, where AWS refuses it');
};
