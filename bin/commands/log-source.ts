// A copy of a log, wherever it lies: a folder, a zip archive, or a prefix in S3. Only the last one loads AWS code.

import { stat } from 'node:fs/promises';
import type { LogFiles } from '../../lambdas/core/ledger/verify/inventory.ts';
import { CliError } from './cli-error.ts';
import { openFolder } from './log-folder.ts';
import { openZip } from './log-zip.ts';

export interface LogSource extends LogFiles {
  close(): Promise<void>;
}

const S3_SCHEME = 's3://';

export const openSource = async (source: string): Promise<LogSource> => {
  if (source.startsWith(S3_SCHEME)) return (await import('./log-s3.ts')).openPrefix(source);
  const found = await stat(source).catch(() => undefined);
  if (found?.isFile() === true) return openZip(source);
  if (found?.isDirectory() === true) return { ...(await openFolder(source)), close: () => Promise.resolve() };
  throw new CliError(`${source} is neither a folder nor a zip file that can be read; in S3 it is s3://bucket/prefix`);
};
