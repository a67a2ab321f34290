// https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectPiiEntities.html

import { DetectPiiEntitiesCommand, type LanguageCode } from '@aws-sdk/client-comprehend';
import { describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { useTarget } from './target.ts';

const target = useTarget();
const detect = async (Text: string, LanguageCode: LanguageCode = 'en') =>
  (await target().comprehend.send(new DetectPiiEntitiesCommand({ Text, LanguageCode }))).Entities ?? [];

/** What was found, cut out of the text by code points. */
const found = async (text: string, language: LanguageCode = 'en') => {
  const points = [...text];
  return (await detect(text, language)).map(({ Type, BeginOffset, EndOffset }) => [
    Type,
    points.slice(BeginOffset, EndOffset).join(''),
  ]);
};

describe('personal data in text', () => {
  contractCase('comprehend-found', 'is found by type', async () => {
    const text = 'Jane Smith wrote from 123 Any Street, Seattle, WA 98109. Write to jane@example.com please.';
    const types = (await found(text)).map(([type]) => type);
    expect(types).toEqual(['NAME', 'ADDRESS', 'EMAIL']);
  });

  contractCase('comprehend-points', 'is told in code points, with an end behind it', async () => {
    expect(await found('😀😀 My name is Jane Smith and I called.')).toContainEqual(['NAME', 'Jane Smith']);
  });

  contractCase('comprehend-combining', 'is told in code points, not in what looks like one', async () => {
    expect(await found('Caf\u0065\u0301 visit: my name is Jane Smith.')).toContainEqual(['NAME', 'Jane Smith']);
  });

  contractCase('comprehend-score', 'comes with a score from 0 to 1', async () => {
    for (const { Score } of await detect('My name is Jane Smith.')) expect(Score).toSatisfy((n) => n > 0 && n <= 1);
  });

  contractCase('comprehend-spanish', 'is found in Spanish', async () => {
    expect(await found('Me llamo María García.', 'es')).toContainEqual(['NAME', 'María García']);
  });

  contractCase('comprehend-nothing', 'need not be there', async () => {
    expect(await detect('The invoice is due.')).toEqual([]);
  });
});

describe('a request', () => {
  contractCase('comprehend-size', 'takes 100,000 bytes of UTF-8 and no more', async () => {
    expect(await detect(`${'é'.repeat(49_999)} a`)).toEqual([]);
    expect(await refusal(detect(`${'é'.repeat(49_999)} ab`))).toBe('TextSizeLimitExceededException');
  });

  contractCase('comprehend-language', 'is refused in a language without a model for it', async () => {
    expect(await refusal(detect('Ich heiße Jane Smith.', 'de'))).toBe('UnsupportedLanguageException');
  });
});
