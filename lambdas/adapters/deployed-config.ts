// The deployed configuration: JSON that lib/config.ts validated at synth, accepted only if its digest is the one the
// stack was deployed with. A file that was swapped or cut short stops the function at cold start.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GatewayConfig } from '../gateway-config.ts';

export class ConfigError extends Error {
  readonly code = 'CONFIG_DIGEST_MISMATCH';
}

/** Reads the file (relative to `root`) and checks it against `sha256:<hex>` of its exact bytes. */
export const loadConfig = <Config = GatewayConfig>(file: string, root: string, digest: string): Config => {
  const bytes = readFileSync(resolve(root, file));
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== digest) {
    throw new ConfigError(
      `Configuration ${file} has digest ${found}, the stack was deployed with ${digest}; deploy again`,
    );
  }
  return JSON.parse(bytes.toString('utf8')) as Config;
};

/** `sha256:<hex>` of the code that runs, as every entry carries it. */
export const codeDigest = (file: string): string =>
  `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
