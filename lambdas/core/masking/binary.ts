// Images, sounds and blobs: nobody can tell what they show, so a rule says whether they pass. Text that comes as a blob is
// text. Pure.

import type { Edit } from './edit.ts';
import { type JsonNode, member, STRING, stringText } from './json/nodes.ts';
import { quoted } from './json/string-edits.ts';
import type { Place } from './place.ts';
import type { BinaryAction } from './rules.ts';
import { decodeToken } from './text/base64.ts';
import { Withholding } from './withheld.ts';

/** The text that base64 holds, in `data` or `blob`; `undefined` for real bytes. */
export const textOfBinary = (base64: string): string | undefined => decodeToken(base64.replace(/\s/g, ''));

/** What happens to bytes: `undefined` to let them pass. */
export const binaryEdit = (text: string, place: Place, action: BinaryAction): Edit | undefined => {
  if (action === 'pass') return undefined;
  if (action === 'refuse') throw new Withholding({ reason: 'binary_refused', path: place.path });
  const block = place.parent?.node;
  if (block === undefined) throw new Withholding({ reason: 'binary_refused', path: place.path });
  return place.step === 'blob' ? dropBlob(text, block) : dropBlock(text, block);
};

const NOTE = '‹binary dropped›';

/** A content block becomes a block of text that says what it was. */
const dropBlock = (text: string, block: JsonNode): Edit => {
  const type = member(text, block, 'type');
  const what = type?.kind === STRING ? stringText(text, type) : 'binary';
  const note = what === 'image' || what === 'audio' ? `‹${what} dropped›` : NOTE;
  return { start: block.start, end: block.end, text: `{"type":"text","text":"${note}"}`, findings: [] };
};

/** A resource keeps its URI and gets a text in the place of its bytes. */
const dropBlob = (text: string, resource: JsonNode): Edit => {
  const blob = member(text, resource, 'blob');
  if (blob === undefined) throw new Error('a blob without its member');
  return { start: blob.keyStart, end: blob.end, text: `"text":"${quoted(NOTE)}"`, findings: [] };
};
