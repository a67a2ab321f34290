// Text of any UTF-16 code units, control characters and halves of surrogate pairs included. (fast-check's own `binary`
// and `grapheme` units spend a second on their tables.)

import fc from 'fast-check';

const unit = fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff }), fc.constantFrom(0xd83d, 0xde00, 0x2028, 0xfeff));

/** Any text at all. */
export const anyText = fc.array(unit, { maxLength: 12 }).map((codes) => String.fromCharCode(...codes));

/** Any text that has a UTF-8 form. */
export const wellFormedText = anyText.map((text) => text.toWellFormed());
