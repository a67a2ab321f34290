// Why a sealer stops. Entries wait in the table meanwhile, and an alarm says so.

export class SealerError extends Error {
  readonly code: 'KEY_UNUSABLE' | 'KEY_UNAVAILABLE' | 'KEY_UNKNOWN' | 'LOG_BROKEN';

  constructor(code: SealerError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
