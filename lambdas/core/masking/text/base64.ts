// Text inside base64: found by decoding its first bytes, which in most long tokens are no text. RFC 4648, both alphabets.
// Pure.

const NOT_BASE64 = 255;
const VALUES = new Uint8Array(128).fill(NOT_BASE64);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((char, value) => {
  VALUES[char.charCodeAt(0)] = value;
});
VALUES[0x2d] = 62;
VALUES[0x5f] = 63;

/** How many characters tell text from chance: their nine bytes are text by chance once in hundreds of times. */
const LOOK = 12;

/** Whether the token `[start, end)` may be text in base64. */
export const looksEncoded = (text: string, start: number, end: number): boolean => {
  const last = Math.min(end, start + LOOK) - 4;
  // How many bytes of a UTF-8 sequence are still to come.
  let due = 0;
  for (let at = start; at <= last; at += 4) {
    const quad = quadAt(text, at);
    if (quad === -1) return false;
    for (let shift = 16; shift >= 0; shift -= 8) {
      due = afterByte((quad >> shift) & 255, due);
      if (due === -1) return false;
    }
  }
  return true;
};

/** Continuation bytes that are due after this byte; -1 when it is no text. RFC 3629. */
const afterByte = (byte: number, due: number): number => {
  if (due > 0) return byte >= 0x80 && byte < 0xc0 ? due - 1 : -1;
  if (byte < 0x80) return IS_TEXT[byte] === 1 ? 0 : -1;
  if (byte < 0xc2 || byte > 0xf4) return -1;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
};

const IS_TEXT = Uint8Array.from({ length: 128 }, (_, byte) =>
  (byte >= 0x20 && byte !== 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09 ? 1 : 0,
);

const quadAt = (text: string, at: number): number => {
  let quad = 0;
  for (let index = 0; index < 4; index += 1) {
    const value = VALUES[text.charCodeAt(at + index) & 127] ?? NOT_BASE64;
    if (value === NOT_BASE64) return -1;
    quad = (quad << 6) | value;
  }
  return quad;
};

/** The text that a token encodes; `undefined` when it encodes none. */
export const decodeToken = (token: string): string | undefined => {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64');
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells bytes from text
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
};
