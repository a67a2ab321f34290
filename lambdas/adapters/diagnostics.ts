// CloudWatch diagnostics by Powertools. An allow-list: a message of ours, and of an error its name, code and message.
// Never an event, a header, a body or a claim; the evidence is in the ledger, not here.

import { Logger } from '@aws-lambda-powertools/logger';

export interface Diagnostics {
  error(message: string, cause: unknown): void;
}

const MAX_CAUSES = 4;

const describe = (cause: unknown): readonly Record<string, unknown>[] => {
  const chain: Record<string, unknown>[] = [];
  for (let next = cause; next instanceof Error && chain.length < MAX_CAUSES; next = next.cause) {
    chain.push({ name: next.name, code: 'code' in next ? next.code : undefined, message: next.message });
  }
  return chain;
};

export const makeDiagnostics = (serviceName: string): Diagnostics => {
  const logger = new Logger({ serviceName });
  return {
    error: (message, cause) => logger.error(message, { causes: describe(cause) }),
  };
};
