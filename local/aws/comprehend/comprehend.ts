// The loopback Amazon Comprehend: DetectPiiEntities, with the limits of the real one. What it finds is a stand-in's.

import { z } from 'zod';
import { jsonService, operation } from '../json-protocol.ts';
import { AwsError, type AwsService } from '../wire.ts';
import { findPii } from './finder.ts';

/** The service's 100 KB. */
const MAX_BYTES = 100_000;
/** Languages that the API names; personal data is found in the first two. */
const LANGUAGES = ['en', 'es', 'fr', 'de', 'it', 'pt', 'ar', 'hi', 'ja', 'ko', 'zh', 'zh-TW'] as const;

const input = z.object({ Text: z.string().min(1), LanguageCode: z.enum(LANGUAGES) });

const detectPiiEntities = operation(input, ({ Text, LanguageCode }) => {
  if (LanguageCode !== 'en' && LanguageCode !== 'es')
    throw new AwsError('UnsupportedLanguageException', `Input language is not supported: ${LanguageCode}`);
  const size = Buffer.byteLength(Text);
  if (size > MAX_BYTES)
    throw new AwsError(
      'TextSizeLimitExceededException',
      `Input text size exceeds limit. Max length of request text allowed is ${MAX_BYTES} bytes while in this request the text size is ${size} bytes`,
    );
  return { Entities: findPii(Text) };
});

export const openComprehend = (): AwsService => jsonService('1.1', { DetectPiiEntities: detectPiiEntities });
