// How long an AWS call may take. The SDK's own default is to wait for ever; a ledger that hangs must become a refusal
// while the client is still there to hear it.

/** For every SDK client of a request: at most three attempts, each bounded; all of them fit the authorizer’s 20 s. */
export const AWS_CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
} as const;
