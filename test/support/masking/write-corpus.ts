// Writes the corpus where people can read it: `npx node test/support/masking/write-corpus.ts`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writtenCorpus } from './corpus.ts';

writeFileSync(join(import.meta.dirname, '../../fixtures/masking/corpus.jsonl'), writtenCorpus());
