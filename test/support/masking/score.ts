// Precision and recall of each detector over the corpus: a value counts as found when a finding of its own kind holds all of
// it, and a finding counts as right when it lies within a value of its kind.

import { compile } from '../../../lambdas/core/masking/compile.ts';
import { DETECTOR_IDS, type DetectorId, isDetectorId } from '../../../lambdas/core/masking/detectors/catalog.ts';
import type { MaskContext, Masker } from '../../../lambdas/core/masking/masker.ts';
import { PACKS } from '../../../lambdas/core/masking/packs.ts';
import { normalValue } from '../../../lambdas/core/masking/plan.ts';
import { NO_RULES, PACK_NAMES, type Rule } from '../../../lambdas/core/masking/rules.ts';
import type { Document } from './corpus.ts';

/** Detectors alone: rules by field name would find labelled values without them. */
const detectorsOnly = (rules: readonly Rule[]): readonly Rule[] => rules.filter((rule) => 'detectors' in rule);

const detectorsMasker = (): Masker => {
  const packs = {
    'us-bank': detectorsOnly(PACKS['us-bank']),
    'eu-bank': detectorsOnly(PACKS['eu-bank']),
    secrets: detectorsOnly(PACKS.secrets),
  };
  const compiled = compile({ ...NO_RULES, packs: PACK_NAMES }, packs);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
};

const CONTEXT: MaskContext = { server: 'core', tool: null, groups: [], tokenKey: Buffer.alloc(32, 7) };

export interface Score {
  found: number;
  missed: number;
  wrong: number;
}

export interface Miss {
  readonly kind: 'missed' | 'wrong';
  readonly detector: DetectorId;
  readonly text: string;
  readonly value: string;
}

export const recall = ({ found, missed }: Score): number => found / (found + missed);
export const precision = ({ found, wrong }: Score): number => found / (found + wrong);

export const scoreCorpus = (documents: readonly Document[]): { scores: Record<DetectorId, Score>; misses: Miss[] } => {
  const masker = detectorsMasker();
  const scores = Object.fromEntries(DETECTOR_IDS.map((id) => [id, { found: 0, missed: 0, wrong: 0 }])) as Record<
    DetectorId,
    Score
  >;
  const misses: Miss[] = [];
  for (const { text, detector, value } of documents) {
    const masked = masker.maskText(text, CONTEXT);
    if (!masked.ok) throw new Error(`${masked.error.reason}: ${text}`);
    const wanted = value === null ? '' : normalValue(value);
    const right = masked.value.findings.filter(
      (finding) => finding.kind === detector && touches(normalValue(finding.value), wanted),
    );
    const isFound = right.some((finding) => normalValue(finding.value).includes(wanted));
    if (detector !== null) {
      scores[detector][isFound ? 'found' : 'missed'] += 1;
      if (!isFound) misses.push({ kind: 'missed', detector, text, value: value ?? '' });
    }
    for (const finding of masked.value.findings) {
      if (right.includes(finding) || !isDetectorId(finding.kind)) continue;
      scores[finding.kind].wrong += 1;
      misses.push({ kind: 'wrong', detector: finding.kind, text, value: finding.value });
    }
  }
  return { scores, misses };
};

const touches = (found: string, wanted: string): boolean => found.includes(wanted) || wanted.includes(found);
